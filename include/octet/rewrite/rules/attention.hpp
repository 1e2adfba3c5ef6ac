// Attention blocks as one operator of ONNX Runtime: Attention, where one input is projected by constant weights and
// nothing but a padding mask is added, so that QAttention can take its place; else MultiHeadAttention. Or as ONNX's
// own. Or, to be run and not to be written, as MultiHeadAttention alone.
#pragma once

#include <limits>
#include <set>

#include <octet/io/file.hpp>
#include <octet/rewrite/attention.hpp>
#include <octet/rewrite/numbers.hpp>
#include <octet/rewrite/rules/variables.hpp>

namespace octet::rewrite {

enum class attention_target {
  contrib,   ///< Attention or MultiHeadAttention of com.microsoft
  standard,  ///< Attention of opset 23
  to_run,    ///< MultiHeadAttention; weights stay apart, and masks are what is added, whatever their numbers mean
};

/// Writes one attention block into a patch.
class attention_writer {
 public:
  attention_writer(match const& m, patch& p, attention_finder& finder, attention_block const& a)
      : m_{m}, g_{m.graph}, p_{p}, finder_{finder}, a_{a} {}

  /// [B,S,N·H] of the block.
  result write() {
    if (a_.v.scale != 1) return p_.decline("the values are scaled");
    std::vector<attribute> attributes{{"num_heads", a_.q.count}};
    if (!put_scale(attributes)) return p_.decline("the scores are not scaled by a number other than 0");
    auto const mask = padding(attributes);
    bool const grows = a_.past_k && a_.past_v && a_.past_k->added.length == a_.q.length;
    bool const causal = takes_causal(mask, grows);
    if (causal) attributes.push_back({"unidirectional", std::int64_t{1}});
    if (a_.scores.terms.empty() || causal) {
      if (auto const packed = pack(grows)) return attention(*packed, mask, grows, std::move(attributes));
      if (causal && grows) attributes.pop_back();
      else if (causal) a_.scores.terms.clear();
    }
    return multi_head(mask, std::move(attributes));
  }

  /// The same for float32, without a second copy of any weights, and where masks do what the nodes do, whatever the
  /// numbers: a moderate number in place of scores differs from one that is added where it hides all of a row.
  result write_to_run() {
    if (a_.v.scale != 1) return p_.decline("the values are scaled");
    auto const* t = m_.type(a_.q.source);
    if (t == nullptr || t->element != element::f32) return p_.decline("the queries are not known to be float32");
    std::vector<attribute> attributes{{"num_heads", a_.q.count}};
    if (!put_scale(attributes)) return p_.decline("the scores are not scaled by a number other than 0");
    if (takes_causal(value_id::none, false)) {
      attributes.push_back({"unidirectional", std::int64_t{1}});
      a_.scores.terms.clear();
    }
    for (auto const& term : a_.scores.terms)
      if (term.masked && !(*term.masked <= -1e30)) return p_.decline("a mask puts numbers in place of scores");
    least_ = -std::numeric_limits<double>::infinity();
    return multi_head(value_id::none, std::move(attributes));
  }

  /// The same as the operator of opset 23: masks are added to the scores, as [B|1, N|1, S, T].
  result write_standard() {
    if (a_.v.scale != 1) return p_.decline("the values are scaled");
    std::vector<attribute> attributes{{"q_num_heads", a_.q.count}, {"kv_num_heads", a_.q.count}};
    if (!put_scale(attributes)) return p_.decline("the scores are not scaled by a number other than 0");
    if (takes_causal(value_id::none, false)) {
      attributes.push_back({"is_causal", std::int64_t{1}});
      a_.scores.terms.clear();
    }
    auto const q = sequence(a_.q), k = sequence(a_.k), v = sequence(a_.v);
    return p_(ops::Attention, trimmed({q, k, v, additive(q, k, 1)}), std::move(attributes));
  }

 private:
  /// The operators take a scale of 0 for none.
  bool put_scale(std::vector<attribute>& attributes) const {
    auto const scale = a_.q.scale * a_.k.scale * a_.scores.scale;
    if (static_cast<float>(scale) == 0 || !std::isfinite(static_cast<float>(scale))) return false;
    auto const usual = 1 / std::sqrt(static_cast<double>(a_.q.size));
    if (std::abs(scale - usual) > 1e-6 * usual) attributes.push_back({"scale", static_cast<float>(scale)});
    return true;
  }

