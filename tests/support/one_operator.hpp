// Small float models, one or more for each operator of the catalogue, with the attributes that quantizers get wrong.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/feed.hpp>
#include <octet/graph/graph.hpp>

namespace octet::test {

/// Uniform numbers that are the same everywhere.
class numbers {
 public:
  explicit numbers(std::uint64_t seed = 1) : state_{seed * 2654435761u + 88172645463325252u} {}
  float operator()(float low, float high) {
    state_ ^= state_ << 13, state_ ^= state_ >> 7, state_ ^= state_ << 17;
    return low + (high - low) * (static_cast<float>(state_ >> 40) / 16777216.f);
  }
  tensor operator()(shape const& dims, float low = -1, float high = 1) {
    tensor t{element::f32, dims};
    for (auto& x : t.mutable_as<float>()) x = (*this)(low, high);
    return t;
  }

 private:
  std::uint64_t state_;
};

/// A float model and one sample for it.
struct sample_model {
  std::string name{};
  octet::model model{};
  feed in{};
};

/// Builds a model node by node; values are named as they are made.
class maker {
 public:
  explicit maker(std::string name, std::int64_t opset = 17) : random{std::hash<std::string>{}(name) % 1000 + 1} {
    r_.name = std::move(name);
    r_.model.ir_version = 8;
    r_.model.opsets.push_back({.domain = "", .version = opset});
    g().name = "one";
  }
  graph& g() { return r_.model.main; }

  value_id input(std::string const& name, shape const& dims, float low = -1, float high = 1) {
    auto t = random(dims, low, high);
    auto const v = g().add_input(name, tensor_type(element::f32, dims));
    r_.in[name] = std::move(t);
    return v;
  }
  value_id feed_input(std::string const& name, tensor t) {
    auto const v = g().add_input(name, tensor_type(t.type(), t.dims()));
    r_.in[name] = std::move(t);
    return v;
  }
  value_id weight(std::string const& name, shape const& dims, float low = -0.5, float high = 0.5) {
    return g().add_initializer(name, random(dims, low, high));
  }
  value_id ints(std::string const& name, std::vector<std::int64_t> const& values) {
    return g().add_initializer(name, tensor::of(shape{static_cast<std::int64_t>(values.size())}, values));
  }
  value_id scalar(std::string const& name, float x) { return g().add_initializer(name, tensor::scalar(x)); }

  value_id op(std::string const& type, std::vector<value_id> in, std::vector<attribute> a = {},
              std::string_view domain = {}) {
    auto const k = std::to_string(count_++);
    auto const n = g().add_node(type, std::move(in), {"t" + k}, std::move(a), domain, type + "_" + k);
    if (!domain.empty()) r_.model.import_opset(domain, 1);
    return g()[n].outputs[0];
  }
  std::vector<value_id> op_with(std::string const& type, std::size_t outputs, std::vector<value_id> in,
                                std::vector<attribute> a = {}) {
    auto const k = std::to_string(count_++);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < outputs; ++i) names.push_back("t" + k + "_" + std::to_string(i));
    return g()[g().add_node(type, std::move(in), names, std::move(a), {}, type + "_" + k)].outputs;
  }
  void output(value_id v, std::string const& name, value_type type) {
    g().rename(v, name);
    g()[v].type = std::move(type);
    g().outputs.push_back(v);
  }
  void output(value_id v, std::size_t rank, element e = element::f32) {
    value_type t{.element = e};
    t.dims.emplace(rank);
    output(v, "y" + std::to_string(g().outputs.size()), std::move(t));
  }
  sample_model done() { return std::move(r_); }

  numbers random;

 private:
  sample_model r_{};
  int count_ = 0;
};

inline attribute ints_attribute(std::string name, std::vector<std::int64_t> v) {
  return {.name = std::move(name), .value = std::move(v)};
}
inline attribute int_attribute(std::string name, std::int64_t v) { return {.name = std::move(name), .value = v}; }
inline attribute float_attribute(std::string name, float v) { return {.name = std::move(name), .value = v}; }
inline attribute text_attribute(std::string name, std::string v) {
  return {.name = std::move(name), .value = std::move(v)};
}

/// A convolution in front, so that operators which are quantized only inside a chain are.
inline value_id conv_in_front(maker& m, std::int64_t channels = 4) {
  auto const x = m.input("x", {2, 3, 7, 9});
  return m.op("Conv", {x, m.weight("w0", {channels, 3, 1, 1})});
}

