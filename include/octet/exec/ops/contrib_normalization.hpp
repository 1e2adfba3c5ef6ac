// What optimizers of transformers leave behind: embeddings with a layer normalization, skip connections with one,
// Gelu's.
#pragma once

#include <vector>

#include <octet/exec/ops/activation.hpp>
#include <octet/exec/ops/contrib_quantized.hpp>
#include <octet/exec/ops/half.hpp>
#include <octet/exec/ops/inner.hpp>
#include <octet/exec/ops/math.hpp>

namespace octet {
namespace detail {

/// y = f(x) for float, in place where that is possible.
template <class F>
void map_output(call& c, tensor x, F const& f) {
  auto const in = x.as<float>();
  tensor& y = x.unique() ? c.outputs[0] = x : c.make(0, element::f32, x.dims());
  auto const out = y.mutable_as<float>();
  for_elements(c.pool, std::int64_t(in.size()), [&](std::int64_t begin, std::int64_t end) {
    map_floats(in.data() + begin, out.data() + begin, end - begin, f);
  });
}

/// x + bias (or x), then f.
template <class F>
operation biased(preparation const& p, F f) {
  expect_inputs(p, 1, 2);
  return [f, add = inner_operator{"Add", 14, 2}](call& c) {
    tensor x = c.has(1) ? add(c, {c.inputs[0], c.inputs[1]}) : std::move(c.inputs[0]);
    c.inputs[0] = {};
    map_output(c, std::move(x), f);
  };
}
inline operation prepare_contrib_gelu(preparation const& p) { return biased(p, gelu_op{}); }
inline operation prepare_fast_gelu(preparation const& p) { return biased(p, gelu_tanh_op{}); }
inline operation prepare_quick_gelu(preparation const& p) {
  return biased(p, with_constants<swish_op>{p.get("alpha", 1.702f)});
}

inline inner_operator inner_layer_norm(preparation const& p, bool simplified, float otherwise) {
  std::vector<attribute> const a{{.name = "epsilon", .value = p.get("epsilon", otherwise)},
                                 {.name = "axis", .value = p.get("axis", std::int64_t{-1})}};
  return simplified ? inner_operator{"RMSNormalization", 23, 2, a} : inner_operator{"LayerNormalization", 17, 3, a, 3};
}

/// input + skip (+ bias), normalized; outputs: y, mean, 1 / deviation, the sum.
inline operation skip_norm(preparation const& p, bool simplified) {
  expect_inputs(p, simplified ? 3 : 3, simplified ? 4 : 5);
  return [who = op_label{p}, f = inner_layer_norm(p, simplified, 1e-12f), simplified](call& c) {
    auto const x = c.inputs[0].as<float>(), skip = c.inputs[1].as<float>();
    std::size_t const at = simplified ? 3 : 4;
    auto const bias = c.has(at) ? c.inputs[at].as<float>() : std::span<float const>{};
    if (skip.empty() ? !x.empty() : x.size() % skip.size() != 0)
      who.invalid("skip of shape " + c.inputs[1].dims().text() + " does not fit");
    if (!bias.empty() && x.size() % bias.size() != 0)
      who.invalid("bias of shape " + c.inputs[at].dims().text() + " does not fit");
    tensor sum = c.memory.make(element::f32, c.inputs[0].dims());
    auto const e = sum.mutable_as<float>();
    for (std::size_t i = 0; i < e.size(); ++i)
      e[i] = x[i] + skip[i % skip.size()] + (bias.empty() ? 0.f : bias[i % bias.size()]);
    auto out =
        simplified ? f.all(c, {sum, c.inputs[2]}) : f.all(c, {sum, c.inputs[2], c.has(3) ? c.inputs[3] : tensor{}});
    for (std::size_t i = 0; i < std::min(out.size(), std::min<std::size_t>(c.outputs.size(), 3)); ++i)
      c.outputs[i] = out[i];
    shape statistics = sum.dims();
    if (statistics.rank() > 0) statistics[statistics.rank() - 1] = 1;
    for (auto i = out.size(); i < std::min<std::size_t>(c.outputs.size(), 3);
         ++i) {  // the processor leaves them undefined
      auto const none = c.make(i, element::f32, statistics).mutable_as<float>();
      std::fill(none.begin(), none.end(), 0.f);
    }
    if (c.outputs.size() > 3) c.outputs[3] = sum;
  };
}
inline operation prepare_skip_layer_norm(preparation const& p) { return skip_norm(p, false); }
inline operation prepare_skip_simplified_layer_norm(preparation const& p) { return skip_norm(p, true); }
inline operation prepare_simplified_layer_norm(preparation const& p) {
  expect_inputs(p, 2, 2);
  return [f = inner_layer_norm(p, true, 1e-5f)](call& c) { c.outputs[0] = f(c, {c.inputs[0], c.inputs[1]}); };
}

/// x (channels last unless the attribute is 0), gamma, beta.
inline operation prepare_contrib_group_norm(preparation const& p) {
  expect_inputs(p, 3, 3);
  bool const last = p.get("channels_last", std::int64_t{1}) != 0;
  auto const activation = p.get("activation", std::int64_t{0});
  if (activation != 0 && activation != 1) op_label{p}.unsupported("activation " + std::to_string(activation));
  inner_operator const f{"GroupNormalization",
                         21,
                         3,
                         {{.name = "num_groups", .value = p.get("groups", std::int64_t{0})},
                          {.name = "epsilon", .value = p.get("epsilon", 1e-5f)}}};
  return [f, last, activation](call& c) {
    tensor const x = last ? moved_channels(c, c.inputs[0], true) : c.inputs[0];
    auto y = f(c, {x, c.inputs[1], c.inputs[2]});
    if (last) y = moved_channels(c, y, false);
    if (activation == 1) map_output(c, std::move(y), with_constants<swish_op>{1.0f});
    else c.outputs[0] = std::move(y);
  };
}

/// Adds rows `ids` of a float table to `out`.
inline void add_rows(op_label const& who, tensor const& table, std::int64_t n, std::span<std::int32_t const> ids,
                     std::span<float> out) {
  if (table.rank() != 2 || table.dims()[1] != n)
    who.invalid("an embedding of shape " + table.dims().text() + " has not " + std::to_string(n) + " columns");
  auto const v = table.as<float>();
  for (std::size_t i = 0; i * std::size_t(n) < out.size(); ++i) {
    auto const id = ids[i % ids.size()];
    if (id < 0 || id >= table.dims()[0])
      who.failed("index " + std::to_string(id) + " is outside of an embedding of " + std::to_string(table.dims()[0]) +
                 " rows");
    for (std::int64_t j = 0; j < n; ++j) out[i * std::size_t(n) + std::size_t(j)] += v[std::size_t(id * n + j)];
  }
}

/// The embeddings' sum and what follows; tables and parameters are float.
inline void embed(op_label const& who, call& c, inner_operator const& f, tensor const (&tables)[3], tensor const& gamma,
                  tensor const& beta, tensor const* mask, tensor const* positions) {
  auto const& d = c.inputs[0].dims();
  if (d.rank() != 2 || c.inputs[0].type() != element::s32 || tables[0].rank() != 2)
    who.invalid("input_ids must be INT32[batch, sequence]");
  auto const batch = d[0], length = d[1], n = tables[0].dims()[1];
  tensor sum = c.memory.make(element::f32, {batch, length, n});
  auto const e = sum.mutable_as<float>();
  std::fill(e.begin(), e.end(), 0.f);
  std::vector<std::int32_t> counted(static_cast<std::size_t>(length));
  for (std::size_t i = 0; i < counted.size(); ++i) counted[i] = static_cast<std::int32_t>(i);
  auto const place = positions == nullptr ? std::span<std::int32_t const>{counted} : positions->as<std::int32_t>();
  if (c.has(1) && c.inputs[1].size() != d.size())
    who.invalid("segment_ids of shape " + c.inputs[1].dims().text() + " do not fit");
  if (batch * length > 0 && (place.empty() || std::size_t(batch * length) % place.size() != 0))
    who.invalid("position_ids do not fit");
  if (mask != nullptr && mask->size() != d.size())
    who.invalid("a mask of shape " + mask->dims().text() + " does not fit");
  if (batch * length > 0) {
    add_rows(who, tables[0], n, c.inputs[0].as<std::int32_t>(), e);
    add_rows(who, tables[1], n, place, e);
    if (c.has(1) && tables[2]) add_rows(who, tables[2], n, c.inputs[1].as<std::int32_t>(), e);
  }
  c.outputs[0] = f.all(c, {sum, gamma, beta})[0];
  if (c.outputs.size() > 1) {
    auto const ends = c.make(1, element::s32, {batch}).mutable_as<std::int32_t>();
    for (std::int64_t b = 0; b < batch; ++b) {
      ends[std::size_t(b)] = 0;
      for (std::int64_t i = 0; mask != nullptr && i < length; ++i)
        ends[std::size_t(b)] += mask->as<std::int32_t>()[std::size_t(b * length + i)] == 1;
    }
  }
  if (c.outputs.size() > 2) c.outputs[2] = sum;
}

inline operation prepare_embed_layer_norm(preparation const& p) {
  expect_inputs(p, 1, 9);
  return [who = op_label{p}, f = inner_layer_norm(p, false, 1e-12f)](call& c) {
    auto const at = [&](std::size_t i) { return c.has(i) ? c.inputs[i] : tensor{}; };
    for (std::size_t i : {2, 3, 5, 6})
      if (!c.has(i)) who.invalid("input " + std::to_string(i) + " is missing");
    embed(who, c, f, {at(2), at(3), at(4)}, at(5), at(6), input_of(c, 7), input_of(c, 8));
  };
}

/// ids, segments, 5 tables and parameters (word, position, segment, gamma, beta), mask, 5 scales, 5 zero points.
inline operation prepare_qembed_layer_norm(preparation const& p) {
  expect_inputs(p, 1, 18);
  return [who = op_label{p}, f = inner_layer_norm(p, false, 1e-12f)](call& c) {
    tensor t[5];
    for (std::size_t i = 0; i < 5; ++i) {
      if (!c.has(2 + i)) {
        if (i != 2) who.invalid("input " + std::to_string(2 + i) + " is missing");
        continue;
      }
      auto const x = operand_8(who, c, 2 + i);
      if (!c.has(8 + i)) who.invalid("a scale is missing");
      t[i] = dequantized(c, x,
                         {scales_of(who, c.inputs[8 + i], 1, "a table")[0],
                          zero_points(who, input_of(c, 13 + i), x.type(), 1, "a table")[0], x.type()});
    }
    embed(who, c, f, {t[0], t[1], t[2]}, t[3], t[4], input_of(c, 7), nullptr);
  };
}

}  // namespace detail

inline constexpr operator_entry contrib_normalization_operators[] = {
    {"Gelu", "com.microsoft", 1, &detail::prepare_as_float<&detail::prepare_contrib_gelu>},
    {"BiasGelu", "com.microsoft", 1, &detail::prepare_as_float<&detail::prepare_contrib_gelu>},
    {"FastGelu", "com.microsoft", 1, &detail::prepare_as_float<&detail::prepare_fast_gelu>},
    {"QuickGelu", "com.microsoft", 1, &detail::prepare_as_float<&detail::prepare_quick_gelu>},
    {"SkipLayerNormalization", "com.microsoft", 1, &detail::prepare_as_float<&detail::prepare_skip_layer_norm>},
    {"SkipSimplifiedLayerNormalization", "com.microsoft", 1,
     &detail::prepare_as_float<&detail::prepare_skip_simplified_layer_norm>},
    {"SimplifiedLayerNormalization", "", 1, &detail::prepare_as_float<&detail::prepare_simplified_layer_norm>},
    {"SimplifiedLayerNormalization", "com.microsoft", 1,
     &detail::prepare_as_float<&detail::prepare_simplified_layer_norm>},
    {"GroupNorm", "com.microsoft", 1, &detail::prepare_as_float<&detail::prepare_contrib_group_norm>},
    {"EmbedLayerNormalization", "com.microsoft", 1, &detail::prepare_as_float<&detail::prepare_embed_layer_norm>},
    {"QEmbedLayerNormalization", "com.microsoft", 1, &detail::prepare_qembed_layer_norm},
};

}  // namespace octet
