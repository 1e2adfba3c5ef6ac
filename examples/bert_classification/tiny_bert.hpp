// A text classifier in the form in which exporters write BERT, small enough to be made on the spot, and sentences of an
// invented language for it. Its encoder is random; its head is the nearest class mean of what the encoder makes of
// training sentences.
#pragma once

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include <octet/octet.hpp>

namespace tiny_bert {

using octet::value_id;
using integers = std::vector<std::int64_t>;

inline constexpr std::int64_t words = 200, hidden = 96, heads = 4, layers = 2, inner = 384, longest = 32, classes = 6;

/// Sentences of 12 to 31 words, half of which, about, belong to the topic and the others to everyone.
inline octet::feed sentence(int topic, std::mt19937& bits) {
  auto const length = static_cast<std::int64_t>(12 + bits() % 20);
  octet::tensor ids{octet::element::s64, {1, length}}, ones{octet::element::s64, {1, length}},
      zeros{octet::element::s64, {1, length}};
  for (std::size_t i = 0; i < static_cast<std::size_t>(length); ++i) {
    ids.mutable_as<std::int64_t>()[i] = bits() % 2 == 0 ? 80 + topic * 20 + static_cast<int>(bits() % 20) : bits() % 80;
    ones.mutable_as<std::int64_t>()[i] = 1, zeros.mutable_as<std::int64_t>()[i] = 0;
  }
  return {{"input_ids", ids}, {"attention_mask", ones}, {"token_type_ids", zeros}};
}

class builder {
 public:
  octet::model make() {
    m_.ir_version = 8;
    m_.import_opset("", 13);
    g().name = "tiny_bert";
    auto const ids = input("input_ids"), mask = input("attention_mask"), types = input("token_type_ids");
    auto const hide = op("Mul", {op("Sub", {number(1), op("Cast", {op("Unsqueeze", {mask, list({1, 2})})},
                                                          {{.name = "to", .value = std::int64_t{1}}})}),
                                 number(-10000)});
    auto x = embedding(ids, types);
    for (int i = 0; i < layers; ++i) {
      x = norm(op("Add", {attention(x, hide), x}));
      x = norm(op("Add", {linear(gelu(linear(x, hidden, inner)), inner, hidden), x}));
    }
    auto const y =
        op("ReduceMean", {x}, {{.name = "axes", .value = integers{1}}, {.name = "keepdims", .value = std::int64_t{0}}});
    finish(y, "embedding", hidden);
    return std::move(m_);
  }