inline void linear_models(std::vector<sample_model>& all) {
  auto const conv = [&](std::string name, shape x, shape w, bool bias, std::vector<attribute> a,
                        std::string op = "Conv") {
    maker m{std::move(name)};
    auto const channels =
        op == "Conv" ? w[0]
                     : w[1] * (a.empty() || a.back().name != "group" ? 1 : std::get<std::int64_t>(a.back().value));
    std::vector<value_id> in{m.input("x", x), m.weight("w", w)};
    if (bias) in.push_back(m.weight("b", {channels}));
    m.output(m.op(op, in, std::move(a)), x.rank());
    all.push_back(m.done());
  };
  conv("conv", {2, 3, 8, 8}, {5, 3, 3, 3}, true, {});
  conv("conv_strided_padded", {1, 4, 9, 7}, {6, 4, 3, 2}, false,
       {ints_attribute("strides", {2, 1}), ints_attribute("pads", {1, 0, 2, 1})});
  conv("conv_same", {1, 2, 7, 7}, {3, 2, 3, 3}, true, {text_attribute("auto_pad", "SAME_UPPER")});
  conv("conv_depthwise", {1, 4, 6, 6}, {4, 1, 3, 3}, true,
       {ints_attribute("pads", {1, 1, 1, 1}), int_attribute("group", 4)});
  conv("conv_dilated_1d", {2, 3, 16}, {4, 3, 3}, true, {ints_attribute("dilations", {2})});
  conv("conv_3d", {1, 2, 4, 5, 3}, {3, 2, 2, 2, 2}, true, {});
  conv("conv_transpose", {1, 3, 5, 5}, {3, 4, 3, 3}, true, {ints_attribute("strides", {2, 2})}, "ConvTranspose");
  conv("conv_transpose_grouped", {1, 4, 5, 5}, {4, 3, 2, 2}, true, {int_attribute("group", 2)}, "ConvTranspose");
  auto const gemm = [&](std::string name, shape a, shape b, shape c, std::vector<attribute> attributes) {
    maker m{std::move(name)};
    std::vector<value_id> in{m.input("x", a), m.weight("w", b)};
    if (c.rank() != 1 || c[0] != 0) in.push_back(m.weight("b", c));
    m.output(m.op("Gemm", in, std::move(attributes)), 2);
    all.push_back(m.done());
  };
  gemm("gemm", {3, 8}, {8, 5}, {5}, {});
  gemm("gemm_transposed", {4, 8}, {6, 8}, {6}, {int_attribute("transB", 1)});
  gemm("gemm_alpha_beta", {4, 8}, {8, 6}, {6}, {float_attribute("alpha", 0.5f), float_attribute("beta", 2.f)});
  gemm("gemm_no_bias", {4, 8}, {8, 6}, {0}, {});
  gemm("gemm_row_bias", {4, 8}, {8, 6}, {1, 6}, {});
  auto const matmul = [&](std::string name, shape a, shape b, bool constant) {
    maker m{std::move(name)};
    m.output(m.op("MatMul", {m.input("x", a), constant ? m.weight("w", b) : m.input("z", b)}),
             std::max(a.rank(), b.rank()));
    all.push_back(m.done());
  };
  matmul("matmul", {3, 8}, {8, 5}, true);
  matmul("matmul_batched", {2, 3, 8}, {8, 5}, true);
  matmul("matmul_rank3_weight", {2, 3, 8}, {2, 8, 5}, true);
  matmul("matmul_two_activations", {2, 3, 8}, {2, 8, 5}, false);
}

