// Attention, QAttention and MultiHeadAttention of com.microsoft.
#pragma once

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include <octet/exec/ops/attention_core.hpp>
#include <octet/exec/ops/contrib_linear.hpp>
#include <octet/exec/ops/half.hpp>

namespace octet {
namespace detail {

/// What the operators of this file have in common.
struct contrib_attention_attributes {
  std::int64_t heads = 0;
  bool causal = false;
  float scale = 0, masked = -10000;
  /// As the MatMul and Softmax that it stands for: batches broadcast, a row that is hidden entirely becomes NaN.
  bool as_spelled_out = false;

  explicit contrib_attention_attributes(preparation const& p)
      : heads{p.get("num_heads", std::int64_t{0})},
        causal{p.get("unidirectional", std::int64_t{0}) != 0},
        scale{p.get("scale", 0.f)},
        masked{p.get("mask_filter_value", -10000.f)} {
    if (heads < 1) op_label{p}.invalid("num_heads is missing");
  }
};

/// mask_index (ends, ends and starts, [batch, keys] or [batch, queries, keys]) and attention_bias, as what is added.
struct contrib_mask {
  tensor const* mask = nullptr;
  tensor const* bias = nullptr;
  attention_form const& f;
  std::int64_t past = 0;
  bool causal = false;
  float masked = 0;

