// A GPT-2-style decoder with past, small enough to be made on the spot. Its blocks are random; its head is fitted to a
// text in closed form (ridge regression from the hidden state to the next character), so that what it writes resembles
// the text.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <string_view>

#include <octet/octet.hpp>

namespace tiny_gpt2 {

using octet::value_id;
using integers = std::vector<std::int64_t>;

/// Tokens: blank, full stop, comma, the letters. Everything else in a text is a blank, and of several only one stays.
inline constexpr std::string_view alphabet = " .,abcdefghijklmnopqrstuvwxyz";
inline constexpr std::int64_t tokens = alphabet.size(), hidden = 192, heads = 4, width = hidden / heads, layers = 2,
                              longest = 256;

inline std::vector<std::int64_t> encode(std::string const& text) {
  std::vector<std::int64_t> ids;
  for (auto const c : text) {
    auto const at = alphabet.find(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    auto const id = at == alphabet.npos ? 0 : static_cast<std::int64_t>(at);
    if (id != 0 || ids.empty() || ids.back() != 0) ids.push_back(id);
  }
  return ids;
}
inline std::string decode(std::vector<std::int64_t> const& ids) {
  std::string text;
  for (auto const i : ids) text += alphabet[static_cast<std::size_t>(i)];
  return text;
}

inline octet::dimension named(char const* symbol) { return std::string{symbol}; }

class builder {
 public:
  octet::model make() {
    m_.ir_version = 8;
    m_.import_opset("", 13);
    g().name = "tiny_gpt2";
    auto const ids = input("input_ids", octet::element::s64, {named("batch"), named("seq")});
    std::vector<value_id> past, present;
    for (int i = 0; i < 2 * layers; ++i)
      past.push_back(input((i % 2 == 0 ? "past_key_" : "past_value_") + std::to_string(i / 2), octet::element::f32,
                           {named("batch"), heads, named("past"), width}));
    auto const before = op("Gather", {op("Shape", {past[0]}), list({2})}),
               count = op("Gather", {op("Shape", {ids}), list({1})});
    end_ = op("Add", {before, count}), begin_ = before;
    auto const positions = op("Slice", {random({longest, hidden}, 0.3f), begin_, end_, list({0})});
    auto x = op("Add", {op("Gather", {random({tokens, hidden}, 1), ids}), positions});
    for (std::size_t i = 0; i < layers; ++i) {
      x = op("Add", {attention(norm(x), past[2 * i], past[2 * i + 1], present), x});
      x = op("Add", {linear(gelu(linear(norm(x), hidden, 4 * hidden)), 4 * hidden, hidden, 0.7f), x});
    }
    x = norm(x);
    g().rename(x, "hidden");
    auto const logits =
        op("MatMul", {x, g().add_initializer("head", octet::tensor{octet::element::f32, {hidden, tokens}})});
    output(logits, "logits", {named("batch"), named("seq"), tokens});
    for (std::size_t i = 0; i < present.size(); ++i)
      output(present[i], (i % 2 == 0 ? "present_key_" : "present_value_") + std::to_string(i / 2),
             {named("batch"), heads, named("total"), width});
    return std::move(m_);
  }

 private:
  octet::graph& g() { return m_.main; }
  value_id input(std::string const& name, octet::element e, std::vector<octet::dimension> dims) {
    octet::value_type t{.element = e};
    t.dims = std::move(dims);
    return g().add_input(name, t);
  }
  void output(value_id v, std::string const& name, std::vector<octet::dimension> dims) {
    g().rename(v, name);
    octet::value_type t{.element = octet::element::f32};
    t.dims = std::move(dims);
    g()[v].type = t;
    g().outputs.push_back(v);
  }
  std::string name(std::string const& of) { return "/" + of + "_" + std::to_string(count_++); }
  value_id op(std::string const& kind, std::vector<value_id> in, std::vector<octet::attribute> attributes = {}) {
    auto const node = name(kind);
    auto const n = g().add_node(kind, std::move(in), {node + "_output_0"}, std::move(attributes), "", node);
    return g()[n].outputs[0];
  }
  value_id constant(octet::tensor t) { return g().add_initializer(name("constant"), std::move(t)); }
  value_id number(float x) { return constant(octet::tensor::scalar(x)); }
  value_id list(integers const& x) { return constant(octet::tensor::of({static_cast<std::int64_t>(x.size())}, x)); }
  value_id random(octet::shape dims, float deviation) {
    octet::tensor t{octet::element::f32, std::move(dims)};
    for (auto& x : t.mutable_as<float>()) {
      float sum = -6;
      for (int i = 0; i < 12; ++i) sum += static_cast<float>(bits_() % 10001) / 10000;
      x = deviation * sum;
    }
    return constant(t);
  }
  value_id linear(value_id x, std::int64_t from, std::int64_t to, float gain = 1) {
    auto const w = random({from, to}, gain / std::sqrt(static_cast<float>(from)));
    return op("Add", {op("MatMul", {x, w}), random({to}, 0.05f)});
  }
  value_id norm(value_id x) {
    octet::attribute const last{.name = "axes", .value = integers{-1}};
    auto const d = op("Sub", {x, op("ReduceMean", {x}, {last})});
    auto const variance = op("ReduceMean", {op("Pow", {d, number(2)})}, {last});
    return op("Div", {d, op("Sqrt", {op("Add", {variance, number(1e-5f)})})});
  }
  value_id gelu(value_id x) {  // GPT-2's, by tanh
    auto const cube = op("Mul", {op("Pow", {x, number(3)}), number(0.044715f)});
    auto const t = op("Tanh", {op("Mul", {op("Add", {x, cube}), number(0.7978845608f)})});
    return op("Mul", {op("Mul", {x, number(0.5f)}), op("Add", {t, number(1)})});
  }
  value_id attention(value_id x, value_id past_key, value_id past_value, std::vector<value_id>& present) {
    auto const split = [&](float gain) {
      auto const y = op("Reshape", {linear(x, hidden, hidden, gain), list({0, 0, heads, width})});
      return op("Transpose", {y}, {{.name = "perm", .value = integers{0, 2, 1, 3}}});
    };
    octet::attribute const rows{.name = "axis", .value = std::int64_t{2}};
    auto const q = split(2), k = op("Concat", {past_key, split(2)}, {rows}),
               v = op("Concat", {past_value, split(1)}, {rows});
    present.push_back(k), present.push_back(v);
    auto const turned = op("Transpose", {k}, {{.name = "perm", .value = integers{0, 1, 3, 2}}});
    auto const scores = op("Div", {op("MatMul", {q, turned}), number(std::sqrt(static_cast<float>(width)))});
    octet::tensor allowed{octet::element::boolean, {longest, longest}};
    for (std::size_t i = 0; i < longest * longest; ++i)
      allowed.mutable_bytes()[i] = std::byte{i % longest <= i / longest};
    auto const lines = op("Slice", {constant(allowed), begin_, end_, list({0})});
    auto const mask = op("Slice", {lines, list({0}), end_, list({1})});
    auto const p =
        op("Softmax", {op("Where", {mask, scores, number(-10000)})}, {{.name = "axis", .value = std::int64_t{-1}}});
    auto const y = op("Transpose", {op("MatMul", {p, v})}, {{.name = "perm", .value = integers{0, 2, 1, 3}}});
    return linear(op("Reshape", {y, list({0, 0, hidden})}), hidden, hidden, 0.5f);
  }

  octet::model m_{};
  std::mt19937 bits_{2};
  value_id begin_{}, end_{};
  int count_ = 0;
};

/// Solves A·X = B for a symmetric positive definite A [n, n] and B [n, k] by Cholesky's decomposition, in place of B.
inline void solve(std::vector<double>& a, std::vector<double>& b, std::size_t n, std::size_t k) {
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = j; i < n; ++i) {
      double sum = a[i * n + j];
      for (std::size_t l = 0; l < j; ++l) sum -= a[i * n + l] * a[j * n + l];
      a[i * n + j] = i == j ? std::sqrt(sum) : sum / a[j * n + j];
    }
  for (std::size_t c = 0; c < k; ++c) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t l = 0; l < i; ++l) b[i * k + c] -= a[i * n + l] * b[l * k + c];
      b[i * k + c] /= a[i * n + i];
    }
    for (std::size_t i = n; i-- > 0;) {
      for (std::size_t l = i + 1; l < n; ++l) b[i * k + c] -= a[l * n + i] * b[l * k + c];
      b[i * k + c] /= a[i * n + i];
    }
  }
}