inline void elementwise_models(std::vector<sample_model>& all) {
  for (std::string const op : {"Add", "Mul"}) {
    maker m{op};
    m.output(m.op(op, {m.input("x", {2, 3, 4}), m.input("z", {2, 3, 4}, -2, 3)}), 3);
    all.push_back(m.done());
    maker c{op + "_constant"};
    c.output(c.op(op, {c.input("x", {2, 3, 4}), c.weight("c", {4}, 0, 2)}), 3);
    all.push_back(c.done());
    maker twice{op + "_of_itself"};
    auto const x = twice.input("x", {2, 3, 4});
    twice.output(twice.op(op, {x, x}), 3);
    all.push_back(twice.done());
  }
  auto const unary = [&](std::string const& name, std::string const& op, std::vector<attribute> a,
                         std::size_t rank = 4) {
    maker m{name};
    m.output(m.op(op, {conv_in_front(m)}, std::move(a)), rank);
    all.push_back(m.done());
  };
  unary("sigmoid", "Sigmoid", {});
  unary("leaky_relu", "LeakyRelu", {float_attribute("alpha", 0.2f)});
  unary("relu", "Relu", {});
  unary("softmax", "Softmax", {int_attribute("axis", 1)});
  unary("global_average_pool", "GlobalAveragePool", {});
  unary("average_pool", "AveragePool",
        {ints_attribute("kernel_shape", {2, 3}), ints_attribute("strides", {2, 2}),
         ints_attribute("pads", {0, 1, 1, 0}), int_attribute("count_include_pad", 1)});
  unary("max_pool", "MaxPool",
        {ints_attribute("kernel_shape", {2, 2}), ints_attribute("strides", {2, 1}), int_attribute("ceil_mode", 1)});
  unary("flatten", "Flatten", {int_attribute("axis", 2)}, 2);
  unary("transpose", "Transpose", {ints_attribute("perm", {0, 2, 3, 1})});
  {
    maker m{"clip"};
    auto const c = conv_in_front(m);
    m.output(m.op("Clip", {c, m.scalar("low", 0), m.scalar("high", 0.4f)}), 4);
    all.push_back(m.done());
    maker k{"clip_positive"};
    auto const d = conv_in_front(k);
    k.output(k.op("Clip", {d, k.scalar("low", 0.25f), k.scalar("high", 0.75f)}), 4);
    all.push_back(k.done());
    maker t{"relu_of_shared"};
    auto const e = conv_in_front(t);
    t.output(t.op("Add", {t.op("Relu", {e}), e}), 4);
    all.push_back(t.done());
  }
}

inline void layout_models(std::vector<sample_model>& all) {
  auto const moved = [&](std::string const& name, auto&& build, std::size_t rank) {
    maker m{name};
    auto const c = conv_in_front(m);
    m.output(build(m, c), rank);
    all.push_back(m.done());
  };
  moved("reshape", [](maker& m, value_id c) { return m.op("Reshape", {c, m.ints("shape", {0, 2, -1})}); }, 3);
  moved(
      "squeeze_unsqueeze",
      [](maker& m, value_id c) {
        return m.op("Squeeze", {m.op("Unsqueeze", {c, m.ints("axes", {1})}), m.ints("axes1", {1})});
      },
      4);
  moved(
      "slice",
      [](maker& m, value_id c) {
        return m.op("Slice", {c, m.ints("starts", {1, -1}), m.ints("ends", {100, -5}), m.ints("axes", {2, 3}),
                              m.ints("steps", {2, -1})});
      },
      4);
  moved(
      "resize",
      [](maker& m, value_id c) {
        auto const scales = m.g().add_initializer("scales", tensor::of<float>({4}, {1, 1, 2, 2}));
        return m.op("Resize", {c, value_id::none, scales},
                    {text_attribute("mode", "nearest"), text_attribute("coordinate_transformation_mode", "asymmetric"),
                     text_attribute("nearest_mode", "floor")});
      },
      4);
  moved(
      "gather_in_chain",
      [](maker& m, value_id c) {
        return m.op("Gather", {c, m.ints("indices", {2, 0, 1})}, {int_attribute("axis", 1)});
      },
      4);
  moved("pad_zero", [](maker& m, value_id c) { return m.op("Pad", {c, m.ints("pads", {0, 0, 1, 2, 0, 0, 0, 1})}); }, 4);
  moved(
      "pad_value",
      [](maker& m, value_id c) {
        return m.op("Pad", {c, m.ints("pads", {0, 0, 1, 2, 0, 0, 0, 1}), m.scalar("value", 1.5f)});
      },
      4);
  moved(
      "pad_edge",
      [](maker& m, value_id c) {
        return m.op("Pad", {c, m.ints("pads", {0, 0, 1, 2, 0, 0, 0, 1})}, {text_attribute("mode", "edge")});
      },
      4);
  moved(
      "cum_sum",
      [](maker& m, value_id c) {
        return m.op("CumSum", {c, m.g().add_initializer("axis", tensor::scalar<std::int64_t>(2))});
      },
      4);
  moved(
      "concat",
      [](maker& m, value_id c) {
        return m.op("Concat", {c, m.op("Sigmoid", {c}), m.weight("k", {2, 1, 7, 9}, -3, 3)},
                    {int_attribute("axis", 1)});
      },
      4);
  moved(
      "where",
      [](maker& m, value_id c) {
        tensor t{element::boolean, {7, 9}};
        for (std::size_t i = 0; i < t.bytes().size(); ++i) t.mutable_bytes()[i] = std::byte(i % 3 == 0);
        return m.op("Where", {m.g().add_initializer("which", t), c, m.op("Sigmoid", {c})});
      },
      4);
  maker g{"gather_table"};
  g.output(g.op("Gather", {g.weight("table", {10, 6}), g.ints("ids", {3, 9, 0, 3})}), 2);
  all.push_back(g.done());
  maker s{"split"};
  auto const parts = s.op_with("Split", 2, {conv_in_front(s), s.ints("sizes", {1, 3})}, {int_attribute("axis", 1)});
  s.output(parts[0], 4), s.output(parts[1], 4);
  all.push_back(s.done());
  maker t{"top_k"};
  auto const top = t.op_with("TopK", 2, {conv_in_front(t), t.ints("k", {3})});
  t.output(top[0], 4), t.output(top[1], 4, element::s64);
  all.push_back(t.done());
  maker a{"arg_max"};
  a.output(a.op("ArgMax", {conv_in_front(a)}, {int_attribute("axis", 1), int_attribute("keepdims", 0)}), 3,
           element::s64);
  all.push_back(a.done());
  maker e{"gather_elements"};
  tensor where{element::s64, {2, 4, 7, 1}};
  std::int64_t k = 0;
  for (auto& i : where.mutable_as<std::int64_t>()) i = k++ % 9;
  e.output(
      e.op("GatherElements", {conv_in_front(e), e.g().add_initializer("where", where)}, {int_attribute("axis", 3)}), 4);
  all.push_back(e.done());
}

