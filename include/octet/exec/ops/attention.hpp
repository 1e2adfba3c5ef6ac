// Attention and RotaryEmbedding of the ONNX operator set: scores are made, masked and used in blocks of query rows.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/cast.hpp>
#include <octet/exec/ops/gemm.hpp>
#include <octet/exec/ops/slicing.hpp>
#include <octet/exec/ops/softmax.hpp>

namespace octet::detail {

struct attention_options {
  std::int64_t query_heads = 0, key_heads = 0, left = -1, right = -1, output_mode = 0;
  float scale = 0, cap = 0;
  bool causal = false;
};

/// Input i as [batch, heads, rows, size]: it has that shape, or is [batch, rows, heads · size].
inline tensor by_heads(call& c, op_label const& who, std::size_t i, std::int64_t heads) {
  tensor const& t = c.inputs[i];
  auto const& d = t.dims();
  if (d.rank() == 4) return t;
  if (d.rank() != 3 || heads < 1 || d[2] % heads != 0)
    who.invalid("input " + std::to_string(i) + " of shape " + d.text() + " has no " + std::to_string(heads) + " heads");
  return transposed(c, who, t.reshaped({d[0], d[1], heads, d[2] / heads}), {0, 2, 1, 3});
}

/// Past rows before new ones.
inline tensor after_past(call& c, op_label const& who, std::size_t past, tensor const& t) {
  if (!c.has(past)) return t;
  auto const p = c.inputs[past].dims(), d = t.dims();
  if (p.rank() != 4 || p[0] != d[0] || p[1] != d[1] || p[3] != d[3] || c.inputs[past].type() != t.type())
    who.invalid("the past of shape " + p.text() + " does not continue with " + d.text());
  tensor out = c.memory.make(t.type(), {d[0], d[1], p[2] + d[2], d[3]});
  auto const width = d[3] * std::int64_t(sizeof(float)), step = (p[2] + d[2]) * width;
  auto* const to = out.mutable_bytes().data();
  if (out.size() == 0) return out;
  copy_bytes(c, c.inputs[past].bytes().data(), p[2] * width, to, step, d[0] * d[1], p[2] * width);
  copy_bytes(c, t.bytes().data(), d[2] * width, to + p[2] * width, step, d[0] * d[1], d[2] * width);
  return out;
}

/// What is added to the scores of one query row: a mask, the causal frontier, a window, the end of the padding.
class attention_bias {
 public:
  attention_bias(op_label const& who, call const& c, attention_options const& o, shape const& scores, std::int64_t past)
      : o_{o}, batch_{scores[0]}, heads_{scores[1]}, queries_{scores[2]}, keys_{scores[3]}, past_{past} {
    if (c.has(3)) set_mask(who, c.inputs[3]);
    if (c.has(6)) {
      lengths_ = integers_of(who, c.inputs[6]);
      if (std::int64_t(lengths_.size()) != batch_)
        who.invalid("nonpad_kv_seqlen does not have one number for each of the batch");
    }
  }

  /// Fills `row` for query q; whether any key is left.
  bool fill(std::int64_t b, std::int64_t h, std::int64_t q, float* row) const {
    float const none = -std::numeric_limits<float>::infinity();
    auto const offset = lengths_.empty() ? past_ : lengths_[std::size_t(b)] - queries_;
    auto const at = q + offset;
    auto const first = o_.left >= 0 ? std::clamp<std::int64_t>(at - o_.left, 0, keys_) : 0;
    auto last = keys_;
    if (o_.causal) last = std::min(last, std::max<std::int64_t>(at + 1, 0));
    if (o_.right >= 0) last = std::min(last, std::max<std::int64_t>(at + o_.right + 1, 0));
    if (!lengths_.empty()) last = std::clamp<std::int64_t>(lengths_[std::size_t(b)], 0, last);
    std::fill(row, row + keys_, none);
    if (first < last) std::fill(row + first, row + last, 0.0f);
    if (mask_) {
      auto const from = (b * steps_[0] + h * steps_[1] + q * steps_[2]);
      auto const n = mask_.dims()[mask_.rank() - 1];
      for (std::int64_t k = 0; k < keys_; ++k) {
        auto const i = from + (n == 1 ? 0 : k);
        if (n != 1 && k >= n) row[k] = none;
        else
          row[k] += boolean_ ? (mask_.bytes()[std::size_t(i)] != std::byte{0} ? 0.0f : none)
                             : mask_.as<float>()[std::size_t(i)];
      }
    }
    return std::any_of(row, row + keys_, [none](float x) { return x != none; });
  }

