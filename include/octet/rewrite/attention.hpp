// Attention found by structure: Softmax between two matrix products whose operands are heads of three projections,
// however an exporter reshapes, transposes, scales and masks on the way.
#pragma once

#include <octet/rewrite/index_trace.hpp>
#include <octet/rewrite/known_numbers.hpp>
#include <octet/rewrite/rule.hpp>

namespace octet::rewrite {

/// Where the heads of queries, keys or values come from.
struct heads {
  value_id source = value_id::none;
  bool split = false;           ///< the source is [B,N,S,H]; otherwise its last axis holds N·H
  bool sequence_first = false;  ///< [S,B,·] instead of [B,S,·]
  std::int64_t batch = 0, count = 0, length = 0, size = 0;
  std::int64_t offset = 0, width = 0;  ///< N·H of `width` columns, from `offset` on
  double scale = 1;
};

/// What is added to the scores.
struct score_term {
  value_id value = value_id::none;  ///< added; or the condition of a Where
  std::optional<double> masked{};   ///< Where: the number that takes the score's place
  bool where_true = true;           ///< … where the condition holds
  double factor = 1;
  value_id at = value_id::none;  ///< the scores after it, as [B,N,S,T], [B·N,S,T] or [B/W,W,N,S,T]
};

/// The scores as scale·Q·Kᵀ + terms.
struct score_sum {
  value_id product = value_id::none;
  double scale = 1;
  std::vector<score_term> terms{};
  std::optional<double> floor{};  ///< the least that the sum may be
};

/// Keys or values of earlier steps, and those that are added to them.
struct growth {
  value_id past = value_id::none;  ///< [B,N,P,H]
  heads added{};
};

/// Everything that one attention block is made of.
struct attention_block {
  heads q{}, k{}, v{};
  std::optional<growth> past_k{}, past_v{};  ///< k and v are then what both parts make together
  score_sum scores{};
};

class attention_finder {
 public:
  attention_finder(match const& m, int attempt) : m_{m}, g_{m.graph}, trace_{m.graph, attempt} {}

  /// The block whose weighted sum is `context`, the MatMul of probabilities and values; why not is in `why`.
  std::optional<attention_block> find(value_id context, std::string& why) {
    attention_block a;
    auto const* product = g_.producer(context);
    auto const softmax = probabilities(product->inputs[0]);
    if (softmax == value_id::none) return why = "no Softmax over the last axis", std::nullopt;
    if (g_.use_count(softmax) != 1) return why = "the attention weights are used elsewhere", std::nullopt;
    if (!descend(g_.producer(softmax)->inputs[0], 1, a.scores, 0))
      return why = "the scores are not a product with scales and masks", std::nullopt;
    auto const* scores = g_.producer(a.scores.product);
    auto const q = heads_of(scores->inputs[0], false), k = heads_of(scores->inputs[1], true),
               v = heads_of(product->inputs[1], false);
    if (!q || !k || !v) return why = "the layout of the heads is not known", std::nullopt;
    if (q->count != k->count || q->count != v->count || q->batch != k->batch || q->batch != v->batch ||
        q->size != k->size || k->length != v->length)
      return why = "queries, keys and values do not fit together", std::nullopt;
    a.q = *q, a.k = *k, a.v = *v;
    a.past_k = growth_of(*k), a.past_v = growth_of(*v);
    for (auto const& t : a.scores.terms)
      if (!fits(t, a)) return why = "a mask has a shape that attention cannot take", std::nullopt;
    return a;
  }

  /// How `out` holds the rows of the context [B,N,S,H] with their heads side by side: batch first or, as torch's
  /// MultiheadAttention has it, sequence first. Nothing when it is neither.
  enum class rows { batch_first, sequence_first };
  std::optional<rows> merged_rows(value_id out, value_id context, attention_block const& a) {
    auto const t = trace_.climb(out);
    for (std::size_t k = 0; k < t.tops.size(); ++k) {
      if (t.tops[k] != context || t.scales[k] != 1) continue;
      auto const x = trace_.follow(t, k);
      auto const width = a.q.count * a.v.size;
      if (!x || x->dims.rank() < 2 || x->dims[x->dims.rank() - 1] != width) return std::nullopt;
      for (auto const how : {rows::batch_first, rows::sequence_first})
        if (holds(*x, a, how)) return how;
      return std::nullopt;
    }
    return std::nullopt;
  }

  std::optional<shape> sizes(value_id v) { return trace_.sizes(v); }

