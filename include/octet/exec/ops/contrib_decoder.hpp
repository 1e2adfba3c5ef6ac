// What exported language models are made of: GroupQueryAttention and RotaryEmbedding of com.microsoft.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/arguments.hpp>
#include <octet/exec/ops/attention.hpp>
#include <octet/exec/ops/attention_core.hpp>
#include <octet/exec/ops/half.hpp>
#include <octet/exec/ops/integer_terms.hpp>

namespace octet {
namespace detail {

/// input, position_ids ([batch, rows], or [1]: the first position), cos_cache, sin_cache.
inline operation prepare_contrib_rotary(preparation const& p) {
  expect_inputs(p, 4, 4);
  op_label const who{p};
  if (p.get("is_packed_batching", std::int64_t{0}) != 0) who.unsupported("is_packed_batching is not supported");
  rotary_options const o{p.get("num_heads", std::int64_t{0}), p.get("rotary_embedding_dim", std::int64_t{0}),
                         p.get("interleaved", std::int64_t{0}) != 0};
  return [who, o](call& c) {
    auto own = o;
    auto const& d = c.inputs[0].dims();
    auto const &at = c.inputs[1], &cache = c.inputs[2];
    if (d.rank() < 3 || cache.rank() != 2) who.invalid("an input of shape " + d.text() + " does not fit");
    if (own.size == 0) own.size = 2 * cache.dims()[1];
    if (own.heads == 0 && d.rank() == 3 && own.size > 0) own.heads = d[2] / own.size;
    auto const rows = d[d.rank() - 2];
    tensor places = at;
    if (at.size() == 1 && d[0] * rows != 1) {
      auto const first = integer_of(who, at);
      places = c.memory.make(element::s64, {d[0], rows});
      auto const to = places.mutable_as<std::int64_t>();
      for (std::size_t i = 0; i < to.size(); ++i) to[i] = first + std::int64_t(i) % rows;
    } else if (at.size() == 1) {
      places = at.reshaped({d[0], rows});
    }
    tensor in[] = {c.inputs[0], cache, c.inputs[3], places};
    call inner{in, c.outputs, c.pool, c.memory};
    rotary_embedding(who, inner, own);
  };
}

struct group_query_options {
  std::int64_t heads = 0, kv_heads = 0, window = -1;
  float scale = 0, softcap = 0;
  bool causal = true, rotary = false, interleaved = false, smooth = false;

  explicit group_query_options(preparation const& p)
      : heads{p.get("num_heads", std::int64_t{0})},
        kv_heads{p.get("kv_num_heads", std::int64_t{0})},
        window{p.get("local_window_size", std::int64_t{-1})},
        scale{p.get("scale", 0.f)},
        softcap{p.get("softcap", 0.f)},
        causal{p.get("causal", std::int64_t{1}) != 0},
        rotary{p.get("do_rotary", std::int64_t{0}) != 0},
        interleaved{p.get("rotary_interleaved", std::int64_t{0}) != 0},
        smooth{p.get("smooth_softmax", std::int64_t{-1}) > 0} {
    op_label const who{p};
    if (heads < 1 || kv_heads < 1 || heads % kv_heads != 0) who.invalid("num_heads and kv_num_heads do not fit");
    for (std::size_t i = 12; i < p.node.inputs.size(); ++i)
      if (p.has_input(i)) who.unsupported("input " + std::to_string(i) + " is not supported");
    for (auto const* const name : {"sliding_window_cache", "qk_output", "kv_cache_bit_width"})
      if (p.get(name, std::int64_t{0}) != 0) who.unsupported(std::string{name} + " is not supported");
  }
};

/// query (or packed Q | K | V), key, value, past_key, past_value, seqlens_k, total_sequence_length, cos_cache,
/// sin_cache, position_ids, attention_bias, head_sink. Each image has its own number of keys, all in one buffer.
class group_query_attention {
 public:
  group_query_attention(op_label who, call& c, group_query_options const& o) : who_{std::move(who)}, c_{c}, o_{o} {
    auto const& d = c.inputs[0].dims();
    bool const packed = !c.has(1);
    auto const parts = packed ? o.heads + 2 * o.kv_heads : o.heads;
    if (d.rank() != 3 || d[2] % parts != 0 || d[2] == 0) who_.invalid("a query of shape " + d.text() + " does not fit");
    size_ = d[2] / parts;
    f_ = {.batch = d[0], .heads = o.heads, .kv_heads = o.kv_heads, .queries = d[1], .size = size_, .value_size = size_};
    f_.scale = o.scale != 0 ? o.scale : 1 / std::sqrt(static_cast<float>(size_)), f_.softcap = o.softcap;
    find_lengths();
    auto const at = [&](std::size_t i, std::int64_t first, std::int64_t heads) {
      if (packed)
        return head_rows<float const>{c.inputs[0].as<float>().data() + first * size_, d[1] * d[2], size_, d[2]};
      if (!c.has(i) || c.inputs[i].dims() != shape{d[0], d[1], heads * size_})
        who_.invalid("key and value must have the query's batch and length and " + std::to_string(heads * size_) +
                     " columns");
      return head_rows<float const>::rows_first(c.inputs[i].as<float>().data(), heads, d[1], size_);
    };
    query_ = heads_of(at(0, 0, o.heads), o.heads);
    key_ = heads_of(at(1, o.heads, o.kv_heads), o.kv_heads);
    value_ = heads_of(at(2, o.heads + o.kv_heads, o.kv_heads), o.kv_heads);
    if (o.rotary) rotate_all(query_, o.heads), rotate_all(key_, o.kv_heads);
  }

