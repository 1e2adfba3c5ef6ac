// Operators whose weights were given up once they were packed: the same results as with weights that are given anew
// for each run, and the weights themselves can still be had.
#include <octet/exec/packed_constants.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include <octet/exec/session.hpp>

using namespace octet;

namespace {

std::mt19937 random_bits{3};

tensor floats(shape const& dims) {
  std::vector<float> v(static_cast<std::size_t>(dims.size()));
  for (auto& x : v) x = std::normal_distribution<float>(0, 0.2f)(random_bits);
  return tensor::of<float>(dims, v);
}
template <class T>
tensor codes(shape const& dims) {
  std::vector<T> v(static_cast<std::size_t>(dims.size()));
  for (auto& x : v) x = static_cast<T>(random_bits());
  return tensor::of<T>(dims, v);
}
tensor real(float x) { return tensor::scalar(x); }
tensor zero_u8(std::uint8_t x) { return tensor::scalar(x); }
tensor zero_s8() { return tensor::scalar(std::int8_t{0}); }

struct one_node {
  std::string op, domain{};
  std::vector<tensor> inputs{};
  std::vector<std::size_t> weights{};  ///< which of them are constants that are packed
  std::vector<attribute> attributes{};
};

/// The node's first output with all inputs but the first constant, or all of them given.
tensor result(one_node const& n, bool constant, std::vector<tensor>* fetched = nullptr) {
  model m;
  m.import_opset("", 17), m.import_opset("com.microsoft", 1);
  auto& g = m.main;
  std::vector<value_id> in;
  feed given;
  for (std::size_t i = 0; i < n.inputs.size(); ++i) {
    auto const& t = n.inputs[i];
    auto const name = "i" + std::to_string(i);
    if (!t) in.push_back(value_id::none);
    else if (constant && i != 0) in.push_back(g.add_initializer(name, t));
    else in.push_back(g.add_input(name, tensor_type(t.type(), t.dims()))), given[name] = t;
  }
  g.add_node(n.op, in, {"y"}, n.attributes, n.domain);
  g.outputs = {g.find("y")};
  session s{m};
  s.run(given);
  auto const y = s.run(given).at("y");
  for (auto const w : n.weights)
    if (fetched != nullptr) {
      auto const name = "i" + std::to_string(w);
      fetched->push_back(s.run(given, std::vector<std::string>{name}).at(name));
    }
  auto const again = s.run(given).at("y");
  CHECK(std::equal(y.bytes().begin(), y.bytes().end(), again.bytes().begin(), again.bytes().end()));
  return y;
}

double worst(tensor const& a, tensor const& b) {
  double most = 0;
  for (std::size_t i = 0; i < std::size_t(a.size()); ++i) {
    auto const x = a.type() == element::f32 ? double(a.as<float>()[i]) : double(a.as<std::uint8_t>()[i]);
    auto const y = a.type() == element::f32 ? double(b.as<float>()[i]) : double(b.as<std::uint8_t>()[i]);
    most = std::max(most, std::fabs(x - y));
  }
  return most;
}

std::vector<one_node> nodes() {
  auto const hidden = attribute{.name = "hidden_size", .value = std::int64_t{64}};
  auto const heads = attribute{.name = "num_heads", .value = std::int64_t{4}};
  auto const a = codes<std::uint8_t>({3, 192}), b = codes<std::int8_t>({192, 96});
  return {
      {"Conv", "", {floats({1, 32, 6, 6}), floats({32, 32, 3, 3}), floats({32})}, {1}},
      {"Conv",
       "",
       {floats({1, 4096, 5, 5}), floats({4096, 1, 3, 3})},
       {1},
       {{.name = "group", .value = std::int64_t{4096}}}},
      {"QLinearConv",
       "",
       {codes<std::uint8_t>({1, 64, 6, 6}), real(0.02f), zero_u8(9), codes<std::int8_t>({64, 64, 3, 3}), real(0.01f),
        zero_s8(), real(0.5f), zero_u8(100)},
       {3}},
      {"MatMul", "", {floats({2, 3, 96}), floats({96, 64})}, {1}},
      {"Gemm",
       "",
       {floats({3, 96}), floats({64, 96}), floats({64})},
       {1},
       {{.name = "transB", .value = std::int64_t{1}}}},
      {"Gemm", "", {floats({3, 96}), floats({96, 64})}, {1}, {{.name = "alpha", .value = 0.5f}}},
      {"QLinearMatMul", "", {a, real(0.02f), zero_u8(9), b, real(0.01f), zero_s8(), real(0.5f), zero_u8(100)}, {3}},
      {"LSTM", "", {floats({5, 2, 32}), floats({1, 256, 32}), floats({1, 256, 64})}, {1, 2}, {hidden}},
      {"GRU", "", {floats({5, 2, 32}), floats({1, 192, 32}), floats({1, 192, 64})}, {1, 2}, {hidden}},
      {"MatMulIntegerToFloat", "com.microsoft", {a, b, real(0.02f), real(0.01f), zero_u8(9)}, {1}},
      {"DynamicQuantizeMatMul", "com.microsoft", {floats({3, 192}), b, real(0.01f)}, {1}},
      {"QGemm", "com.microsoft", {a, real(0.02f), zero_u8(9), b, real(0.01f), zero_s8()}, {3}},
      {"Attention", "com.microsoft", {floats({1, 5, 64}), floats({64, 192}), floats({192})}, {1}, {heads}},
      {"QAttention",
       "com.microsoft",
       {codes<std::uint8_t>({1, 5, 128}), codes<std::int8_t>({128, 384}), floats({384}), real(0.02f), real(0.01f)},
       {1},
       {heads}},
      {"DynamicQuantizeLSTM",
       "com.microsoft",
       {floats({5, 1, 72}),
        codes<std::int8_t>({1, 72, 256}),
        codes<std::int8_t>({1, 64, 256}),
        {},
        {},
        {},
        {},
        {},
        tensor::of<float>({1}, {0.002f}),
        tensor::of<std::int8_t>({1}, {0}),
        tensor::of<float>({1}, {0.002f}),
        tensor::of<std::int8_t>({1}, {0})},
       {1, 2},
       {hidden}},
  };
}

}  // namespace