  void check(op_label const& who) const {
    if (mask != nullptr) {
      auto const& d = mask->dims();
      bool const ends = d.rank() == 1 && (d[0] == f.batch || d[0] == 2 * f.batch);
      bool const raw = d == shape{f.batch, f.keys} || d == shape{f.batch, f.queries, f.keys};
      if (mask->type() != element::s32 || (!ends && !raw))
        who.unsupported("a mask " + onnx_name(mask->type()) + d.text() + " is not supported");
    }
    if (bias == nullptr) return;
    auto const& d = bias->dims();
    if (d.rank() != 4 || (d[0] != 1 && d[0] != f.batch) || (d[1] != 1 && d[1] != f.heads) ||
        (d[2] != 1 && d[2] != f.queries) || (d[3] != 1 && d[3] != f.keys))
      who.invalid("an attention bias of shape " + d.text() + " does not fit");
  }
  bool closed(std::int64_t b, std::int64_t s, std::int64_t t) const {
    auto const m = mask->as<std::int32_t>();
    auto const rank = mask->rank();
    if (rank == 1)
      return t >= m[std::size_t(b)] ||
             (std::int64_t(m.size()) == 2 * f.batch && f.batch > 0 && t < m[std::size_t(f.batch + b)]);
    return m[std::size_t(rank == 2 ? b * f.keys + t : (b * f.queries + s) * f.keys + t)] <= 0;
  }
  bool operator()(std::int64_t b, std::int64_t n, std::int64_t s, std::vector<float>& row) const {
    if (mask == nullptr && bias == nullptr && !causal) return false;
    if (bias != nullptr) {
      auto const& d = bias->dims();
      auto const at = ((d[0] == 1 ? 0 : b) * d[1] + (d[1] == 1 ? 0 : n)) * d[2] + (d[2] == 1 ? 0 : s);
      auto const* const from = bias->as<float>().data() + at * d[3];
      if (d[3] == 1) std::fill(row.begin(), row.end(), *from);
      else std::copy_n(from, f.keys, row.data());
    } else {
      std::fill(row.begin(), row.end(), 0.f);
    }
    auto const seen = causal ? std::min(f.keys, past + s + 1) : f.keys;
    for (std::int64_t t = 0; mask != nullptr && t < seen; ++t)
      if (closed(b, s, t)) row[std::size_t(t)] += masked;
    for (auto t = seen; t < f.keys; ++t) row[std::size_t(t)] += std::numeric_limits<float>::lowest();
    return true;
  }
};

/// Attention over projected Q | K | V in rows [batch, rows, widths…]; inputs: mask, past [2, batch, heads, P, size],
/// bias.
inline void attend_projected(op_label const& who, call& c, contrib_attention_attributes const& a, tensor const& qkv,
                             std::array<std::int64_t, 3> widths, std::array<std::size_t, 3> at) {
  auto const batch = qkv.dims()[0], rows = qkv.dims()[1], all = qkv.dims()[2];
  for (auto const w : widths)
    if (w < 0 || w % a.heads != 0)
      who.invalid("a width of " + std::to_string(w) + " does not split into " + std::to_string(a.heads) + " heads");
  if (widths[0] != widths[1] || widths[0] + widths[1] + widths[2] != all)
    who.invalid("the widths of Q, K and V do not fit the weights");
  attention_form f{.batch = batch,
                   .heads = a.heads,
                   .kv_heads = a.heads,
                   .queries = rows,
                   .keys = rows,
                   .size = widths[0] / a.heads,
                   .value_size = widths[2] / a.heads};
  f.scale = a.scale != 0 ? a.scale : 1 / std::sqrt(static_cast<float>(f.size));
  auto const* const p = qkv.as<float>().data();
  auto const part = [&](std::int64_t first, std::int64_t size) {
    return head_rows<float const>{p + first, rows * all, size, all};
  };
  auto const q = part(0, f.size);
  auto k = part(widths[0], f.size), v = part(widths[0] + widths[1], f.value_size);
  tensor keys, values, present;
  std::int64_t before = 0;
  if (c.has(at[1]) || c.outputs.size() > 1) {
    if (widths[0] != widths[2]) who.invalid("a past needs K and V of one size");
    tensor const *past = input_of(c, at[1]), *past_k = nullptr, *past_v = nullptr;
    tensor halves[2];
    if (past != nullptr) {
      auto const& d = past->dims();
      if (d.rank() != 5 || d[0] != 2) who.invalid("a past of shape " + d.text() + " does not fit");
      before = d[3];
      for (std::int64_t i = 0; i < 2; ++i) {
        halves[i] = c.memory.make(element::f32, {d[1], d[2], d[3], d[4]});
        std::copy_n(past->as<float>().data() + i * halves[i].size(), halves[i].size(),
                    halves[i].mutable_as<float>().data());
        expect_past(who, halves[i], batch, a.heads, f.size);
      }
      past_k = &halves[0], past_v = &halves[1];
    }
    keys = with_past(c, past_k, batch, a.heads, rows, f.size, k),
    values = with_past(c, past_v, batch, a.heads, rows, f.size, v);
    f.keys = before + rows;
    k = head_rows<float const>::heads_first(keys.as<float>().data(), a.heads, f.keys, f.size);
    v = head_rows<float const>::heads_first(values.as<float>().data(), a.heads, f.keys, f.size);
    present = c.memory.make(element::f32, {2, batch, a.heads, f.keys, f.size});
    std::copy_n(keys.as<float>().data(), keys.size(), present.mutable_as<float>().data());
    std::copy_n(values.as<float>().data(), values.size(), present.mutable_as<float>().data() + keys.size());
  }
  contrib_mask const mask{input_of(c, at[0]), input_of(c, at[2]), f, before, a.causal, a.masked};
  mask.check(who);
  auto* const y = c.make(0, element::f32, {batch, rows, widths[2]}).mutable_as<float>().data();
  attend(c.pool, f, q, k, v, head_rows<float>::rows_first(y, a.heads, rows, f.value_size), mask);
  if (c.outputs.size() > 1) c.outputs[1] = present;
}

/// input, weights, bias, mask_index, past, attention_bias.
inline operation prepare_contrib_attention(preparation const& p) {
  expect_inputs(p, 2, 7);
  op_label const who{p};
  if (p.get("do_rotary", std::int64_t{0}) != 0 || p.get("past_present_share_buffer", std::int64_t{0}) != 0)
    who.unsupported("do_rotary and past_present_share_buffer are not supported");
  std::shared_ptr<right_f32> packed;
  if (auto const* w = p.constant(1); w != nullptr && w->rank() == 2 && w->type() == element::f32)
    packed =
        std::make_shared<right_f32>(pack_right(w->as<float>().data(), w->dims()[0], w->dims()[1], w->dims()[1], 1));
  return [who, a = contrib_attention_attributes{p}, sizes = p.get("qkv_hidden_sizes", std::vector<std::int64_t>{}),
          packed](call& c) {
    auto const &x = c.inputs[0], &w = c.inputs[1];
    if (x.rank() != 3 || w.rank() != 2 || x.dims()[2] != w.dims()[0])
      who.invalid("an input of " + x.dims().text() + " and weights of " + w.dims().text() + " do not fit");
    auto const rows = x.dims()[0] * x.dims()[1], k = w.dims()[0], n = w.dims()[1];
    if (c.has(2) && c.inputs[2].size() != n)
      who.invalid("a bias of shape " + c.inputs[2].dims().text() + " does not fit");
    tensor qkv = c.memory.make(element::f32, {x.dims()[0], x.dims()[1], n});
    right_f32 store;
    if (!packed) store = pack_right(w.as<float>().data(), k, n, n, 1, c.pool);
    product(c.pool, matrix<float const>{x.as<float>().data(), rows, k}, packed ? *packed : store,
            c.has(2) ? c.inputs[2].as<float>().data() : nullptr,
            matrix<float>{qkv.mutable_as<float>().data(), rows, n});
    std::array<std::int64_t, 3> widths{n / 3, n / 3, n / 3};
    if (!sizes.empty()) {
      if (sizes.size() != 3) who.invalid("qkv_hidden_sizes has " + std::to_string(sizes.size()) + " values");
      widths = {sizes[0], sizes[1], sizes[2]};
    }
    attend_projected(who, c, a, qkv, widths, {3, 4, 5});
  };
}

/// input, weights, bias, input_scale, weight_scale, mask_index, input_zero, weight_zero, past.
inline operation prepare_qattention(preparation const& p) {
  expect_inputs(p, 5, 9);
  return [who = op_label{p}, a = contrib_attention_attributes{p}, packed = constant_right_8(p, 1)](call& c) {
    auto const x = c.inputs[0], w = c.inputs[1];
    if (x.rank() != 3) who.invalid("an input of shape " + x.dims().text() + " has not three dimensions");
    grid const g{scales_of(who, c.inputs[3], 1, "the input")[0],
                 zero_points(who, input_of(c, 6), x.type(), 1, "the input")[0], x.type()};
    std::vector<tensor> out(1);
    call inner{c.inputs, out, c.pool, c.memory};
    matmul_to_float(who, inner, x, g, w, packed.get(), {4, 7, 2});
    auto const n = out[0].dims()[2] / 3;
    attend_projected(who, c, a, out[0], {n, n, n}, {5, 8, 99});
  };
}

/// Rows of Q, K or V with their part of the bias added; a packed operand lies [batch, rows, heads, parts, size].
inline tensor biased_heads(call& c, head_rows<float const> x, attention_form const& f, std::int64_t rows,
                           std::int64_t size, float const* bias) {
  tensor t = c.memory.make(element::f32, {f.batch, f.heads, rows, size});
  auto const to = head_rows<float>::heads_first(t.mutable_as<float>().data(), f.heads, rows, size);
  copy_heads(f.batch, f.heads, rows, size, x, to, 0);
  for (std::int64_t b = 0; b < f.batch; ++b)
    for (std::int64_t n = 0; n < f.heads; ++n)
      for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t i = 0; i < size; ++i) to.of(b, n, rows, size)(r, i) += bias[n * size + i];
  return t;
}

/// Q, K and V of MultiHeadAttention, wherever they lie.
struct split_operands {
  attention_form form{};
  head_rows<float const> at[3] = {};

