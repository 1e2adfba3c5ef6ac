// What the quantizer decides for small models, compared with plans/NAME.txt. The lines with # in front of an expected
// plan say why it is right: whoever changes one checks it by that arithmetic. OCTET_RENEW_GOLDEN=1 in the environment
// writes the files anew and keeps those lines; `git diff tests/golden` then shows what changed.
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include <doctest/doctest.h>

#include <octet/quantize/planner.hpp>
#include <octet/quantize/prepare.hpp>

namespace {

using namespace octet;

/// A model in which everything is called by name, and a range for each activation.
struct golden_model {
  octet::model m{};
  std::map<std::string, range, std::less<>> ranges{};

  explicit golden_model(std::int64_t opset = 17) {
    m.ir_version = 8;
    m.main.name = "golden";
    m.import_opset("", opset);
  }
  golden_model& input(std::string name, shape const& dims, range r) {
    ranges[name] = r;
    m.main.add_input(std::move(name), tensor_type(element::f32, dims));
    return *this;
  }
  /// A weight whose largest elements are `peaks`, one for each slice of its axis 0; the others are zero.
  golden_model& weight(std::string name, shape const& dims, std::vector<float> const& peaks) {
    tensor t{element::f32, dims};
    auto const x = t.mutable_as<float>();
    std::fill(x.begin(), x.end(), 0.f);
    for (std::size_t i = 0; i < peaks.size(); ++i) x[i * x.size() / peaks.size()] = peaks[i];
    m.main.add_initializer(std::move(name), std::move(t));
    return *this;
  }
  golden_model& constant(std::string name, tensor t) {
    m.main.add_initializer(std::move(name), std::move(t));
    return *this;
  }
  golden_model& node(std::string op, std::string name, std::vector<std::string> const& in, std::string const& out,
                     range r, std::vector<attribute> a = {}) {
    std::vector<value_id> ids;
    for (auto const& i : in) ids.push_back(m.main.find(i));
    m.main.add_node(std::move(op), std::move(ids), {out}, std::move(a), {}, std::move(name));
    ranges[out] = r;
    return *this;
  }
  golden_model& output(std::string const& name, shape const& dims) {
    auto const v = m.main.find(name);
    m.main[v].type = tensor_type(element::f32, dims);
    m.main.outputs.push_back(v);
    return *this;
  }
  std::string planned(scheme const& s, quantize_options const& o, mode how = mode::static_ranges) {
    detail::prepare(m, s, o, how);
    return text(make_plan(m, s, o, how,
                          [&](std::string_view name) -> range const* {
                            auto const it = ranges.find(name);
                            return it == ranges.end() ? nullptr : &it->second;
                          }),
                m.main);
  }
};

attribute whole(std::string name, std::int64_t v) { return {.name = std::move(name), .value = v}; }

/// 256 integers of one 64th each, zero in the middle; 255 of them, from zero.
constexpr range around{-2, 127 / 64.f}, above{0, 255 / 64.f};

golden_model residual() {
  golden_model g;
  g.input("x", {1, 2, 4, 4}, around)
      .weight("w1", {2, 2, 1, 1}, {127 / 64.f, -127 / 128.f})
      .constant("b1", tensor::of(shape{2}, std::vector<float>{1, 2}))
      .weight("w2", {2, 2, 1, 1}, {127 / 32.f, 127 / 64.f})
      .node("Conv", "conv1", {"x", "w1", "b1"}, "c1", {-9, 255 / 64.f})
      .node("Relu", "relu1", {"c1"}, "r1", above)
      .node("Conv", "conv2", {"r1", "w2"}, "c2", {-4, 127 / 32.f})
      .node("Add", "join", {"c2", "x"}, "a", {-6, 255 / 32.f})
      .node("Relu", "relu2", {"a"}, "r2", {0, 255 / 32.f})
      .node("GlobalAveragePool", "pool", {"r2"}, "p", above)
      .node("Flatten", "flat", {"p"}, "y", above)
      .output("y", {1, 2});
  return g;
}

golden_model products() {
  golden_model g;
  g.input("x", {3, 2}, around)
      .weight("w", {2, 2}, {127 / 64.f, 127 / 128.f})
      .constant("b", tensor::of(shape{2}, std::vector<float>{0, 255 / 128.f}))
      .weight("v", {2, 2}, {127 / 64.f, 127 / 32.f})
      .constant("c", tensor::of(shape{2}, std::vector<float>{1, -1}))
      .node("MatMul", "project", {"x", "w"}, "m", around)
      .node("Add", "shift", {"m", "b"}, "a", {-4, 127 / 32.f})
      .node("Erf", "erf", {"a"}, "e", {-1, 1})
      .node("Gemm", "head", {"e", "v", "c"}, "y", around, {whole("transB", 1)})
      .output("y", {3, 2});
  return g;
}

golden_model concatenation() {
  golden_model g;
  g.input("x", {1, 4}, {-8, 127 / 16.f})
      .node("Sigmoid", "gate", {"x"}, "s", {0, 255 / 256.f})
      .node("Concat", "both", {"x", "s"}, "k", {-8, 127 / 16.f}, {whole("axis", 1)})
      .constant("shape", tensor::of(shape{2}, std::vector<std::int64_t>{2, 4}))
      .node("Reshape", "fold", {"k", "shape"}, "f", {-5, 5})
      .node("Softmax", "weigh", {"f"}, "y", {0.25f, 0.5f}, {whole("axis", 1)})
      .output("y", {2, 4});
  return g;
}

golden_model three_layers() {
  golden_model g;
  g.input("x", {1, 2}, around);
  for (char const* w : {"w1", "w2", "w3"}) g.weight(w, {2, 2}, {127 / 64.f});
  g.node("MatMul", "first", {"x", "w1"}, "m1", around)
      .node("MatMul", "second", {"m1", "w2"}, "m2", {-4, 127 / 32.f})
      .node("MatMul", "third", {"m2", "w3"}, "y", around)
      .output("y", {1, 2});
  return g;
}

golden_model attention() {
  golden_model g;
  g.input("x", {1, 3, 2}, around)
      .weight("w", {2, 2}, {127 / 64.f, 127 / 128.f})
      .weight("v", {2, 2}, {127 / 64.f})
      .constant("c", tensor::of(shape{2}, std::vector<float>{1, -1}))
      .constant("flat", tensor::of(shape{2}, std::vector<std::int64_t>{3, 2}))
      .node("MatMul", "query", {"x", "w"}, "q", {})
      .node("Transpose", "turn", {"q"}, "t", {}, {{.name = "perm", .value = std::vector<std::int64_t>{0, 2, 1}}})
      .node("MatMul", "scores", {"q", "t"}, "s", {})
      .node("MatMul", "mix", {"s", "q"}, "a", {})
      .node("Reshape", "rows", {"a", "flat"}, "r", {})
      .node("Gemm", "head", {"r", "v", "c"}, "h", {})
      .node("Gemm", "scaled", {"h", "v", "c"}, "y", {}, {{.name = "alpha", .value = 0.5f}})
      .output("y", {3, 2});
  return g;
}

// --- expected files -------------------------------------------------------------------------------------------------
std::vector<std::string> lines(std::string const& s) {
  std::vector<std::string> all;
  std::istringstream in{s};
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

/// What differs, line by line: - expected, + planned.
std::string difference(std::vector<std::string> const& a, std::vector<std::string> const& b) {
  std::vector<std::vector<std::size_t>> common(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (auto i = a.size(); i-- > 0;)
    for (auto j = b.size(); j-- > 0;)
      common[i][j] = a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  std::string s;
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) s += "  " + a[i] + '\n', ++i, ++j;
    else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) s += "- " + a[i++] + '\n';
    else s += "+ " + b[j++] + '\n';
  }
  return s;
}