TEST_CASE("weights given up after packing are not read again, and can be fetched") {
  for (auto const& n : nodes()) {
    CAPTURE(n.op);
    std::vector<tensor> fetched;
    auto const y = result(n, true, &fetched);
    CHECK(worst(y, result(n, false)) <= (y.type() == element::f32 ? 1e-4 : 1));
    for (std::size_t i = 0; i < n.weights.size(); ++i) {
      auto const& w = n.inputs[n.weights[i]];
      REQUIRE(w.bytes().size() >= std::size_t{1} << 14);  // small ones stay
      CHECK(std::equal(w.bytes().begin(), w.bytes().end(), fetched[i].bytes().begin(), fetched[i].bytes().end()));
    }
  }
}

TEST_CASE("what packs and what does not") {
  auto const all = [](std::size_t) { return true; };
  node n;
  n.op = "MatMul";
  CHECK(detail::packs_constant(n, 1, floats({4, 4}), all));
  CHECK(!detail::packs_constant(n, 0, floats({4, 4}), all));
  CHECK(!detail::packs_constant(n, 1, floats({2, 4, 4}), all));
  CHECK(!detail::packs_constant(n, 1, codes<std::uint8_t>({4, 4}), all));
  n.domain = "else";
  CHECK(!detail::packs_constant(n, 1, floats({4, 4}), all));
  n.op = "LSTM", n.domain = "";
  CHECK(!detail::packs_constant(n, 1, floats({1, 4, 4}), [](std::size_t i) { return i != 2; }));
}

TEST_CASE("a stand-in has type and shape, and zeros for bytes") {
  auto const t = detail::stand_in(floats({100, 100}));
  CHECK(t.dims() == shape{100, 100});
  CHECK(t.type() == element::f32);
  CHECK(t.as<float>()[9999] == 0);
}

TEST_CASE("a constant that a function is called with stays for its other readers") {
  model m;
  m.import_opset("", 17), m.import_opset("mine", 1);
  function f{.name = "both", .domain = "mine"};
  f.opsets.push_back({"", 17});
  auto const a = f.body.add_value("a"), b = f.body.add_value("b");
  f.body.inputs = {a, b};
  f.body.add_node("MatMul", {a, b}, {"p"});
  f.body.add_node("ReduceMax", {f.body.find("p")}, {"most"});
  f.body.add_node("Mul", {b, f.body.find("most")}, {"r"});  // needs b as it is, after MatMul has packed it
  f.body.outputs = {f.body.find("r")};
  m.functions.push_back(f);
  auto const w = floats({96, 64});
  std::vector<float> one(96, 0.f);
  one[5] = 1;
  auto& g = m.main;
  g.add_node("both", {g.add_input("x", tensor_type(element::f32, {1, 96})), g.add_initializer("w", w)}, {"y"}, {},
             "mine");
  g.outputs = {g.find("y")};
  session s{m};
  float const most = *std::max_element(w.as<float>().begin() + 5 * 64, w.as<float>().begin() + 6 * 64);
  for (int i = 0; i < 2; ++i) {
    auto const y = s.run({{"x", tensor::of<float>({1, 96}, one)}}).at("y");
    CHECK(double(y.as<float>()[777]) == doctest::Approx(double(w.as<float>()[777] * most)));
  }
}
