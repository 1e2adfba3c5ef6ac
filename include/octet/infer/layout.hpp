// Types and shapes of operators that rearrange a tensor without computing.
#pragma once

#include <octet/infer/slice.hpp>

namespace octet::detail {

inline void infer_shape(inference& c) {
  c.type(0, element::s64);
  auto const& d = c.dims(0);
  if (!d) return c.shape(0, dimensions{c.fresh()});
  auto const r = static_cast<std::int64_t>(d->size());
  auto const bound = [&](std::int64_t x) { return std::clamp<std::int64_t>(x < 0 ? x + r : x, 0, r); };
  auto const from = bound(c.node.get<std::int64_t>("start", 0)),
             to = std::max(from, bound(c.node.get<std::int64_t>("end", r)));
  c.shape(0, dimensions{to - from});
  c.values(0, quantities(d->begin() + from, d->begin() + to));
}

inline void infer_size(inference& c) {
  c.set(0, element::s64, dimensions{});
  if (c.ranked(0)) c.values(0, quantities{element_count(*c.dims(0))});
}

/// The dimensions that a shape input asks for; an element that is not known is a new symbol. A formula of sizes is
/// taken for a size, though its range may reach below 0.
inline dimensions asked_shape(inference& c, tensor_facts const& f) {
  dimensions d;
  for (std::size_t i = 0; f.values && i < f.values->size(); ++i) {
    auto const& q = (*f.values)[i];
    bool const usable = q && q->whole() && (q->top.is_number() || q->top.range().high >= 0);
    d.push_back(usable ? q->top : c.fresh(0, i));
  }
  return d;
}

/// The rank that a shape input asks for, as new symbols, when only its length is known.
inline std::optional<dimensions> asked_rank(inference& c, std::size_t input) {
  auto const& d = c.dims(input);
  if (!d || d->size() != 1 || !(*d)[0].is_number() || (*d)[0].constant() > 64) return std::nullopt;
  dimensions all;
  for (std::int64_t i = 0; i < (*d)[0].constant(); ++i) all.push_back(c.fresh(0, static_cast<std::size_t>(i)));
  return all;
}

inline void infer_reshape(inference& c) {
  c.type(0, c.type(0));
  auto const& d = c.dims(0);
  tensor_facts target = c.in(1);
  if (auto const* a = c.node.get<std::vector<std::int64_t>>("shape")) target.values = quantities(a->begin(), a->end());
  if (!target.values) {
    c.shape(0, asked_rank(c, 1));
    c.values(0, c.in(0).values);
    return;
  }
  bool const zero_copies = c.node.get<std::int64_t>("allowzero", 0) == 0;
  auto out = asked_shape(c, target);
  std::optional<std::size_t> open;
  bool all_known = true;
  expression product{1};
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto const& q = (*target.values)[i];
    if (q && q->whole() && q->top.is(-1)) {
      open = i;
      continue;
    }
    if (zero_copies && q && q->whole() && q->top.is(0)) out[i] = d && i < d->size() ? (*d)[i] : c.fresh(0, i);
    all_known = all_known && q && q->whole();
    product = product * out[i];
  }
  if (open) out[*open] = d && all_known && !product.is(0) ? floor_div(element_count(*d), product) : c.fresh(0, *open);
  c.shape(0, out);
  c.values(0, c.in(0).values);
}

inline void infer_flatten(inference& c) {
  c.type(0, c.type(0));
  if (!c.ranked(0)) return c.shape(0, dimensions{c.fresh(0, 0), c.fresh(0, 1)});
  auto const& d = *c.dims(0);
  auto const a = c.node.get<std::int64_t>("axis", 1);
  auto const at = a == static_cast<std::int64_t>(d.size()) ? d.size() : axis_index(a, d.size());
  dimensions const head(d.begin(), d.begin() + static_cast<std::ptrdiff_t>(at));
  c.shape(0, dimensions{element_count(head), element_count(d, at)});
  c.values(0, c.in(0).values);
}