 private:
  octet::graph& g() { return m_.main; }
  value_id input(std::string const& name) {
    octet::value_type t{.element = octet::element::s64};
    t.dims.emplace({octet::dimension{std::string{"batch"}}, octet::dimension{std::string{"seq"}}});
    return g().add_input(name, t);
  }
  void finish(value_id v, std::string const& name, std::int64_t size) {
    g().rename(v, name);
    octet::value_type t{.element = octet::element::f32};
    t.dims.emplace({octet::dimension{std::string{"batch"}}, octet::dimension{size}});
    g()[v].type = t;
    g().outputs = {v};
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
  value_id random(octet::shape dims, float deviation) {  // as trained weights are: like a bell
    octet::tensor t{octet::element::f32, std::move(dims)};
    for (auto& x : t.mutable_as<float>()) {
      float sum = -6;
      for (int i = 0; i < 12; ++i) sum += static_cast<float>(bits_() % 10001) / 10000;
      x = deviation * sum;
    }
    return constant(t);
  }
  value_id linear(value_id x, std::int64_t from, std::int64_t to) {
    auto const w = random({from, to}, 1 / std::sqrt(static_cast<float>(from))), b = random({to}, 0.05f);
    return op("Add", {op("MatMul", {x, w}), b});
  }
  value_id norm(value_id x) {
    octet::attribute const last{.name = "axes", .value = integers{-1}};
    auto const d = op("Sub", {x, op("ReduceMean", {x}, {last})});
    auto const variance = op("ReduceMean", {op("Pow", {d, number(2)})}, {last});
    auto const y = op("Div", {d, op("Sqrt", {op("Add", {variance, number(1e-12f)})})});
    octet::tensor one{octet::element::f32, {hidden}};
    for (auto& v : one.mutable_as<float>()) v = 1;
    return op("Add", {op("Mul", {y, constant(one)}), random({hidden}, 0.05f)});
  }
  value_id gelu(value_id x) {
    auto const e = op("Erf", {op("Div", {x, number(std::sqrt(2.f))})});
    return op("Mul", {op("Mul", {x, op("Add", {e, number(1)})}), number(0.5f)});
  }
  value_id embedding(value_id ids, value_id types) {
    auto const length = op("Gather", {op("Shape", {ids}), list({1})});
    auto const positions = op("Slice", {random({longest, hidden}, 0.1f), list({0}), length, list({0})});
    auto const word = op("Gather", {random({words, hidden}, 1), ids});
    auto const type = op("Gather", {random({2, hidden}, 0.1f), types});
    return norm(op("Add", {op("Add", {word, type}), positions}));
  }
  value_id attention(value_id x, value_id hide) {
    auto const split = [&](integers const& order) {
      auto const y = op("Reshape", {linear(x, hidden, hidden), list({0, 0, heads, hidden / heads})});
      return op("Transpose", {y}, {{.name = "perm", .value = order}});
    };
    auto const q = split({0, 2, 1, 3}), k = split({0, 2, 3, 1}), v = split({0, 2, 1, 3});
    auto const scores = op("Div", {op("MatMul", {q, k}), number(std::sqrt(static_cast<float>(hidden / heads)))});
    auto const p = op("Softmax", {op("Add", {scores, hide})}, {{.name = "axis", .value = std::int64_t{-1}}});
    auto const y = op("Transpose", {op("MatMul", {p, v})}, {{.name = "perm", .value = integers{0, 2, 1, 3}}});
    return linear(op("Reshape", {y, list({0, 0, hidden})}), hidden, hidden);
  }

  octet::model m_{};
  std::mt19937 bits_{12};
  int count_ = 0;
};

/// Appends the head: scores x·μ − |μ|²/2 for the mean μ of each class, the largest of which is the nearest mean.
inline void add_head(octet::model& m) {
  octet::session encoder{m};
  std::mt19937 bits{34};
  octet::tensor w{octet::element::f32, {hidden, classes}}, b{octet::element::f32, {classes}};
  for (int c = 0; c < classes; ++c) {
    std::array<float, hidden> mean{};
    constexpr int samples = 100;
    for (int k = 0; k < samples; ++k) {
      auto const out = encoder.run(sentence(c, bits));
      for (std::size_t i = 0; i < hidden; ++i) mean[i] += out.at("embedding").as<float>()[i] / samples;
    }
    float square = 0;
    for (std::size_t i = 0; i < hidden; ++i) {
      w.mutable_as<float>()[i * classes + static_cast<std::size_t>(c)] = mean[i];
      square += mean[i] * mean[i];
    }
    b.mutable_as<float>()[static_cast<std::size_t>(c)] = -square / 2;
  }
  auto& g = m.main;
  auto const x = g.outputs[0];
  auto const n = g.add_node("Gemm", {x, g.add_initializer("head.weight", w), g.add_initializer("head.bias", b)},
                            {"logits"}, {}, "", "/head/Gemm");
  octet::value_type t{.element = octet::element::f32};
  t.dims.emplace({octet::dimension{std::string{"batch"}}, octet::dimension{classes}});
  g[g[n].outputs[0]].type = t;
  g.outputs = {g[n].outputs[0]};
}

/// FOLDER/model.onnx, calib/, eval/ and labels.txt, as octet and others read them.
inline void write(std::string const& folder) {
  std::filesystem::create_directories(folder);
  auto m = builder{}.make();
  add_head(m);
  octet::save(m, folder + "/model.onnx");
  std::mt19937 bits{56};
  std::ofstream labels{folder + "/labels.txt"};
  auto const put = [&](std::string const& set, int k, int topic) {
    auto const at = folder + '/' + set + "/test_data_set_" + std::to_string(k);
    std::filesystem::create_directories(at);
    auto const s = sentence(topic, bits);
    int i = 0;
    for (auto const* name : {"input_ids", "attention_mask", "token_type_ids"})
      octet::save_tensor(s.at(name), at + "/input_" + std::to_string(i++) + ".pb", name);
  };
  for (int k = 0; k < 32; ++k) put("calib", k, k % classes);
  for (int k = 0; k < 100; ++k) put("eval", k, k % classes), labels << k % classes << '\n';
}

}  // namespace tiny_bert