inline void normalization_models(std::vector<sample_model>& all) {
  {
    maker m{"batch_normalization", 13};
    auto const c = conv_in_front(m);
    m.output(m.op("BatchNormalization", {c, m.weight("scale", {4}, 0.5, 2), m.weight("shift", {4}),
                                         m.weight("mean", {4}), m.weight("var", {4}, 0.5, 2)}),
             4);
    all.push_back(m.done());
    maker i{"instance_normalization"};
    auto const d = conv_in_front(i);
    i.output(i.op("InstanceNormalization", {d, i.weight("scale", {4}, 0.5, 2), i.weight("shift", {4})}), 4);
    all.push_back(i.done());
    maker l{"layer_normalization"};
    l.output(
        l.op("LayerNormalization", {l.input("x", {2, 5, 8}), l.weight("scale", {8}, 0.5, 2), l.weight("shift", {8})}),
        3);
    all.push_back(l.done());
  }
  maker m{"lstm"};
  auto const outs =
      m.op_with("LSTM", 3,
                {m.input("x", {6, 2, 5}), m.weight("w", {1, 16, 5}), m.weight("r", {1, 16, 4}), m.weight("b", {1, 32})},
                {int_attribute("hidden_size", 4)});
  m.output(outs[0], 4), m.output(outs[1], 3), m.output(outs[2], 3);
  all.push_back(m.done());
  maker a{"attention"};
  a.output(a.op("Attention", {a.input("x", {2, 5, 8}), a.weight("w", {8, 24}), a.weight("b", {24})},
                {int_attribute("num_heads", 2)}, "com.microsoft"),
           3);
  all.push_back(a.done());
  maker e{"embed_layer_normalization"};
  tensor ids{element::s32, {2, 4}};
  std::int32_t k = 0;
  for (auto& i : ids.mutable_as<std::int32_t>()) i = k++ * 7 % 10;
  auto const x = e.feed_input("ids", ids);
  auto const outs2 = e.op_with("EmbedLayerNormalization", 2,
                               {x, value_id::none, e.weight("words", {10, 6}), e.weight("positions", {4, 6}),
                                value_id::none, e.weight("gamma", {6}, 0.5, 2), e.weight("beta", {6})});
  e.g()[e.g()[outs2[0]].producer].domain = "com.microsoft";
  e.output(outs2[0], 3), e.output(outs2[1], 1, element::s32);
  auto r = e.done();
  r.model.import_opset("com.microsoft", 1);
  all.push_back(std::move(r));
}

inline std::vector<sample_model> sample_models() {
  std::vector<sample_model> all;
  linear_models(all);
  elementwise_models(all);
  layout_models(all);
  normalization_models(all);
  return all;
}

}  // namespace octet::test