inline void infer_squeeze(inference& c) {
  c.type(0, c.type(0));
  c.values(0, c.in(0).values);
  if (!c.ranked(0)) return;
  auto const& d = *c.dims(0);
  auto const axes = c.integers(1, "axes");
  if (!axes && c.has(1)) return;
  std::vector<bool> drop(d.size(), false);
  if (axes)
    for (auto const a : *axes) drop[axis_index(a, d.size())] = true;
  else
    for (std::size_t i = 0; i < d.size(); ++i) drop[i] = d[i].is(1);
  dimensions out;
  for (std::size_t i = 0; i < d.size(); ++i)
    if (!drop[i]) out.push_back(d[i]);
  c.shape(0, out);
}

inline void infer_unsqueeze(inference& c) {
  c.type(0, c.type(0));
  c.values(0, c.in(0).values);
  auto const axes = c.integers(1, "axes");
  if (!c.ranked(0) || !axes) return;
  auto const& d = *c.dims(0);
  std::vector<bool> added(d.size() + axes->size(), false);
  for (auto const a : *axes) added[axis_index(a, added.size())] = true;
  dimensions out;
  std::size_t next = 0;
  for (bool const one : added) {
    if (!one && next >= d.size()) throw error{error_kind::invalid, "an axis is named twice", c.node.name};
    out.push_back(one ? expression{1} : d[next++]);
  }
  c.shape(0, out);
}

inline void infer_transpose(inference& c) {
  c.type(0, c.type(0));
  if (!c.ranked(0)) return;
  auto const& d = *c.dims(0);
  auto const* perm = c.node.get<std::vector<std::int64_t>>("perm");
  if (perm != nullptr && perm->size() != d.size())
    throw error{error_kind::invalid, "perm does not name every axis", c.node.name};
  dimensions out;
  for (std::size_t i = 0; i < d.size(); ++i)
    out.push_back(perm != nullptr ? d[axis_index((*perm)[i], d.size())] : d[d.size() - 1 - i]);
  c.shape(0, out);
  auto const s = value_shape(c.dims(0)), t = value_shape(out);
  auto const& v = c.in(0).values;
  if (!s || !t || !v || s->size() != static_cast<std::int64_t>(v->size())) return;
  auto const step = strides(*s);
  quantities turned;
  for (std::int64_t i = 0; i < t->size(); ++i) {
    std::int64_t rest = i, at = 0;
    for (std::size_t a = t->rank(); a-- != 0; rest /= (*t)[a])
      at += rest % (*t)[a] * step[perm != nullptr ? axis_index((*perm)[a], d.size()) : d.size() - 1 - a];
    turned.push_back((*v)[static_cast<std::size_t>(at)]);
  }
  c.values(0, std::move(turned));
}

inline void infer_concat(inference& c) {
  for (std::size_t i = c.inputs(); i-- != 0;)
    if (c.type(i) != element::undefined) c.type(0, c.type(i));
  std::optional<dimensions> out;
  for (std::size_t i = 0; i < c.inputs() && !out; ++i) out = c.dims(i);  // the rank of any is the rank of all
  if (!out || out->empty()) return;
  auto const at = axis_index(c.node.get<std::int64_t>("axis", 1), out->size());
  expression sum{0};
  for (std::size_t i = 0; i < c.inputs(); ++i) {
    auto const& d = c.dims(i);
    if (d && d->size() != out->size())
      throw error{error_kind::invalid, "inputs of different ranks are concatenated", c.node.name};
    sum = sum + (d ? (*d)[at] : c.fresh(0, at));
    for (std::size_t k = 0; d && k < d->size(); ++k)
      if (k != at) (*out)[k] = c.same((*out)[k], (*d)[k]);
  }
  (*out)[at] = sum;
  c.shape(0, out);
  if (out->size() != 1) return;
  quantities v;
  for (std::size_t i = 0; i < c.inputs(); ++i) {
    auto const& f = c.in(i);
    if (!f.dims || !(*f.dims)[0].is_number() || (*f.dims)[0].constant() > value_limit) return;
    auto const n = static_cast<std::size_t>((*f.dims)[0].constant());
    if (f.values && f.values->size() != n) return;
    for (std::size_t k = 0; k < n; ++k) v.push_back(f.values ? (*f.values)[k] : std::nullopt);
  }
  c.values(0, std::move(v));
}