  result multi_head(value_id mask, std::vector<attribute> attributes) {
    auto const q = sequence(a_.q);
    bool const apart = a_.k.split && a_.v.split;
    auto const k = apart ? a_.k.source : sequence(a_.k), v = apart ? a_.v.source : sequence(a_.v);
    return p_(ops::MultiHeadAttention,
              trimmed({q, k, v, value_id::none, mask, additive(q, k, apart ? std::int64_t{2} : std::int64_t{1})}),
              std::move(attributes));
  }

  struct packed_projection {
    value_id x = value_id::none, weight = value_id::none, bias = value_id::none;
  };
  struct projection {
    value_id x = value_id::none, weight = value_id::none, bias = value_id::none;
  };

  /// Whether the one thing added to the scores hides later keys. With a padding mask beside it the operators give rows
  /// of padding another result than the sum of both masks does.
  bool takes_causal(value_id mask, bool grows) const {
    auto const& s = a_.scores;
    return mask == value_id::none && s.terms.size() == 1 && !s.floor && (grows || a_.q.length == a_.k.length) &&
           finder_.is_causal(s.terms[0], a_);
  }

  /// Attention, with keys and values of earlier steps as its past and those of all steps as its second output.
  result attention(packed_projection const& from, value_id mask, bool grows, std::vector<attribute> attributes) {
    if (!grows)
      return p_(ops::ContribAttention, trimmed({from.x, from.weight, from.bias, mask}), std::move(attributes));
    if (depends(from.x, a_.k.source) || depends(from.x, a_.v.source) || depends(mask, a_.k.source))
      return p_.decline("the input depends on the keys or values that the operator would make");
    auto const first = [&](value_id v) {
      if (m_.opset != 0 && m_.opset < 13) return p_(ops::Unsqueeze, {v}, {{"axes", std::vector<std::int64_t>{0}}});
      return p_(ops::Unsqueeze, {v, integers({0})});
    };
    auto const past = p_(ops::Concat, {first(a_.past_k->past), first(a_.past_v->past)}, {{"axis", std::int64_t{0}}});
    auto const out =
        p_.many(ops::ContribAttention, {from.x, from.weight, from.bias, mask, past}, 2, std::move(attributes));
    result r{out[0]};
    for (std::int64_t i = 0; i < 2; ++i)
      r.also.emplace_back(i == 0 ? a_.k.source : a_.v.source,
                          p_(ops::Gather, {out[1], p_.constant(tensor::scalar(i))}, {{"axis", std::int64_t{0}}}));
    return r;
  }
  /// Whether `v` is computed from `from`.
  bool depends(value_id v, value_id from) const {
    std::vector<value_id> todo{v};
    std::set<value_id> seen;
    while (!todo.empty()) {
      auto const x = todo.back();
      todo.pop_back();
      if (x == from) return true;
      if (x == value_id::none || !seen.insert(x).second) continue;
      if (auto const* n = g_.producer(x)) todo.insert(todo.end(), n->inputs.begin(), n->inputs.end());
    }
    return false;
  }

  static std::vector<value_id> trimmed(std::vector<value_id> in) {
    while (!in.empty() && in.back() == value_id::none) in.pop_back();
    return in;
  }
  value_id integers(std::vector<std::int64_t> v) {
    return p_.constant(tensor::of(shape{static_cast<std::int64_t>(v.size())}, v));
  }