  void run() {
    tensor const keys = joined(3, key_), values = joined(4, value_);
    f_.keys = keys.dims()[2];
    if (c_.has(10)) check_bias(c_.inputs[10].dims());
    std::vector<float> sinks(o_.smooth ? std::size_t(o_.heads) : 0, 0.f);
    if (c_.has(11)) sinks = all_floats(who_, c_.inputs[11]);
    if (!sinks.empty() && std::int64_t(sinks.size()) != o_.heads) who_.invalid("head_sink does not fit num_heads");
    f_.sinks = sinks.empty() ? nullptr : sinks.data();
    auto* const y = c_.make(0, element::f32, {f_.batch, f_.queries, o_.heads * size_}).mutable_as<float>().data();
    attend(c_.pool, f_, first(query_, o_.heads, f_.queries), first(keys, o_.kv_heads, f_.keys),
           first(values, o_.kv_heads, f_.keys), head_rows<float>::rows_first(y, o_.heads, f_.queries, size_),
           [this](std::int64_t b, std::int64_t n, std::int64_t s, std::vector<float>& row) {
             return add_bias(b, n, s, row);
           });
    if (c_.outputs.size() > 1) c_.outputs[1] = keys;
    if (c_.outputs.size() > 2) c_.outputs[2] = values;
  }

 private:
  /// seqlens_k is the number of keys of each image less one; a first prompt has no past.
  void find_lengths() {
    auto const ends = integers_of(who_, c_.inputs[5].reshaped({c_.inputs[5].size()}));
    total_ = integer_of(who_, c_.inputs[6]);
    if (std::int64_t(ends.size()) != f_.batch || total_ < 0) who_.invalid("seqlens_k does not fit the batch");
    for (auto const e : ends) {
      auto const before = total_ == f_.queries ? 0 : e + 1 - f_.queries;
      if (e < 0 || e >= total_ || before < 0)
        who_.invalid("a sequence of " + std::to_string(e) + " + 1 keys does not fit a total of " +
                     std::to_string(total_) + " and " + std::to_string(f_.queries) + " queries");
      before_.push_back(before);
    }
  }
  void check_bias(shape const& d) const {
    if (d.rank() != 4 || (d[0] != 1 && d[0] != f_.batch) || (d[1] != 1 && d[1] != o_.heads) || d[2] != f_.queries ||
        d[3] < total_)
      who_.invalid("an attention bias of shape " + d.text() + " does not fit");
  }
  head_rows<float const> first(tensor const& t, std::int64_t heads, std::int64_t rows) const {
    return head_rows<float const>::heads_first(t.as<float>().data(), heads, rows, size_);
  }
  tensor heads_of(head_rows<float const> x, std::int64_t heads) const {
    tensor t = c_.memory.make(element::f32, {f_.batch, heads, f_.queries, size_});
    copy_heads(f_.batch, heads, f_.queries, size_, x,
               head_rows<float>::heads_first(t.mutable_as<float>().data(), heads, f_.queries, size_), 0);
    return t;
  }