inline void infer_split(inference& c) {
  auto const sizes = c.integers(1, "split");
  auto const& d = c.dims(0);
  std::size_t const at = d ? axis_index(c.node.get<std::int64_t>("axis", 0), d->size()) : 0;
  auto const n = static_cast<std::int64_t>(c.outputs());
  std::size_t begin = 0;
  for (std::size_t o = 0; o < c.outputs(); ++o) {
    c.type(o, c.type(0));
    if (!d) continue;
    auto out = *d;
    auto const chunk = ceil_div((*d)[at], n);
    if (sizes) out[at] = o < sizes->size() ? expression{(*sizes)[o]} : c.fresh(o, at);
    else if (c.has(1)) out[at] = c.fresh(o, at);
    else out[at] = o + 1 < c.outputs() || floor_div((*d)[at], n) == chunk ? chunk : (*d)[at] - chunk * (n - 1);
    c.shape(o, out);
    auto const& v = c.in(0).values;
    if (!v || d->size() != 1 || !out[0].is_number()) continue;
    auto const end = begin + static_cast<std::size_t>(std::max<std::int64_t>(out[0].constant(), 0));
    if (end > v->size()) return;
    c.values(
        o, quantities(v->begin() + static_cast<std::ptrdiff_t>(begin), v->begin() + static_cast<std::ptrdiff_t>(end)));
    begin = end;
  }
}

inline void infer_expand(inference& c) {
  c.type(0, c.type(0));
  if (!c.in(1).values) {
    auto const rank = asked_rank(c, 1);
    if (rank && c.ranked(0) && c.dims(0)->size() <= rank->size()) c.shape(0, rank);
    return;
  }
  c.shape(0, c.broadcast(c.dims(0), std::optional{asked_shape(c, c.in(1))}));
  if (auto const s = value_shape(c.result(0).dims)) c.values(0, broadcast_values(c.in(0), *s));
}

inline void infer_tile(inference& c) {
  c.type(0, c.type(0));
  if (!c.ranked(0)) return;
  auto out = *c.dims(0);
  auto const& v = c.in(1).values;
  for (std::size_t i = 0; i < out.size(); ++i) {
    bool const known = v && i < v->size() && (*v)[i] && (*v)[i]->whole() && (*v)[i]->top.range().low >= 0;
    out[i] = known ? out[i] * (*v)[i]->top : c.fresh(0, i);
  }
  c.shape(0, out);
}

inline void infer_pad(inference& c) {
  c.type(0, c.type(0));
  if (!c.ranked(0)) return;
  auto out = *c.dims(0);
  std::vector<std::size_t> axes(out.size());
  std::iota(axes.begin(), axes.end(), std::size_t{0});
  if (c.has(3)) {
    auto const named = c.integers(3);
    if (!named) return;
    axes.clear();
    for (auto const a : *named) axes.push_back(axis_index(a, out.size()));
  }
  quantities pads;
  if (auto const* a = c.node.get<std::vector<std::int64_t>>("pads")) pads.assign(a->begin(), a->end());
  else if (c.in(1).values) pads = *c.in(1).values;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    bool const known = pads.size() == 2 * axes.size() && pads[i] && pads[i]->whole() && pads[i + axes.size()] &&
                       pads[i + axes.size()]->whole();
    out[axes[i]] = known ? out[axes[i]] + pads[i]->top + pads[i + axes.size()]->top : c.fresh(0, axes[i]);
  }
  c.shape(0, out);
}

inline void infer_depth_to_space(inference& c) {
  c.type(0, c.type(0));
  auto const b = c.node.get<std::int64_t>("blocksize", 1);
  if (!c.ranked(0) || c.dims(0)->size() != 4 || b <= 0 || b > 65536) return;
  auto const& d = *c.dims(0);
  if (c.node.op == "DepthToSpace") c.shape(0, dimensions{d[0], floor_div(d[1], b * b), d[2] * b, d[3] * b});
  else c.shape(0, dimensions{d[0], d[1] * (b * b), floor_div(d[2], b), floor_div(d[3], b)});
}