  /// Heads as [B,S,N·H].
  value_id sequence(heads const& h) {
    auto v = h.source;
    if (h.split) {
      v = p_(ops::Transpose, {v}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}});
      return p_(ops::Reshape, {v, integers({0, 0, h.count * h.size})});
    }
    if (h.width != h.count * h.size)
      v = p_(ops::Slice, {v, integers({h.offset}), integers({h.offset + h.count * h.size}), integers({2})});
    return h.sequence_first ? batch_first(v) : v;
  }

  /// x·W + b, where W is a constant matrix and b a constant vector or absent.
  std::optional<projection> projected(value_id v) const {
    projection r;
    auto const* n = g_.producer(v);
    for (std::size_t i = 0; n != nullptr && n->is("Add") && i < 2; ++i)
      if (auto const* t = g_.constant(n->inputs[i]); t != nullptr && t->rank() == 1) {
        r.bias = n->inputs[i];
        n = g_.producer(n->inputs[1 - i]);
        break;
      }
    if (n == nullptr || !n->is("MatMul") || m_.rank(n->inputs[0]) != 3) return std::nullopt;
    auto const* w = g_.constant(n->inputs[1]);
    if (w == nullptr || w->rank() != 2 || w->type() != element::f32) return std::nullopt;
    if (r.bias != value_id::none &&
        (g_.constant(r.bias)->size() != w->dims()[1] || g_.constant(r.bias)->type() != element::f32))
      return std::nullopt;
    r.x = n->inputs[0], r.weight = n->inputs[1];
    return r;
  }

  /// The three projections as one, if they are of one input and of one size.
  std::optional<packed_projection> pack(bool grows) {
    heads const* all[] = {&a_.q, grows ? &a_.past_k->added : &a_.k, grows ? &a_.past_v->added : &a_.v};
    std::vector<projection> parts;
    for (auto const* h : all) {
      auto const r = h->split || h->sequence_first != a_.q.sequence_first ? std::nullopt : projected(h->source);
      if (!r || h->size != a_.q.size || (!parts.empty() && r->x != parts[0].x)) return std::nullopt;
      parts.push_back(*r);
    }
    auto const columns = a_.q.count * a_.q.size;
    std::vector<float> bias;
    std::vector<tensor> weights;
    for (std::size_t i = 0; i < 3; ++i) {
      weights.push_back(g_.constant(parts[i].weight)->align());
      auto const* b = g_.constant(parts[i].bias);
      auto const aligned = b == nullptr ? tensor{} : b->align();
      for (std::int64_t c = 0; c < columns; ++c)
        bias.push_back(b == nullptr ? 0.0f : aligned.as<float>()[static_cast<std::size_t>(all[i]->offset + c)]);
    }
    auto const rows = weights[0].dims()[0];
    tensor w{element::f32, shape{rows, 3 * columns}};
    auto out = w.mutable_as<float>().begin();
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::size_t i = 0; i < 3; ++i) {
        auto const from = weights[i].as<float>().begin() + r * weights[i].dims()[1] + all[i]->offset;
        out = std::copy(from, from + columns, out);
      }
    for (auto const& t : weights) detail::forget_pages(t.bytes(), t.owner());
    return packed_projection{a_.q.sequence_first ? batch_first(parts[0].x) : parts[0].x,
                             p_.constant(std::move(w), parts[0].weight),
                             p_.constant(tensor::of(shape{3 * columns}, bias), parts[0].bias)};
  }

  /// [S,B,·] as [B,S,·]: what was turned, or turned.
  value_id batch_first(value_id v) {
    std::vector<std::int64_t> const turn{1, 0, 2};
    auto const* n = p_.makes(v) ? nullptr : g_.producer(v);
    auto const* perm = n != nullptr && n->is("Transpose") ? n->get<std::vector<std::int64_t>>("perm") : nullptr;
    return perm != nullptr && *perm == turn ? n->inputs[0] : p_(ops::Transpose, {v}, {{"perm", turn}});
  }

  static constexpr double lowest = -3.4028234663852886e38;

  /// [B,T] behind [B,1,1,T], or none.
  value_id token_mask(value_id v) {
    auto const s = finder_.sizes(v);
    if (!s || !(*s == shape{a_.q.batch, 1, 1, a_.k.length})) return value_id::none;
    while (g_.producer(v) != nullptr && m_.rank(v) != 2 &&
           (g_.producer(v)->is("Cast") || g_.producer(v)->is("Unsqueeze") || g_.producer(v)->is("Reshape")))
      v = g_.producer(v)->inputs[0];
    auto const two = finder_.sizes(v);
    return two && *two == shape{a_.q.batch, a_.k.length} ? v : value_id::none;
  }

  /// The [B,T] mask of a Where that puts a number in place of scores where the mask is 0, a number so low that adding
  /// it does the same; or none.
  value_id kept_tokens(score_term const& t) {
    if (!t.where_true || *t.masked > -1e30) return value_id::none;
    auto v = t.value;
    while (g_.producer(v) != nullptr && g_.producer(v)->is("Expand")) v = g_.producer(v)->inputs[0];
    v = token_mask(v);
    auto const* equal = v == value_id::none ? nullptr : g_.producer(v);
    for (std::size_t i = 0; equal != nullptr && equal->is("Equal") && i < 2; ++i)
      if (auto const* zero = g_.constant(equal->inputs[i]); zero != nullptr && to_real(*zero) == 0.0)
        return equal->inputs[1 - i];
    return value_id::none;
  }

  /// The [B,T] mask of 1 and 0 behind a term (1 − mask)·filter, as int32; the term is then done with.
  value_id padding(std::vector<attribute>& attributes) {
    auto& terms = a_.scores.terms;
    for (auto it = terms.begin(); it != terms.end(); ++it) {
      if (auto const kept = it->masked ? kept_tokens(*it) : value_id::none; kept != value_id::none) {
        attributes.push_back({"mask_filter_value", static_cast<float>(std::max(*it->masked, lowest))});
        terms.erase(it);
        return p_(ops::Cast, {kept}, {{"to", static_cast<std::int64_t>(element::s32)}});
      }
      auto const* mul = it->masked || it->factor != 1 ? nullptr : g_.producer(it->value);
      for (std::size_t i = 0; mul != nullptr && mul->is("Mul") && i < 2; ++i) {
        auto const* f = g_.constant(mul->inputs[i]);
        auto const filter = f == nullptr ? std::nullopt : to_real(*f);
        auto const* sub = g_.producer(mul->inputs[1 - i]);
        if (!filter || sub == nullptr || !sub->is("Sub") || g_.constant(sub->inputs[0]) == nullptr ||
            to_real(*g_.constant(sub->inputs[0])) != 1.0)
          continue;
        auto const v = token_mask(sub->inputs[1]);
        if (v == value_id::none) continue;
        attributes.push_back({"mask_filter_value", static_cast<float>(*filter)});
        terms.erase(it);
        return p_(ops::Cast, {v}, {{"to", static_cast<std::int64_t>(element::s32)}});
      }
    }
    return value_id::none;
  }

  /// The sum of the other terms as [B|1, N|1, S, T]; axis `length` of k has T.
  value_id additive(value_id q, value_id k, std::int64_t length) {
    value_id sum = value_id::none;
    std::vector<std::int64_t> dims{1, 1, 1, 1};
    for (auto const& t : a_.scores.terms) {
      auto v = t.value;
      if (t.masked) {
        auto const number = p_.constant(tensor::scalar(static_cast<float>(std::max(*t.masked, least_)))),
                   zero = p_.constant(tensor::scalar(0.0f));
        v = p_(ops::Where, {v, t.where_true ? number : zero, t.where_true ? zero : number});
      }
      if (t.factor != 1) v = p_(ops::Mul, {v, p_.constant(tensor::scalar(static_cast<float>(t.factor)))});
      auto s = *finder_.sizes(t.value);
      if (s.rank() == 5) {
        v = for_each_window(v, s, q);
        s = shape{a_.q.batch, s[2], s[3], s[4]};
      }
      for (std::size_t i = 0; i < s.rank(); ++i) dims[i + 4 - s.rank()] = std::max(dims[i + 4 - s.rank()], s[i]);
      if (s.rank() < 4 && sum == value_id::none) v = raised(v, 4 - s.rank());
      sum = sum == value_id::none ? v : p_(ops::Add, {sum, v});
    }
    if (sum != value_id::none && a_.scores.floor)
      sum = p_(ops::Max, {sum, p_.constant(tensor::scalar(static_cast<float>(*a_.scores.floor)))});
    if (sum != value_id::none && ((dims[2] == 1 && a_.q.length != 1) || (dims[3] == 1 && a_.k.length != 1)))
      sum =
          p_(ops::Expand,
             {sum, p_(ops::Concat, {integers({1, 1}), extent(q, 1), extent(k, length)}, {{"axis", std::int64_t{0}}})});
    return sum;
  }
  /// [1,W,N,S,T], one for each window of a picture, as [B,N,S,T] for the pictures of a batch.
  value_id for_each_window(value_id v, shape const& s, value_id q) {
    auto const pictures = p_(ops::Div, {extent(q, 0), integers({s[1]})});
    auto const many = p_(ops::Concat, {pictures, integers({1, 1, 1, 1})}, {{"axis", std::int64_t{0}}});
    return p_(ops::Reshape, {p_(ops::Expand, {v, many}), integers({-1, s[2], s[3], s[4]})});
  }
  value_id raised(value_id v, std::size_t axes) {
    std::vector<std::int64_t> first(axes);
    std::iota(first.begin(), first.end(), std::int64_t{0});
    if (m_.opset != 0 && m_.opset < 13) return p_(ops::Unsqueeze, {v}, {{"axes", first}});
    return p_(ops::Unsqueeze, {v, integers(first)});
  }
  /// The size of one axis, as a list of one number.
  value_id extent(value_id v, std::int64_t axis) {
    return p_(ops::Slice, {p_(ops::Shape, {v}), integers({axis}), integers({axis + 1}), integers({0})});
  }

  match const& m_;
  octet::graph const& g_;
  patch& p_;
  attention_finder& finder_;
  attention_block a_;
  double least_ = lowest;  ///< that a mask adds
};