  void rotate_all(tensor& t, std::int64_t heads) const {
    if (!c_.has(7) || !c_.has(8) || c_.inputs[7].rank() != 2 || c_.inputs[7].dims() != c_.inputs[8].dims())
      who_.invalid("do_rotary needs a cos_cache and a sin_cache of one shape");
    auto const rows = c_.inputs[7].dims()[0], half = c_.inputs[7].dims()[1];
    if (2 * half > size_) who_.invalid("the caches are wider than a head");
    auto const given = c_.has(9) ? integers_of(who_, c_.inputs[9].reshaped({c_.inputs[9].size()})) : integers{};
    if (!given.empty() && std::int64_t(given.size()) != f_.batch * f_.queries) who_.invalid("position_ids do not fit");
    auto const *const cosine = c_.inputs[7].as<float>().data(), *const sine = c_.inputs[8].as<float>().data();
    auto* x = t.mutable_as<float>().data();
    for (std::int64_t b = 0; b < f_.batch; ++b)
      for (std::int64_t n = 0; n < heads; ++n)
        for (std::int64_t s = 0; s < f_.queries; ++s, x += size_) {
          auto const at = given.empty() ? before_[std::size_t(b)] + s : given[std::size_t(b * f_.queries + s)];
          auto const place = checked_index(who_, at, rows) * half;
          rotate(x, x, cosine + place, sine + place, half, o_.interleaved);
        }
  }

  /// The past's rows of each image followed by the new ones, in a buffer as long as the past's or as all keys.
  tensor joined(std::size_t at, tensor const& now) const {
    tensor const* const past = input_of(c_, at);
    if (past != nullptr) expect_past(who_, *past, f_.batch, o_.kv_heads, size_);
    auto const old = past == nullptr ? 0 : past->dims()[2], rows = std::max(old, total_);
    tensor all = c_.memory.make(element::f32, {f_.batch, o_.kv_heads, rows, size_});
    auto const to = all.mutable_as<float>();
    std::fill(to.begin(), to.end(), 0.f);
    for (std::int64_t b = 0; b < f_.batch; ++b) {
      auto const before = before_[std::size_t(b)];
      if (before > old || before + f_.queries > rows) who_.invalid("the past is shorter than seqlens_k says");
      for (std::int64_t n = 0; n < o_.kv_heads; ++n) {
        auto const head = b * o_.kv_heads + n;
        auto* const y = to.data() + head * rows * size_;
        if (before > 0) std::copy_n(past->as<float>().data() + head * old * size_, before * size_, y);
        std::copy_n(now.as<float>().data() + head * f_.queries * size_, f_.queries * size_, y + before * size_);
      }
    }
    return all;
  }

  bool add_bias(std::int64_t b, std::int64_t n, std::int64_t s, std::vector<float>& row) const {
    auto const before = before_[std::size_t(b)], at = before + s;
    auto const end = o_.causal ? at + 1 : before + f_.queries;
    auto const begin = o_.window > 0 ? std::max<std::int64_t>(0, at + 1 - o_.window) : 0;
    std::fill(row.begin(), row.end(), -std::numeric_limits<float>::infinity());
    std::fill(row.begin() + begin, row.begin() + end, 0.f);
    if (c_.has(10)) {
      auto const& d = c_.inputs[10].dims();
      auto const from = ((d[0] == 1 ? 0 : b) * d[1] + (d[1] == 1 ? 0 : n)) * d[2] + s;
      auto const* const x = c_.inputs[10].as<float>().data() + from * d[3];
      for (auto t = begin; t < std::min(end, d[3]); ++t) row[std::size_t(t)] += x[t];
    }
    return true;
  }

  op_label who_;
  call& c_;
  group_query_options const& o_;
  attention_form f_{};
  std::int64_t size_ = 0, total_ = 0;
  integers before_{};
  tensor query_{}, key_{}, value_{};
};

inline operation prepare_group_query_attention(preparation const& p) {
  expect_inputs(p, 1);
  op_label const who{p};
  if (!p.has_input(5) || !p.has_input(6)) who.invalid("needs seqlens_k and total_sequence_length");
  return [who, o = group_query_options{p}](call& c) { group_query_attention{who, c, o}.run(); };
}

}  // namespace detail

inline constexpr operator_entry contrib_decoder_operators[] = {
    {"GroupQueryAttention", "com.microsoft", 1, &detail::prepare_as_float<&detail::prepare_group_query_attention>},
    {"RotaryEmbedding", "com.microsoft", 1, &detail::prepare_as_float<&detail::prepare_contrib_rotary>},
};

}  // namespace octet