  /// Whether a term lets every query see the keys up to its own, counted from the last one, and no others.
  bool is_causal(score_term const& t, attention_block const& a) {
    auto const x = numbers_.of(t.value);
    auto const queries = a.q.length, keys = a.k.length;
    if (!x || x->dims.rank() < 2 || x->dims[x->dims.rank() - 1] != keys || x->dims[x->dims.rank() - 2] != queries ||
        (t.masked && *t.masked > -1e4))
      return false;
    for (std::int64_t i = 0; i < x->dims.size(); ++i) {
      auto const value = x->at[static_cast<std::size_t>(i)];
      bool const seen = t.masked ? (value != 0) != t.where_true : value == 0;
      if (!t.masked && !seen && !(value * t.factor <= -1e4)) return false;
      if (seen != (i % keys <= i / keys % queries + keys - queries)) return false;
    }
    return true;
  }

 private:
  static bool holds(numbered const& x, attention_block const& a, rows how) {
    bool const batch = how == rows::batch_first;
    auto const outer = batch ? a.q.batch : a.q.length, inner = batch ? a.q.length : a.q.batch;
    if (static_cast<std::int64_t>(x.at.size()) != outer * inner * a.q.count * a.v.size) return false;
    std::size_t i = 0;
    for (std::int64_t o = 0; o < outer; ++o)
      for (std::int64_t p = 0; p < inner; ++p)
        for (std::int64_t n = 0; n < a.q.count; ++n)
          for (std::int64_t h = 0; h < a.v.size; ++h) {
            auto const b = batch ? o : p, s = batch ? p : o;
            if (x.at[i++] != ((b * a.q.count + n) * a.q.length + s) * a.v.size + h) return false;
          }
    return true;
  }

  /// Heads that a Concat along the length makes of earlier ones and new ones.
  std::optional<growth> growth_of(heads const& h) {
    auto const* n = h.split ? g_.producer(h.source) : nullptr;
    if (n == nullptr || !n->is("Concat") || n->inputs.size() != 2) return std::nullopt;
    auto const axis = n->get<std::int64_t>("axis", 0);
    if (axis != 2 && axis != -2) return std::nullopt;
    auto const added = heads_of(n->inputs[1], false);
    return added && !added->split ? std::optional{growth{n->inputs[0], *added}} : std::nullopt;
  }

  value_id probabilities(value_id v) const {
    for (int i = 0; i < 8; ++i) {
      auto const* n = g_.producer(v);
      if (n == nullptr) break;
      if (n->is("Softmax")) {
        auto const axis = n->get<std::int64_t>("axis", m_.opset != 0 && m_.opset < 13 ? 1 : -1);
        auto const rank = m_.rank(v);
        return axis == -1 || (rank && axis == static_cast<std::int64_t>(*rank) - 1) ? v : value_id::none;
      }
      if (n->op != "Reshape" && n->op != "Identity") break;
      v = n->inputs[0];
    }
    return value_id::none;
  }

  std::optional<double> number(value_id v) const {
    auto const* t = g_.constant(v);
    return t == nullptr ? std::nullopt : to_real(*t);
  }

  /// From the Softmax's input down to the product of queries and keys; `outer` is what later steps multiply by.
  bool descend(value_id v, double outer, score_sum& s, int depth) const {
    auto const* n = g_.producer(v);
    if (n == nullptr || depth > 12) return false;
    auto const into = [&](value_id next, double factor, std::optional<score_term> term) {
      auto const kept = s.terms.size();
      if (term) s.terms.push_back(*term);
      if (descend(next, outer * factor, s, depth + 1)) return true;
      s.terms.resize(kept);
      return false;
    };
    if (n->is("MatMul")) {
      if (g_.constant(n->inputs[0]) != nullptr || g_.constant(n->inputs[1]) != nullptr) return false;
      s.product = v;
      s.scale = outer;
      return true;
    }
    if (n->is("Reshape") || n->is("Identity")) return into(n->inputs[0], 1, {});
    if (n->is("Div") && number(n->inputs[1])) return into(n->inputs[0], 1 / *number(n->inputs[1]), {});
    for (std::size_t i = 0; i < 2; ++i) {
      if (n->is("Mul") && number(n->inputs[i])) return into(n->inputs[1 - i], *number(n->inputs[i]), {});
      if (n->is("Max") && n->inputs.size() == 2 && number(n->inputs[i]).value_or(0) <= -3e38 && s.terms.empty() &&
          outer == 1) {
        s.floor = number(n->inputs[i]);
        return into(n->inputs[1 - i], 1, {});
      }
      if (n->is("Add") && into(n->inputs[i], 1, score_term{.value = n->inputs[1 - i], .factor = outer, .at = v}))
        return true;
      if (n->is("Where") && number(n->inputs[2 - i]) &&
          into(n->inputs[1 + i], 1, score_term{n->inputs[0], *number(n->inputs[2 - i]) * outer, i == 1, 1, v}))
        return true;
    }
    return false;
  }