/// Sets the head of `m` so that its scores come near 1 for the next token of `text` and 0 for others. Rare tokens weigh
/// more, or it would write nothing but blanks.
inline void fit_head(octet::model& m, std::vector<std::int64_t> const& text) {
  constexpr std::size_t n = hidden, k = tokens, chunk = 128;
  std::vector<double> a(n * n), b(n * k);
  for (std::size_t i = 0; i < n; ++i) a[i * n + i] = 0.05;
  std::vector<double> count(k), weight(k);
  for (auto const t : text) ++count[static_cast<std::size_t>(t)];
  for (std::size_t i = 0; i < k; ++i) weight[i] = 1 / std::sqrt(count[i] + 1);
  octet::session s{m};
  std::string const fetch[] = {"hidden"};
  octet::feed in;
  for (auto const v : m.main.inputs) in[m.main[v].name] = octet::tensor{octet::element::f32, {1, heads, 0, width}};
  for (std::size_t from = 0; from + chunk < text.size(); from += chunk / 2) {
    in["input_ids"] = octet::tensor::of<std::int64_t>(
        {1, chunk},
        {text.begin() + static_cast<std::ptrdiff_t>(from), text.begin() + static_cast<std::ptrdiff_t>(from + chunk)});
    auto const out = s.run(in, fetch);
    auto const h = out.at("hidden").as<float>();
    for (std::size_t t = 0; t < chunk; ++t) {
      auto const next = static_cast<std::size_t>(text[from + t + 1]);
      for (std::size_t i = 0; i < n; ++i) {
        double const x = weight[next] * double{h[t * n + i]};
        for (std::size_t j = 0; j < n; ++j) a[i * n + j] += x * double{h[t * n + j]};
        b[i * k + next] += x;
      }
    }
  }
  solve(a, b, n, k);
  octet::tensor head{octet::element::f32, {hidden, tokens}};
  for (std::size_t i = 0; i < n * k; ++i) head.mutable_as<float>()[i] = static_cast<float>(b[i]);
  m.main[m.main.find("head")].initializer->data = head;
}

}  // namespace tiny_gpt2
