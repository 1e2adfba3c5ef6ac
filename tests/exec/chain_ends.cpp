// A chain that ends with a DequantizeLinear gives its bytes their ONNX order before they become floats.
#include <octet/exec/chain_ends.hpp>

#include <exec/ops/chain_model.hpp>
#include <octet/exec/channels_last.hpp>

using namespace chain_model;

namespace {

/// x → QLinearConv (the identity, but for a doubled second channel) → DequantizeLinear → y.
struct bytes_then_floats {
  model m{};
  value_id c, y;

  bytes_then_floats() {
    auto& g = m.main;
    m.import_opset("", 13);
    auto const x = g.add_input("x", tensor_type(element::u8, {1, 2, 2, 3}));
    auto const one = g.add_initializer("one", tensor::of<float>({}, {1.f}));
    auto const zero = g.add_initializer("zero", tensor::of<std::uint8_t>({}, {0}));
    auto const none = g.add_initializer("none", tensor::of<std::int8_t>({}, {0}));
    auto const w = g.add_initializer("w", tensor::of<std::int8_t>({2, 2, 1, 1}, {1, 0, 0, 2}));
    auto const half = g.add_initializer("half", tensor::of<float>({}, {0.5f}));
    auto const three = g.add_initializer("three", tensor::of<std::uint8_t>({}, {3}));
    g.add_node("QLinearConv", {x, one, zero, w, one, none, one, zero}, {"c"});
    c = g.find("c");
    g.add_node("DequantizeLinear", {c, half, three}, {"y"});
    y = g.find("y");
    g.outputs = {y};
  }
  graph made() const {
    graph g = m.main;
    detail::chain_maker{g, 13}.run();
    detail::chain_ends{g}.run();
    return g;
  }
};

}  // namespace

TEST_CASE("bytes change places, not the floats made of them") {
  bytes_then_floats t;
  auto const g = t.made();
  auto const* last = g.producer(g.find("y"));
  REQUIRE(last != nullptr);
  CHECK(last->op == "DequantizeLinear");
  auto const* back = g.producer(last->inputs[0]);
  REQUIRE(back != nullptr);
  CHECK(back->op == "ChannelsFirst");
  CHECK(g.producer(back->inputs[0])->op == "QLinearConv");

  std::vector<std::uint8_t> x;
  for (int i = 0; i < 12; ++i) x.push_back(static_cast<std::uint8_t>(10 * i));
  auto const out = session{t.m}.run({{"x", tensor::of<std::uint8_t>({1, 2, 2, 3}, x)}});
  for (std::size_t i = 0; i < 12; ++i)
    CHECK(out.at("y").as<float>()[i] == 0.5f * static_cast<float>((i < 6 ? 1 : 2) * int(x[i]) - 3));
}

TEST_CASE("floats that a chain reads as well stay in its order") {
  bytes_then_floats t;
  auto& g = t.m.main;
  auto const w = g.add_initializer("w2", tensor::of<float>({1, 2, 1, 1}, {1, 1}));
  g.add_node("Conv", {t.y, w}, {"z"});
  g.outputs.push_back(g.find("z"));
  auto const made = t.made();
  CHECK(made.producer(made.find("y"))->op == "ChannelsFirst");
}