/// [B,S,N·H] as [B,N,S,H].
inline value_id split_again(patch& p, value_id y, attention_block const& a) {
  auto const apart = p.constant(tensor::of(shape{4}, std::vector<std::int64_t>{0, 0, a.q.count, a.v.size}));
  return p(ops::Transpose, {p(ops::Reshape, {y, apart})}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}});
}

/// [B,S,N·H] laid out as the merged heads are: rows in their order, and in their shape.
inline value_id as_merged(match const& m, patch& p, value_id y, attention_finder::rows how) {
  if (how == attention_finder::rows::sequence_first)
    y = p(ops::Transpose, {y}, {{"perm", std::vector<std::int64_t>{1, 0, 2}}});
  return m.rank(m.root) == 3 ? y : p(ops::Reshape, {y, m[var::target]});
}

/// Replaces the merged heads of an attention block, or else its weighted sum [B,N,S,H].
inline result fuse_attention(match const& m, patch& p, bool merged, attention_target form = attention_target::contrib) {
  std::string why;
  for (int attempt = 0; attempt < 3; ++attempt) {
    attention_finder finder{m, attempt};
    why.clear();
    auto const a = finder.find(m[var::node], why);
    if (!a) continue;
    auto const how = merged ? finder.merged_rows(m.root, m[var::node], *a) : std::nullopt;
    if (merged && !how) return p.decline("the heads are not put back side by side");
    if (!merged && m.rank(m.root) != 4)
      return p.decline("batch and heads are one axis, and are not put back side by side");
    auto const target = merged ? to_integers(m.fixed(var::target)) : std::nullopt;
    if (merged && m.rank(m.root) != 3 && (!target || std::find(target->begin(), target->end(), 0) != target->end()))
      return p.decline("the shape of the merged heads copies sizes");
    attention_writer writer{m, p, finder, *a};
    auto y = form == attention_target::standard ? writer.write_standard()
             : form == attention_target::to_run ? writer.write_to_run()
                                                : writer.write();
    if (y) y.values[0] = merged ? as_merged(m, p, y.values[0], *how) : split_again(p, y.values[0], *a);
    return y;
  }
  return p.decline(why);
}