void expect(std::string const& name, std::string const& planned) {
  auto const* root = std::getenv("OCTET_SOURCE");
  auto const file = (root != nullptr ? root + std::string{"/"} : std::string{}) + "tests/golden/plans/" + name + ".txt";
  std::string reasons, expected;
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) (line.starts_with('#') ? reasons : expected) += line + '\n';
  if (std::getenv("OCTET_RENEW_GOLDEN") != nullptr) {
    std::ofstream{file} << reasons << planned;
    return;
  }
  CHECK_MESSAGE(!reasons.empty(), file << " does not say why it is right");
  bool const same = planned == expected;
  CHECK_MESSAGE(same, file << " expects (-) another plan (+):\n" << difference(lines(expected), lines(planned)));
}

}  // namespace

TEST_CASE("a residual block") {
  expect("residual.qdq.s8s8", residual().planned(s8s8, {}));
  expect("residual.qdq.u8u8.per_channel", residual().planned(u8u8.per_channel(), {}));
  expect("residual.qdq.s8s8.symmetric", residual().planned(s8s8.symmetric(), {}));
  expect("residual.qoperator.u8s8.per_channel", residual().planned(u8s8.per_channel(), {.format = format::qoperator}));
}

TEST_CASE("matrix products with an addition and a bias") {
  expect("products.qdq.u8s8.per_channel", products().planned(u8s8.per_channel(), {}));
  expect("products.qoperator.u8s8.reduced", products().planned(u8s8.reduced(), {.format = format::qoperator}));
}

TEST_CASE("a concatenation of unlike ranges, then operators that share its grid") {
  expect("concatenation.qdq.u8s8", concatenation().planned(u8s8, {.quantize_sensitive = true}));
  auto mixed = quantize_options{.quantize_sensitive = true};
  mixed.overrides["x"].convert = grid_conversion{.type = element::u16, .readers = {"both"}};
  expect("concatenation.qdq.mixed", concatenation().planned(u8s8, mixed));
}

TEST_CASE("a layer that is excluded by name") {
  expect("three_layers.qdq.s8s8.without_second", three_layers().planned(s8s8, {.except = {"sec*"}}));
}

TEST_CASE("dynamic quantization of an attention block") {
  quantize_options o{.format = format::qoperator, .matmul_const_b_only = true};
  expect("attention.integer.s8", attention().planned(u8s8, o, mode::integer));
  expect("attention.integer.u8.per_channel", attention().planned(u8u8.per_channel(), o, mode::integer));
  o.format = format::qdq;
  expect("attention.dynamic_qdq.s8", attention().planned(u8s8, o, mode::dynamic));
}
