// Types and shapes of operators that pick elements by index, or whose output size depends on the data.
#pragma once

#include <octet/infer/layout.hpp>

namespace octet::detail {

inline void infer_gather(inference& c) {
  c.type(0, c.type(0));
  if (!c.ranked(0) || !c.ranked(1) || c.dims(0)->empty()) return;
  auto const &d = *c.dims(0), &picked = *c.dims(1);
  auto const at = axis_index(c.node.get<std::int64_t>("axis", 0), d.size());
  dimensions out(d.begin(), d.begin() + static_cast<std::ptrdiff_t>(at));
  out.insert(out.end(), picked.begin(), picked.end());
  out.insert(out.end(), d.begin() + static_cast<std::ptrdiff_t>(at) + 1, d.end());
  c.shape(0, out);
  auto const& v = c.in(0).values;
  auto const which = c.in(1).numbers();
  if (!v || !which || d.size() != 1) return;
  auto const n = static_cast<std::int64_t>(v->size());
  quantities all;
  for (auto i : *which) {
    if (i < 0) i += n;
    if (i < 0 || i >= n) return;
    all.push_back((*v)[static_cast<std::size_t>(i)]);
  }
  c.values(0, std::move(all));
}

inline void infer_gather_elements(inference& c) { c.set(0, c.type(0), c.dims(1)); }

inline void infer_gather_nd(inference& c) {
  c.type(0, c.type(0));
  if (!c.ranked(0) || !c.ranked(1) || c.dims(1)->empty()) return;
  auto const &d = *c.dims(0), &which = *c.dims(1);
  auto const depth = which.back().number();
  auto const batch = c.node.get<std::int64_t>("batch_dims", 0);
  if (!depth || *depth < 0 || batch < 0 || *depth + batch > static_cast<std::int64_t>(d.size())) return;
  dimensions out(which.begin(), which.end() - 1);
  out.insert(out.end(), d.begin() + *depth + batch, d.end());
  c.shape(0, out);
}

inline void infer_non_zero(inference& c) {
  auto const& d = c.dims(0);
  c.set(0, element::s64,
        dimensions{d ? expression{std::max<std::int64_t>(1, static_cast<std::int64_t>(d->size()))} : c.fresh(0, 0),
                   c.fresh(0, 1)});
}

inline void infer_top_k(inference& c) {
  auto d = c.dims(0);
  if (d && !d->empty()) {
    auto& axis = (*d)[axis_index(c.node.get<std::int64_t>("axis", -1), d->size())];
    auto const& v = c.in(1).values;
    if (auto const* k = c.node.get<std::int64_t>("k")) axis = *k;
    else if (v && v->size() == 1 && (*v)[0] && (*v)[0]->whole() && (*v)[0]->top.range().low >= 0) axis = (*v)[0]->top;
    else axis = c.fresh(0, d->size() - 1);
  }
  c.set(0, c.type(0), d);
  c.set(1, element::s64, d);
}

inline void infer_one_hot(inference& c) {
  c.type(0, c.type(2));
  if (!c.ranked(0)) return;
  auto out = *c.dims(0);
  auto const a = c.node.get<std::int64_t>("axis", -1);
  auto const at = axis_index(a, out.size() + 1);
  auto const& v = c.in(1).values;
  bool const known = v && v->size() == 1 && (*v)[0] && (*v)[0]->whole() && (*v)[0]->top.range().low >= 0;
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(at), known ? (*v)[0]->top : c.fresh(0, at));
  c.shape(0, out);
}

inline void infer_compress(inference& c) {
  c.type(0, c.type(0));
  auto const* a = c.node.get<std::int64_t>("axis");
  if (a == nullptr) return c.shape(0, dimensions{c.fresh()});
  if (!c.ranked(0)) return;
  auto d = *c.dims(0);
  auto const at = axis_index(*a, d.size());
  d[at] = c.fresh(0, at);
  c.shape(0, d);
}

inline void infer_unique(inference& c) {
  auto const n = c.fresh();
  infer_compress(c);
  if (c.node.find("axis") == nullptr) c.shape(0, dimensions{n});
  for (std::size_t o = 1; o < 4; ++o) c.type(o, element::s64);
  c.shape(1, dimensions{n});
  c.shape(2, dimensions{c.fresh(2)});
  c.shape(3, dimensions{n});
}

inline void infer_non_max_suppression(inference& c) { c.set(0, element::s64, dimensions{c.fresh(), 3}); }

inline void infer_cum_sum(inference& c) {
  infer_like_first(c);
  auto const& v = c.in(0).values;
  if (!v || !c.ranked(0) || c.dims(0)->size() != 1) return;
  if (c.node.get<std::int64_t>("exclusive", 0) != 0 || c.node.get<std::int64_t>("reverse", 0) != 0) return;
  quantities all;
  std::optional<quantity> sum = quantity{0};
  for (auto const& q : *v) {
    sum = sum && q ? add_values(*sum, *q, true) : std::nullopt;
    all.push_back(sum);
  }
  c.values(0, std::move(all));
}

inline constexpr inference_entry indexing_inference[] = {
    {"Gather", "", &infer_gather},
    {"GatherElements", "", &infer_gather_elements},
    {"GatherND", "", &infer_gather_nd},
    {"Scatter", "", &infer_like_first},
    {"ScatterElements", "", &infer_like_first},
    {"ScatterND", "", &infer_like_first},
    {"NonZero", "", &infer_non_zero},
    {"TopK", "", &infer_top_k},
    {"OneHot", "", &infer_one_hot},
    {"Compress", "", &infer_compress},
    {"Unique", "", &infer_unique},
    {"NonMaxSuppression", "", &infer_non_max_suppression},
    {"CumSum", "", &infer_cum_sum},
};

}  // namespace octet::detail