inline void infer_constant(inference& c) {
  auto const& n = c.node;
  if (auto const* t = n.get<stored_tensor>("value"); t != nullptr && !t->foreign) c.set(0, facts_of(t->data));
  else if (auto const* f = n.get<float>("value_float")) c.set(0, facts_of(tensor::scalar(*f)));
  else if (auto const* i = n.get<std::int64_t>("value_int")) c.set(0, facts_of(tensor::scalar(*i)));
  else if (auto const* fs = n.get<std::vector<float>>("value_floats"))
    c.set(0, facts_of(tensor::of(shape{static_cast<std::int64_t>(fs->size())}, *fs)));
  else if (auto const* is = n.get<std::vector<std::int64_t>>("value_ints"))
    c.set(0, facts_of(tensor::of(shape{static_cast<std::int64_t>(is->size())}, *is)));
  else if (n.get<std::string>("value_string") != nullptr) c.set(0, element::text, dimensions{});
  else if (auto const* all = n.get<std::vector<std::string>>("value_strings"))
    c.set(0, element::text, dimensions{static_cast<std::int64_t>(all->size())});
}

inline void infer_constant_of_shape(inference& c) {
  auto const* fill = c.node.get<stored_tensor>("value");
  c.type(0, fill == nullptr ? element::f32 : fill->data.type());
  if (c.in(0).values) c.shape(0, asked_shape(c, c.in(0)));
  else c.shape(0, asked_rank(c, 0));
  auto const s = value_shape(c.result(0).dims);
  auto const one = fill == nullptr ? std::optional{quantities{quantity{0}}} : facts_of(fill->data).values;
  if (s && one && one->size() == 1) c.values(0, quantities(static_cast<std::size_t>(s->size()), (*one)[0]));
}

inline void infer_range(inference& c) {
  c.type(0, c.type(0));
  c.shape(0, dimensions{c.fresh()});
  quantity part[3];
  for (std::size_t i = 0; i < 3; ++i) {
    auto const& v = c.in(i).values;
    if (!v || v->size() != 1 || !(*v)[0]) return;
    part[i] = *(*v)[0];
  }
  auto const step = part[2].number();
  if (!step || *step == 0) return;
  auto const span = subtract_values(part[1], part[0], false);
  auto const count = span ? divide_values(*span, part[2], false) : std::nullopt;
  auto const rounded = count ? ceil_value(*count) : std::nullopt;
  if (!rounded || rounded->real) return;
  c.shape(0, dimensions{max(0, rounded->top)});
  auto const n = c.result(0).dims->front().number();
  if (!n || *n > value_limit) return;
  quantities v;
  for (std::int64_t i = 0; i < *n; ++i)
    v.push_back(add_values(part[0], multiply_values(part[2], quantity{i}, false).value_or(quantity{}), false));
  c.values(0, std::move(v));
}

inline void infer_eye_like(inference& c) {
  infer_like_first(c);
  if (auto const* t = c.node.get<std::int64_t>("dtype")) c.type(0, static_cast<element>(*t));
}

inline constexpr inference_entry layout_inference[] = {
    {"Shape", "", &infer_shape},
    {"Size", "", &infer_size},
    {"Reshape", "", &infer_reshape},
    {"Flatten", "", &infer_flatten},
    {"Squeeze", "", &infer_squeeze},
    {"Unsqueeze", "", &infer_unsqueeze},
    {"Transpose", "", &infer_transpose},
    {"Concat", "", &infer_concat},
    {"Split", "", &infer_split},
    {"Expand", "", &infer_expand},
    {"Tile", "", &infer_tile},
    {"Pad", "", &infer_pad},
    {"Slice", "", &infer_slice},
    {"DepthToSpace", "", &infer_depth_to_space},
    {"SpaceToDepth", "", &infer_depth_to_space},
    {"Constant", "", &infer_constant},
    {"ConstantOfShape", "", &infer_constant_of_shape},
    {"Range", "", &infer_range},
    {"Trilu", "", &infer_like_first},
    {"EyeLike", "", &infer_eye_like},
    {"ReverseSequence", "", &infer_like_first},
};

}  // namespace octet::detail
