#include <octet/quantize/emit.hpp>

#include <doctest/doctest.h>

#include "quantize/emitted.hpp"

using namespace octet;

TEST_CASE("zero points in the bytes of their type") {
  std::vector<grid> const g{{1, -3, element::s8}, {1, 7, element::s8}};
  auto const t = detail::integers_of(g, {2}, element::s8);
  CHECK(t.as<std::int8_t>()[0] == -3);
  CHECK(t.as<std::int8_t>()[1] == 7);
  CHECK(detail::integers_of({{1, 40000, element::u16}}, {}, element::u16).as<std::uint16_t>()[0] == 40000);
  CHECK(detail::integers_of(g, {2}, element::s4).bytes()[0] == std::byte{0x7d});  // 7 high, −3 low
}

TEST_CASE("scales in the float type of the tensor") {
  std::vector<grid> const g{{0.5f, 0, element::u8}};
  CHECK(detail::scales_of(g, {}, element::f32).as<float>()[0] == 0.5f);
  CHECK(detail::scales_of(g, {}, element::f16).as<std::uint16_t>()[0] == 0x3800);
  CHECK(detail::scales_of(g, {}, element::bf16).as<std::uint16_t>()[0] == 0x3f00);
}

TEST_CASE("A11: a name that a subgraph has is taken as well, since it would hide the new value") {
  test::maker m{"m"};
  graph inner;
  auto const k = inner.add_initializer("w_quantized", tensor::scalar(1.f));
  inner.outputs = {inner[inner.add_node("Identity", {k}, {"x_scale"})].outputs[0]};
  auto const c = m.feed_input("c", tensor::scalar(true));
  m.output(m.op("If", {c}, {{.name = "then_branch", .value = graph_box{inner}}}), 0);
  m.output(m.op("MatMul", {m.input("x", {2, 4}), m.weight("w", {4, 4})}), 2);
  auto const r = test::emit(m.done());
  CHECK(r.m.main.find("w_quantized") == value_id::none);
  CHECK(r.m.main.find("w_quantized_1") != value_id::none);
  CHECK(r.m.main.find("x_scale") == value_id::none);
}

TEST_CASE("B3: operators on integers know float32 scales only, so tensors of float16 are cast on the way") {
  for (auto const kind : {mode::static_ranges, mode::integer}) {
    test::maker m{"m"};
    auto const w = m.g().add_initializer("w", from_f32(test::numbers{3}({4, 4}), element::f16));
    m.output(m.op("MatMul", {m.input("x", {2, 4}), w}), 2);
    auto s = m.done();
    for (auto const* name : {"x", "y0"}) s.model.main[s.model.main.find(name)].type = tensor_type(element::f16, {2, 4});
    quantize_options o;
    o.format = format::qoperator;
    auto r = test::emit(std::move(s), scheme{u8s8}, o, {}, kind);
    auto const& g = r.g();
    CHECK(g.constant(g.find("w_scale"))->type() == element::f32);
    auto const& first = g[g.order[0]];
    CHECK(first.op == "Cast");
    CHECK(g[first.inputs[0]].name == "x");
    auto const* last = g.producer(g.find("y0"));
    CHECK(last->op == "Cast");
    CHECK(last->get<std::int64_t>("to", 0) == 10);
  }
}

TEST_CASE("B14: a node with subgraphs keeps its domain and documentation") {
  test::maker m{"m"};
  graph inner;
  auto const k = inner.add_initializer("k", tensor::scalar(1.f));
  inner.outputs = {inner[inner.add_node("Identity", {k}, {"o"})].outputs[0]};
  auto const t = m.op("MatMul", {m.input("x", {2, 4}), m.weight("w", {4, 4})});
  auto const y = m.op("BeamSearch", {t}, {{.name = "decoder", .value = graph_box{inner}}}, "com.microsoft");
  m.g()[m.g()[y].producer].doc = "what it is";
  m.output(y, 2);
  for (auto const f : {format::qdq, format::qoperator}) {
    auto s = m;
    quantize_options o;
    o.format = f;
    auto const r = test::emit(s.done(), scheme{u8s8}, o);
    auto const* n = r.node_named("BeamSearch_1");
    REQUIRE(n != nullptr);
    CHECK(n->domain == "com.microsoft");
    CHECK(n->doc == "what it is");
    CHECK(n->find("decoder") != nullptr);
  }
}

TEST_CASE("B39: the type of a tensor is what inference says of it, in subgraphs as well") {
  test::maker m{"m"};
  auto const w = m.g().add_initializer("w", from_f32(test::numbers{3}({4, 4}), element::f16));
  auto const t = m.op("MatMul", {m.input("x", {2, 4}), w});
  m.output(t, 2);
  auto s = m.done();
  for (auto const* name : {"x", "y0"}) s.model.main[s.model.main.find(name)].type = tensor_type(element::f16, {2, 4});
  auto const r = test::emit(std::move(s), scheme{u8s8}, test::qoperator_format(), {}, mode::integer);
  for (auto const id : r.m.main.order)
    if (r.m.main[id].op == "Cast")
      CHECK((r.m.main[id].get<std::int64_t>("to", 0) == 1 || r.m.main[id].get<std::int64_t>("to", 0) == 10));
}