 private:
  void set_mask(op_label const& who, tensor const& t) {
    boolean_ = t.type() == element::boolean;
    if (!boolean_ && t.type() != element::f32) unsupported_type(who, t.type(), {element::boolean, element::f32});
    mask_ = t;
    auto const& d = t.dims();
    std::int64_t const want[] = {batch_, heads_, queries_};
    if (d.rank() < 1 || d.rank() > 4 || (d[d.rank() - 1] > keys_)) who.invalid("the mask has shape " + d.text());
    for (std::size_t i = 0; i + 1 < d.rank(); ++i) {
      auto const place = i + 4 - d.rank(), n = std::size_t(d[i]);
      if (std::int64_t(n) != want[place] && n != 1)
        who.invalid("the mask of shape " + d.text() + " does not broadcast to the scores");
      steps_[place] = n == 1 ? 0 : d.product(i + 1, d.rank());
    }
  }

  attention_options o_;
  std::int64_t batch_, heads_, queries_, keys_, past_;
  tensor mask_{};
  bool boolean_ = false;
  std::int64_t steps_[3] = {0, 0, 0};
  integers lengths_{};
};

/// Softmax(Q·Kᵀ · scale + bias) · V of one head.
struct attention_head {
  matrix<float const> query, key, value;
  matrix<float> out;
  float* seen = nullptr;  ///< where the scores of the wanted stage go, or null
};

inline void attend(call& c, attention_options const& o, attention_bias const& bias, attention_head const& a,
                   std::int64_t b, std::int64_t h) {
  constexpr std::ptrdiff_t block = 64;
  serial alone;
  auto const keys = a.key.rows, size = a.key.columns;
  auto const k = pack_right(a.key.row(0), size, keys, 1, a.key.stride),
             v = pack_right(a.value.row(0), keys, a.value.columns, a.value.stride, 1);
  tensor scores = c.memory.make(element::f32, {std::min<std::int64_t>(block, a.query.rows), keys}),
         line = c.memory.make(element::f32, {keys});
  auto* const s = scores.mutable_as<float>().data();
  auto* const row = line.mutable_as<float>().data();
  auto const keep = [&](std::ptrdiff_t q, float const* x) {
    if (a.seen != nullptr) std::copy(x, x + keys, a.seen + q * keys);
  };
  for (std::ptrdiff_t first = 0; first < a.query.rows; first += block) {
    auto const n = std::min(block, a.query.rows - first);
    matrix<float> const part{s, n, keys};
    product(alone, a.query.part(first, 0, n, size), k, nullptr, part);
    for (std::ptrdiff_t i = 0; i < n; ++i) {
      float* const x = part.row(i);
      scale_row(x, x, keys, o.scale, 0.0f);
      if (o.output_mode == 0 && o.cap == 0) keep(first + i, x);
      if (o.cap != 0) map_floats(x, x, keys, [&](floats y) { return floats(o.cap) * xsimd::tanh(y / floats(o.cap)); });
      if (o.output_mode == 1 || (o.output_mode == 0 && o.cap != 0)) keep(first + i, x);
      bool const any = bias.fill(b, h, first + i, row);
      map_floats(x, false, row, false, x, keys, [](floats y, floats z) { return y + z; });
      if (o.output_mode == 2) keep(first + i, x);
      if (any) softmax_row(x, x, keys);
      else std::fill(x, x + keys, 0.0f);
      if (o.output_mode == 3) keep(first + i, x);
    }
    product(alone, matrix<float const>{s, n, keys}, v, nullptr, a.out.part(first, 0, n, a.out.columns));
  }
}

inline void attention(op_label const& who, call& c, attention_options o) {
  for (std::size_t i = 0; i < 3; ++i)
    if (c.inputs[i].type() != element::f32)
      unsupported_type(who, c.inputs[i].type(), {element::f32, element::f16, element::bf16});
  bool const flat = c.inputs[0].rank() == 3;
  if (c.has(4) != c.has(5)) who.invalid("past key and past value belong together");
  tensor const q = by_heads(c, who, 0, o.query_heads);
  tensor const k = after_past(c, who, 4, by_heads(c, who, 1, o.key_heads)),
               v = after_past(c, who, 5, by_heads(c, who, 2, o.key_heads));
  auto const dq = q.dims(), dk = k.dims(), dv = v.dims();
  if (dq[0] != dk[0] || dk[0] != dv[0] || dk[1] != dv[1] || dk[2] != dv[2] || dq[3] != dk[3] || dk[1] == 0 ||
      dq[1] % dk[1] != 0 || dq[3] == 0 || dv[3] == 0)
    who.invalid("queries of shape " + dq.text() + ", keys of " + dk.text() + " and values of " + dv.text() +
                " do not fit");
  if (o.scale == 0) o.scale = static_cast<float>(1 / std::sqrt(double(dq[3])));
  shape const scores{dq[0], dq[1], dq[2], dk[2]};
  attention_bias const bias{who, c, o, scores, c.has(4) ? c.inputs[4].dims()[2] : 0};
  tensor seen,
      out = c.memory.make(element::f32, flat ? shape{dq[0], dq[2], dq[1] * dv[3]} : shape{dq[0], dq[1], dq[2], dv[3]});
  if (c.outputs.size() > 3) seen = c.memory.make(element::f32, scores);
  auto const group = dq[1] / dk[1], step = flat ? dq[1] * dv[3] : dv[3];
  auto* const y = out.mutable_as<float>().data();
  auto* const stage = seen ? seen.mutable_as<float>().data() : nullptr;
  if (out.size() != 0 && dk[2] == 0) std::fill(y, y + out.size(), 0.0f);
  else if (out.size() != 0 || scores.size() != 0)
    c.pool.run(dq[0] * dq[1], [&](std::ptrdiff_t i) {
      auto const b = i / dq[1], h = i % dq[1], kv = b * dk[1] + h / group;
      attention_head const a{{q.as<float>().data() + i * dq[2] * dq[3], dq[2], dq[3]},
                             {k.as<float>().data() + kv * dk[2] * dk[3], dk[2], dk[3]},
                             {v.as<float>().data() + kv * dv[2] * dv[3], dv[2], dv[3]},
                             {y + (flat ? b * dq[2] * step + h * dv[3] : i * dq[2] * step), dq[2], dv[3], step},
                             stage == nullptr ? nullptr : stage + i * dq[2] * dk[2]};
      attend(c, o, bias, a, b, h);
    });
  c.outputs[0] = out;
  if (c.outputs.size() > 1) c.outputs[1] = k;
  if (c.outputs.size() > 2) c.outputs[2] = v;
  if (c.outputs.size() > 3) c.outputs[3] = seen;
}

inline operation prepare_attention(preparation const& p) {
  expect_inputs(p, 3, 7);
  attention_options const o{p.get<std::int64_t>("q_num_heads", 0),
                            p.get<std::int64_t>("kv_num_heads", 0),
                            p.get<std::int64_t>("left_window_size", -1),
                            p.get<std::int64_t>("right_window_size", -1),
                            p.get<std::int64_t>("qk_matmul_output_mode", 0),
                            p.get("scale", 0.0f),
                            p.get("softcap", 0.0f),
                            p.get<std::int64_t>("is_causal", 0) != 0};
  if (o.left < -1 || o.right < -1 || o.left > (std::int64_t{1} << 40) || o.right > (std::int64_t{1} << 40))
    op_label{p}.invalid("a window size is out of range");
  return with_half([who = op_label{p}, o](call& c) { attention(who, c, o); });
}

/// Pairs of a head's elements are turned by the angle of their position.
struct rotary_options {
  std::int64_t heads = 0, size = 0;
  bool interleaved = false;
};

inline void rotate(float const* x, float* y, float const* cosine, float const* sine, std::int64_t half,
                   bool interleaved) {
  for (std::int64_t i = 0; i < half; ++i) {
    auto const a = interleaved ? 2 * i : i, b = interleaved ? 2 * i + 1 : i + half;
    float const u = x[a], v = x[b];
    y[a] = cosine[i] * u - sine[i] * v;
    y[b] = sine[i] * u + cosine[i] * v;
  }
}

inline void rotary_embedding(op_label const& who, call& c, rotary_options const& o) {
  for (std::size_t i = 0; i < 3; ++i)
    if (c.inputs[i].type() != element::f32)
      unsupported_type(who, c.inputs[i].type(), {element::f32, element::f16, element::bf16});
  auto const d = c.inputs[0].dims();
  bool const flat = d.rank() == 3;
  if ((!flat && d.rank() != 4) || (flat && (o.heads < 1 || d[2] % o.heads != 0)))
    who.invalid("shape " + d.text() + " has no " + std::to_string(o.heads) + " heads");
  auto const batch = d[0], heads = flat ? o.heads : d[1], rows = flat ? d[1] : d[2],
             size = flat ? d[2] / o.heads : d[3];
  auto const turned = o.size == 0 ? size : o.size, half = turned / 2;
  if (turned < 0 || turned > size || turned % 2 != 0)
    who.invalid("cannot rotate " + std::to_string(turned) + " of " + std::to_string(size) + " elements");
  bool const by_position = c.has(3);
  auto const cache = c.inputs[1].dims();
  if (!(cache == c.inputs[2].dims()) || cache.rank() != (by_position ? 2u : 3u) || cache[cache.rank() - 1] != half ||
      (!by_position && (cache[0] != batch || cache[1] != rows)))
    who.invalid("the caches of shape " + cache.text() + " do not fit");
  integers at(std::size_t(batch * rows));
  for (std::size_t i = 0; i < at.size(); ++i) at[i] = std::int64_t(i);
  if (by_position) {
    if (!(c.inputs[3].dims() == shape{batch, rows})) who.invalid("positions have shape " + c.inputs[3].dims().text());
    at = integers_of(who, c.inputs[3].reshaped({batch * rows}));
    for (auto& i : at) i = checked_index(who, i, cache[0]);
  }
  auto const* const x = c.inputs[0].as<float>().data();
  auto const *const cosine = c.inputs[1].as<float>().data(), *const sine = c.inputs[2].as<float>().data();
  auto* const y = c.make(0, element::f32, d).mutable_as<float>().data();
  for_rows(c.pool, batch * heads * rows, size, [&](std::int64_t begin, std::int64_t end) {
    for (auto r = begin; r < end; ++r) {
      auto const b = r / (heads * rows), row = flat ? r / heads % rows : r % rows,
                 place = at[std::size_t(b * rows + row)] * half;
      rotate(x + r * size, y + r * size, cosine + place, sine + place, half, o.interleaved);
      std::copy(x + r * size + turned, x + (r + 1) * size, y + r * size + turned);
    }
  });
}

inline operation prepare_rotary_embedding(preparation const& p) {
  expect_inputs(p, 3, 4);
  rotary_options const o{p.get<std::int64_t>("num_heads", 0), p.get<std::int64_t>("rotary_embedding_dim", 0),
                         p.get<std::int64_t>("interleaved", 0) != 0};
  return with_half([who = op_label{p}, o](call& c) { rotary_embedding(who, c, o); });
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry attention_operators[] = {
    {"Attention", "", 23, &detail::prepare_attention},
    {"RotaryEmbedding", "", 23, &detail::prepare_rotary_embedding},
};

}  // namespace octet