  /// Whether what is added surely has more elements along an axis than the scores.
  bool enlarges(value_id added, value_id scores) const {
    auto const *x = m_.type(added), *y = m_.type(scores);
    if (x == nullptr || y == nullptr || !x->dims || !y->dims) return false;
    auto const rank = x->dims->size(), other = y->dims->size();
    for (std::size_t i = 0; i < rank; ++i) {
      auto const& d = (*x->dims)[i];
      if (!d.known() || d.size == 1) continue;
      if (i + other < rank) return true;
      auto const& e = (*y->dims)[i + other - rank];
      if (e.known() && e.size != d.size) return true;
    }
    return false;
  }

  /// Broadcasts to [B,N,S,T]: to scores of four axes, which it must not enlarge; to [B·N,S,T] it must not tell heads
  /// apart; and to [B/W,W,N,S,T], where a picture's windows lie side by side in the batch, not pictures.
  bool fits(score_term const& t, attention_block const& a) {
    auto const s = trace_.sizes(t.value), to = trace_.sizes(t.at);
    if (!s || !to || s->rank() > to->rank()) return false;
    auto const b = a.q.batch, n = a.q.count, q = a.q.length, k = a.k.length;
    if (to->rank() == 4) return !enlarges(t.value, a.scores.product);
    if (to->rank() == 3) return *to == shape{b * n, q, k} && (s->rank() < 3 || (*s)[0] == 1);
    if (to->rank() != 5 || s->rank() != 5 || !g_[t.value].type->fixed()) return false;
    auto const w = (*to)[1];
    return *to == shape{b / w, w, n, q, k} && b % w == 0 && (*s)[0] == 1 && (*s)[1] == w;
  }

  std::optional<heads> heads_of(value_id v, bool turned) {
    auto const t = trace_.climb(v);
    std::optional<heads> split;
    for (std::size_t k = t.tops.size(); k-- != 0;) {  // as far up as possible
      auto const x = trace_.follow(t, k);
      auto const top = trace_.sizes(t.tops[k]);
      if (!x || !top) continue;
      for (bool const first : {false, true})
        if (auto h = joined(*x, *top, turned, first)) {
          h->source = t.tops[k];
          h->scale = t.scales[k];
          return h;
        }
      if (split) continue;
      if (auto h = apart(*x, *top, turned)) {
        split = h;
        split->source = t.tops[k];
        split->scale = t.scales[k];
      }
    }
    return split;
  }

  /// B, N, S, H of the traced tensor, of 4 axes or with batch and heads in one.
  static std::optional<heads> shape_of(numbered const& x, std::int64_t batch, bool turned) {
    heads h{.batch = batch};
    auto const r = x.dims.rank();
    if (r == 4) h.count = x.dims[1];
    else if (r == 3 && batch > 0 && x.dims[0] % batch == 0) h.count = x.dims[0] / batch;
    else return std::nullopt;
    if (r == 4 && x.dims[0] != batch) return std::nullopt;
    h.length = x.dims[r - (turned ? 1 : 2)];
    h.size = x.dims[r - (turned ? 2 : 1)];
    return h;
  }

  template <class Index>
  static bool agrees(numbered const& x, heads const& h, bool turned, Index index) {
    std::size_t i = 0;
    for (std::int64_t b = 0; b < h.batch; ++b)
      for (std::int64_t n = 0; n < h.count; ++n)
        for (std::int64_t p = 0; p < (turned ? h.size : h.length); ++p)
          for (std::int64_t q = 0; q < (turned ? h.length : h.size); ++q)
            if (x.at[i++] != index(b, n, turned ? q : p, turned ? p : q)) return false;
    return true;
  }

  static std::optional<heads> joined(numbered const& x, shape const& top, bool turned, bool sequence_first) {
    if (top.rank() != 3 || x.at.empty()) return std::nullopt;
    auto h = shape_of(x, top[sequence_first ? 1 : 0], turned);
    if (!h || h->length != top[sequence_first ? 0 : 1]) return std::nullopt;
    h->sequence_first = sequence_first;
    h->width = top[2];
    h->offset = x.at[0];
    if (h->offset + h->count * h->size > h->width) return std::nullopt;
    bool const same = agrees(x, *h, turned, [&](std::int64_t b, std::int64_t n, std::int64_t s, std::int64_t i) {
      return (sequence_first ? s * h->batch + b : b * h->length + s) * h->width + h->offset + n * h->size + i;
    });
    return same ? h : std::nullopt;
  }

  static std::optional<heads> apart(numbered const& x, shape const& top, bool turned) {
    if (top.rank() != 4) return std::nullopt;
    auto h = shape_of(x, top[0], turned);
    if (!h || !(top == shape{h->batch, h->count, h->length, h->size})) return std::nullopt;
    h->split = true;
    bool const same = agrees(x, *h, turned, [&](std::int64_t b, std::int64_t n, std::int64_t s, std::int64_t i) {
      return ((b * h->count + n) * h->length + s) * h->size + i;
    });
    return same ? h : std::nullopt;
  }

  match const& m_;
  octet::graph const& g_;
  tracer trace_;
  known_numbers numbers_{g_, trace_};
};

}  // namespace octet::rewrite