/// A product whose left side comes from a Softmax.
inline constexpr auto weighted_sum =
    ops::MatMul(either(ops::Softmax(var::x).shared(), ops::Reshape(ops::Softmax(var::x).shared(), var::one).shared()),
                var::y)
        .as(var::node);

inline constexpr auto merged_heads = ops::Reshape(
    ops::Transpose(either(weighted_sum.shared(), ops::Reshape(weighted_sum.shared(), var::shape))), var::target);

inline constexpr rule fuse_attention_merged{"attention", merged_heads,
                                            [](match const& m, patch& p) { return fuse_attention(m, p, true); }};
inline constexpr rule fuse_attention_split{"attention-split", weighted_sum,
                                           [](match const& m, patch& p) { return fuse_attention(m, p, false); }};
inline constexpr rule fuse_standard_merged{"standard-attention", merged_heads, [](match const& m, patch& p) {
                                             return fuse_attention(m, p, true, attention_target::standard);
                                           }};
inline constexpr rule fuse_standard_split{"standard-attention-split", weighted_sum, [](match const& m, patch& p) {
                                            return fuse_attention(m, p, false, attention_target::standard);
                                          }};

/// Attention into ONNX Runtime's operators.
inline constexpr auto attention_rules = rules(fuse_attention_merged, fuse_attention_split);
/// Attention into the operator of opset 23.
inline constexpr auto standard_attention_rules = rules(fuse_standard_merged, fuse_standard_split);

}  // namespace octet::rewrite
