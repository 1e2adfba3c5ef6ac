// Which nodes become chains of channels-last tensors, and that every other value can still be had.
#include <octet/exec/channels_last.hpp>

#include <exec/ops/chain_model.hpp>

using namespace chain_model;

namespace {

struct small_chain {
  model m{};
  value_id x, w;

  small_chain() {
    m.import_opset("", 13);
    x = m.main.add_input("x", tensor_type(element::f32, {1, 2, 4, 4}));
    w = m.main.add_initializer("w", tensor::of<float>({2, 2, 1, 1}, {1, 0, 0, -2}));
  }
  value_id add(std::string const& op, std::vector<value_id> in, std::string const& out) {
    m.main.add_node(op, std::move(in), {out});
    return m.main.find(out);
  }
  graph made() const {
    graph g = m.main;
    detail::chain_maker{g, 13}.run();
    return g;
  }
  feed input() const {
    std::vector<float> v(32);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i) - 10;
    return {{"x", tensor::of<float>({1, 2, 4, 4}, v)}};
  }
};

}  // namespace

TEST_CASE("Conv → Relu is one node, and what it hides can be fetched") {
  small_chain c;
  c.m.main.outputs = {c.add("Relu", {c.add("Conv", {c.x, c.w}, "c")}, "y")};
  auto const g = c.made();
  auto const* back = g.producer(g.find("y"));
  REQUIRE(back != nullptr);
  CHECK(back->op == "ChannelsFirst");
  auto const* conv = g.producer(back->inputs[0]);
  CHECK(conv->op == "Conv");
  CHECK(conv->domain == "octet");
  CHECK(conv->get("low", -1.f) == 0);
  CHECK(g.producer(g.find("c"))->domain.empty());
  std::string const both[] = {"c", "y"};
  auto const out = session{c.m}.run(c.input(), both);
  for (std::size_t i = 0; i < 32; ++i) {
    float const x = static_cast<float>(i) - 10, want = i < 16 ? x : -2 * x;
    CHECK(out.at("c").as<float>()[i] == want);
    CHECK(out.at("y").as<float>()[i] == std::max(want, 0.f));
  }
}

TEST_CASE("Conv → x · sigmoid(x) is one node, and what it hides can be fetched") {
  small_chain c;
  auto const first = c.add("Conv", {c.x, c.w}, "c");
  c.m.main.outputs = {c.add("Mul", {first, c.add("Sigmoid", {first}, "s")}, "y")};
  profile seen;
  session run{c.m, {.profile = &seen}};
  auto const y = run.run(c.input()).at("y");
  CHECK(seen.nodes().size() == 3);  // there, the convolution, and back
  std::string const inner[] = {"s", "c"};
  auto const out = run.run(c.input(), inner);
  for (std::size_t i = 0; i < 32; ++i) {
    double const x = double(i) - 10, v = i < 16 ? x : -2 * x, s = 1 / (1 + std::exp(-v));
    CHECK(double(y.as<float>()[i]) == doctest::Approx(v * s).epsilon(1e-5));
    CHECK(double(out.at("s").as<float>()[i]) == doctest::Approx(s).epsilon(1e-5));
    CHECK(double(out.at("c").as<float>()[i]) == v);
  }
}

TEST_CASE("a second reader, an output, computed weights keep nodes apart") {
  small_chain twice;
  auto const c = twice.add("Conv", {twice.x, twice.w}, "c");
  twice.m.main.outputs = {twice.add("Relu", {c}, "y"), c};
  auto const g = twice.made();
  CHECK(g.producer(g.producer(g.find("y"))->inputs[0])->op == "Relu");
  small_chain computed;
  auto const w = computed.add("Add", {computed.w, computed.w}, "w2");
  computed.m.main.outputs = {computed.add("Conv", {computed.x, w}, "c")};
  CHECK(computed.made().producer(computed.m.main.find("c"))->domain.empty());
}