  /// Makes operands of one image serve all; false when other batches differ.
  bool broadcast(std::int64_t of_keys, std::int64_t of_values, std::int64_t of_bias) {
    std::int64_t const of[] = {form.batch, of_keys, of_values, of_bias};
    for (auto const b : of)
      if (form.batch == 1) form.batch = b;
    for (std::size_t i = 0; i < 3; ++i)
      if (of[i] == 1) at[i].batch = 0;
    return std::all_of(std::begin(of), std::end(of), [&](std::int64_t b) { return b == 1 || b == form.batch; });
  }
};
inline split_operands read_operands(op_label const& who, call const& c, contrib_attention_attributes const& a) {
  auto const& dq = c.inputs[0].dims();
  auto const* const q = c.inputs[0].as<float>().data();
  split_operands r;
  auto& f = r.form;
  auto& at = r.at;
  f.heads = f.kv_heads = a.heads;
  if (dq.rank() == 5) {
    if (dq[2] != a.heads || dq[3] != 3) who.invalid("a packed query of shape " + dq.text() + " does not fit");
    f.batch = dq[0], f.queries = f.keys = dq[1], f.size = f.value_size = dq[4];
    for (std::int64_t i = 0; i < 3; ++i) at[i] = {q + i * dq[4], dq.product(1, 5), 3 * dq[4], dq.product(2, 5)};
  } else {
    if (dq.rank() != 3 || dq[2] % a.heads != 0 || !c.has(1))
      who.invalid("a query of shape " + dq.text() + " does not fit");
    f.batch = dq[0], f.queries = dq[1], f.size = f.value_size = dq[2] / a.heads;
    at[0] = head_rows<float const>::rows_first(q, a.heads, f.queries, f.size);
    auto const& k = c.inputs[1];
    auto const& dk = k.dims();
    if (dk.rank() == 5 && dk[0] == f.batch && dk[2] == a.heads && dk[3] == 2 && dk[4] == f.size) {
      f.keys = dk[1];
      for (std::int64_t i = 0; i < 2; ++i)
        at[i + 1] = {k.as<float>().data() + i * dk[4], dk.product(1, 5), 2 * dk[4], dk.product(2, 5)};
    } else {
      if (!c.has(2) || c.inputs[2].rank() != dk.rank() || dk.rank() < 3 || dk.rank() > 4)
        who.invalid("a key of shape " + dk.text() + " does not fit");
      auto const& dv = c.inputs[2].dims();
      bool const first = dk.rank() == 4;
      f.keys = dk[first ? 2 : 1], f.value_size = first ? dv[3] : dv[2] / a.heads;
      auto const of = [&](std::int64_t batch, std::int64_t size) {
        return first ? shape{batch, a.heads, f.keys, size} : shape{batch, f.keys, a.heads * size};
      };
      auto const *pk = k.as<float>().data(), *pv = c.inputs[2].as<float>().data();
      at[1] = first ? head_rows<float const>::heads_first(pk, a.heads, f.keys, f.size)
                    : head_rows<float const>::rows_first(pk, a.heads, f.keys, f.size);
      at[2] = first ? head_rows<float const>::heads_first(pv, a.heads, f.keys, f.value_size)
                    : head_rows<float const>::rows_first(pv, a.heads, f.keys, f.value_size);
      auto const of_bias = c.has(5) && c.inputs[5].rank() == 4 ? c.inputs[5].dims()[0] : 1;
      bool const together =
          a.as_spelled_out ? r.broadcast(dk[0], dv[0], of_bias) : dk[0] == f.batch && dv[0] == f.batch;
      if (!together || dk != of(dk[0], f.size) || dv != of(dv[0], f.value_size))
        who.invalid("a query of shape " + dq.text() + ", a key of shape " + dk.text() + " and a value of shape " +
                    dv.text() + " do not fit");
    }
  }
  return r;
}

/// query, key, value, bias, key_padding_mask, attention_bias, past_key, past_value.
inline void multi_head_attention(op_label const& who, call& c, contrib_attention_attributes const& a) {
  auto operands = read_operands(who, c, a);
  auto& f = operands.form;
  f.scale = a.scale != 0 ? a.scale : 1 / std::sqrt(static_cast<float>(f.size));
  f.hidden_is_zero = !a.as_spelled_out;
  float const* bias = c.has(3) ? c.inputs[3].as<float>().data() : nullptr;
  auto const hidden = a.heads * f.size;
  if (bias != nullptr && c.inputs[3].size() != 2 * hidden + a.heads * f.value_size)
    who.invalid("a bias of shape " + c.inputs[3].dims().text() + " does not fit");
  auto const rows = f.keys;
  auto const first = [&](tensor const& t, std::int64_t n, std::int64_t size) {
    return head_rows<float const>::heads_first(t.as<float>().data(), a.heads, n, size);
  };
  auto [q, k, v] = operands.at;
  tensor query, keys, values;
  if (bias != nullptr) {
    query = biased_heads(c, q, f, f.queries, f.size, bias);
    keys = biased_heads(c, k, f, rows, f.size, bias + hidden);
    values = biased_heads(c, v, f, rows, f.value_size, bias + 2 * hidden);
    q = first(query, f.queries, f.size), k = first(keys, rows, f.size), v = first(values, rows, f.value_size);
  }
  auto const *past_k = input_of(c, 6), *past_v = input_of(c, 7);
  if ((past_k == nullptr) != (past_v == nullptr)) who.invalid("past_key and past_value go together");
  if (past_k != nullptr)
    expect_past(who, *past_k, f.batch, a.heads, f.size), expect_past(who, *past_v, f.batch, a.heads, f.value_size);
  std::int64_t const before = past_k == nullptr ? 0 : past_k->dims()[2];
  if (past_v != nullptr && past_v->dims()[2] != before) who.invalid("past_key and past_value differ in length");
  if (past_k != nullptr || c.outputs.size() > 1) {
    keys = with_past(c, past_k, f.batch, a.heads, rows, f.size, k);
    values = with_past(c, past_v, f.batch, a.heads, rows, f.value_size, v);
    f.keys = before + rows;
    k = first(keys, f.keys, f.size), v = first(values, f.keys, f.value_size);
  }
  contrib_mask const mask{input_of(c, 4), input_of(c, 5), f, before, a.causal, a.masked};
  mask.check(who);
  auto* const y = c.make(0, element::f32, {f.batch, f.queries, a.heads * f.value_size}).mutable_as<float>().data();
  attend(c.pool, f, q, k, v, head_rows<float>::rows_first(y, a.heads, f.queries, f.value_size), mask);
  if (c.outputs.size() > 1) c.outputs[1] = keys;
  if (c.outputs.size() > 2) c.outputs[2] = values;
}

inline operation prepare_multi_head_attention(preparation const& p) {
  expect_inputs(p, 1, 8);
  contrib_attention_attributes a{p};
  a.as_spelled_out = p.node.domain == "octet";
  return [who = op_label{p}, a](call& c) { multi_head_attention(who, c, a); };
}

}  // namespace detail

inline constexpr operator_entry contrib_attention_operators[] = {
    {"Attention", "com.microsoft", 1, &detail::prepare_as_float<&detail::prepare_contrib_attention>},
    {"QAttention", "com.microsoft", 1, &detail::prepare_qattention},
    {"MultiHeadAttention", "com.microsoft", 1, &detail::prepare_as_float<&detail::prepare_multi_head_attention>},
    {"MultiHeadAttention", "octet", 1, &detail::prepare_multi_head_attention},
};

}  // namespace octet