TEST_CASE("element-wise nodes stay in the chain: no transposition between them") {
  small_chain c;
  auto const scale = c.m.main.add_initializer("k", tensor::of<float>({2, 1, 1}, {3, 5}));
  auto const first = c.add("Conv", {c.x, c.w}, "c");
  auto const s = c.add("Sigmoid", {first}, "s");
  auto const p = c.add("Mul", {c.add("Mul", {first, s}, "p"), scale}, "q");
  c.m.main.outputs = {c.add("Conv", {p, c.w}, "y")};
  profile seen;
  session run{c.m, {.profile = &seen}};
  auto const y = run.run(c.input()).at("y");
  int moves = 0;
  for (auto const& n : seen.nodes()) moves += n.op.rfind("octet.Channels", 0) == 0;
  CHECK(moves == 2);
  for (std::size_t i = 0; i < 32; ++i) {
    double const x = double(i) - 10, v = i < 16 ? x : -2 * x, z = v / (1 + std::exp(-v)) * (i < 16 ? 3 : 5);
    CHECK(double(y.as<float>()[i]) == doctest::Approx(i < 16 ? z : -2 * z).epsilon(1e-5));
  }
}

TEST_CASE("an observer sees ONNX's nodes") {
  struct names : observer {
    std::vector<std::string> seen{};
    void see(std::string_view name, tensor const&) override { seen.emplace_back(name); }
  } all;
  small_chain c;
  c.m.main.outputs = {c.add("Relu", {c.add("Conv", {c.x, c.w}, "c")}, "y")};
  session{c.m, {.observer = &all}}.run(c.input());
  CHECK(all.seen == std::vector<std::string>{"x", "c", "y"});
}

TEST_CASE("a constant a channel, also behind a Reshape, becomes the bias") {
  small_chain c;
  auto const k = c.m.main.add_initializer("k", tensor::of<float>({2}, {0.5f, -3})),
             to = c.m.main.add_initializer("to", tensor::of<std::int64_t>({4}, {1, 2, 1, 1}));
  auto const turned = c.add("Reshape", {k, to}, "r");
  c.m.main.outputs = {c.add("Relu", {c.add("Add", {c.add("Conv", {c.x, c.w}, "c"), turned}, "s")}, "y")};
  profile seen;
  session run{c.m, {.profile = &seen}};
  auto const y = run.run(c.input()).at("y");
  CHECK(seen.nodes().size() == 3);  // there, the convolution, and back
  for (std::size_t i = 0; i < 32; ++i) {
    float const x = static_cast<float>(i) - 10, v = i < 16 ? x + 0.5f : -2 * x - 3;
    CHECK(y.as<float>()[i] == std::max(v, 0.f));
  }
}

TEST_CASE("a function of one quantized element runs as a table") {
  model m;
  m.import_opset("", 13);
  auto& g = m.main;
  auto const x = g.add_input("x", tensor_type(element::u8, {256}));
  auto const s = g.add_initializer("s", tensor::scalar(0.02f)),
             z = g.add_initializer("z", tensor::scalar(std::uint8_t{100})),
             t = g.add_initializer("t", tensor::scalar(0.01f));
  g.add_node("DequantizeLinear", {x, s, z}, {"f"});
  g.add_node("Tanh", {g.find("f")}, {"h"});
  g.add_node("QuantizeLinear", {g.find("h"), t, z}, {"y"});
  g.outputs = {g.find("y")};
  std::vector<std::uint8_t> all(256);
  for (std::size_t i = 0; i < 256; ++i) all[i] = static_cast<std::uint8_t>(i);
  profile seen;
  session run{m, {.profile = &seen}};
  feed const in{{"x", tensor::of<std::uint8_t>({256}, all)}};
  run.run(in);
  auto const y = run.run(in).at("y");
  CHECK(seen.nodes().size() == 1);
  for (std::size_t i = 0; i < 256; ++i) {
    double const q = std::tanh((double(i) - 100) * double(0.02f)) / double(0.01f) + 100;
    CHECK(std::fabs(double(y.as<std::uint8_t>()[i]) - std::clamp(q, 0.0, 255.0)) <= 0.5001);
  }
}
