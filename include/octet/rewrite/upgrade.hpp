// Raises the operator set of a model: one small adapter for each operator whose form or meaning a version changed.
#pragma once

#include <limits>

#include <octet/core/convert.hpp>
#include <octet/graph/walk.hpp>
#include <octet/infer/infer.hpp>

namespace octet {

namespace detail {

/// One node on its way to a newer form.
struct upgrade_site {
  octet::graph& graph;
  node_id id;
  model_facts const& facts;

  octet::node& node() const { return graph[id]; }
  tensor_facts const& in(std::size_t i) const { return facts(graph, node().inputs[i]); }
  std::string base() const {
    for (auto const v : node().outputs)
      if (v != value_id::none) return graph[v].name;
    return node().op;
  }
  void drop(std::string_view key) const {
    auto& all = node().attributes;
    all.erase(std::remove_if(all.begin(), all.end(), [&](attribute const& a) { return a.name == key; }), all.end());
  }
  value_id constant(std::string_view what, tensor t) const {
    return graph.add_initializer(graph.fresh_name(base() + '_' + std::string{what}), std::move(t));
  }
  void input(std::size_t i, std::string_view what, tensor t) const {
    graph.set_input(id, i, constant(what, std::move(t)));
  }
  /// An integer list attribute becomes input `i`.
  void list_to_input(std::string_view key, std::size_t i) const {
    if (auto const* v = node().get<std::vector<std::int64_t>>(key)) {
      auto t = tensor::of(shape{static_cast<std::int64_t>(v->size())}, *v);
      drop(key);
      input(i, key, std::move(t));
    }
  }
  [[noreturn]] void refuse(std::string const& what) const {
    throw error{error_kind::unsupported, "the opset cannot be raised: " + describe(graph, id) + ' ' + what,
                node().name};
  }
};

/// A scalar of the element type of input 0, which float attributes of older forms stood for.
inline tensor like_input(upgrade_site const& s, float x) {
  auto const e = s.in(0).type;
  if (e == element::f64) return tensor::scalar(static_cast<double>(x));
  if (e == element::f16 || e == element::bf16) return from_f32(tensor::scalar(x), e);
  if (e == element::undefined || e == element::f32) return tensor::scalar(x);
  if (e == element::s64) return tensor::scalar(static_cast<std::int64_t>(x));
  if (e == element::s32) return tensor::scalar(static_cast<std::int32_t>(x));
  s.refuse("has an input of type " + onnx_name(e));
}

inline void upgrade_axes(upgrade_site const& s) { s.list_to_input("axes", 1); }
inline void upgrade_split(upgrade_site const& s) { s.list_to_input("split", 1); }
inline void upgrade_split_count(upgrade_site const& s) {
  if (!s.node().has_input(1)) s.node().set("num_outputs", static_cast<std::int64_t>(s.node().outputs.size()));
}

inline void upgrade_slice(upgrade_site const& s) {
  s.list_to_input("starts", 1);
  s.list_to_input("ends", 2);
  s.list_to_input("axes", 3);
}

inline void upgrade_top_k(upgrade_site const& s) {
  auto const* k = s.node().get<std::int64_t>("k");
  if (k == nullptr) s.refuse("does not say k");
  auto t = tensor::of(shape{1}, std::vector<std::int64_t>{*k});
  s.drop("k");
  s.input(1, "k", std::move(t));
}

inline void upgrade_clip(upgrade_site const& s) {
  auto const put = [&](char const* key, std::size_t i) {
    auto const* x = s.node().get<float>(key);
    if (x == nullptr) return;
    auto const value = *x;
    s.drop(key);
    if (std::abs(value) < std::numeric_limits<float>::max()) s.input(i, key, like_input(s, value));
  };
  put("min", 1);
  put("max", 2);
}

inline void upgrade_pad(upgrade_site const& s) {
  s.list_to_input("pads", 1);
  auto const value = s.node().get<float>("value", 0.0f);
  s.drop("value");
  if (value != 0) s.input(2, "value", like_input(s, value));
}

inline void upgrade_dropout(upgrade_site const& s) {
  auto const ratio = s.node().get<float>("ratio", 0.5f);
  s.drop("ratio");
  s.input(1, "ratio", tensor::scalar(ratio));
}
inline void upgrade_dropout_mask(upgrade_site const& s) {
  if (s.node().has_output(1) && s.graph.use_count(s.node().outputs[1]) != 0) s.refuse("has a mask that is read");
}

/// Upsample, and Resize of opset 10, are Resize with a corner-aligned grid that starts at 0.
inline void upgrade_resize(upgrade_site const& s) {
  auto& n = s.node();
  if (auto const* scales = n.get<std::vector<float>>("scales")) {
    auto t = tensor::of(shape{static_cast<std::int64_t>(scales->size())}, *scales);
    s.drop("scales");
    s.input(1, "scales", std::move(t));
  }
  if (!n.has_input(1)) s.refuse("has no scales");
  bool shrinks = false;
  if (auto const& v = s.in(1).values)
    for (auto const& q : *v) shrinks = shrinks || (q && q->number() && *q->number() < 1);
  auto const scales = n.inputs[1];
  s.input(1, "roi", tensor{element::f32, shape{0}});
  s.graph.set_input(s.id, 2, scales);
  n.op = "Resize";
  n.set("coordinate_transformation_mode", std::string{"asymmetric"});
  n.set("nearest_mode", std::string{shrinks ? "ceil" : "floor"});
}
inline void upgrade_upsample(upgrade_site const& s) {
  if (s.node().op == "Upsample") upgrade_resize(s);
}

inline void upgrade_scatter(upgrade_site const& s) { s.node().op = "ScatterElements"; }

/// Before opset 13 these flatten the input to two axes at `axis`.
inline void upgrade_softmax(upgrade_site const& s) {
  auto& g = s.graph;
  auto& n = s.node();
  auto const axis = n.get<std::int64_t>("axis", 1);
  auto const& dims = s.in(0).dims;
  n.set("axis", std::int64_t{-1});
  if (axis == -1 || (dims && axis == static_cast<std::int64_t>(dims->size()) - 1)) return;
  auto const x = n.inputs[0], y = n.outputs[0];
  auto const name = s.base();
  auto const flat = g.add_node("Flatten", {x}, {g.fresh_name(name + "_flat")}, {{"axis", axis}}, {},
                               g.fresh_node_name(name + "_flatten"));
  auto const shape =
      g.add_node("Shape", {x}, {g.fresh_name(name + "_shape")}, {}, {}, g.fresh_node_name(name + "_shape"));
  auto const two = g.add_value(g.fresh_name(name + "_2d"));
  g.set_input(s.id, 0, g[flat].outputs[0]);
  g.set_output(s.id, 0, two);
  g.add_node(octet::node{.op = "Reshape",
                         .name = g.fresh_node_name(name + "_reshape"),
                         .inputs = {two, g[shape].outputs[0]},
                         .outputs = {y}});
}

inline void upgrade_spatial(upgrade_site const& s) {
  if (s.node().get<std::int64_t>("spatial", 1) == 0) s.refuse("normalizes each position apart");
  s.drop("spatial");
}
inline void upgrade_batch_normalization(upgrade_site const& s) {
  for (std::size_t o = 1; o < s.node().outputs.size(); ++o)
    if (s.node().has_output(o) && s.graph.use_count(s.node().outputs[o]) != 0) s.refuse("is in training form");
  auto extra = std::vector<value_id>(s.node().outputs.begin() + 1, s.node().outputs.end());
  for (std::size_t o = 1; o < s.node().outputs.size(); ++o) s.graph.set_output(s.id, o, value_id::none);
  s.node().outputs.resize(1);
  for (auto const v : extra)
    if (v != value_id::none) s.graph.erase(v);
}

inline void upgrade_roi_align(upgrade_site const& s) {
  s.node().set("coordinate_transformation_mode", std::string{"output_half_pixel"});
}
inline void upgrade_grid_sample(upgrade_site const& s) {
  auto const mode = s.node().get<std::string>("mode", "bilinear");
  s.node().set("mode", mode == "bilinear" ? std::string{"linear"} : mode == "bicubic" ? std::string{"cubic"} : mode);
}
inline void upgrade_dft(upgrade_site const& s) {
  auto const axis = s.node().get<std::int64_t>("axis", 1);
  s.drop("axis");
  s.input(2, "axis", tensor::scalar(axis));
}
inline void upgrade_scan(upgrade_site const& s) { s.refuse("has the form of opset 8"); }

/// Scale and bias per group become scale and bias per channel.
inline void upgrade_group_normalization(upgrade_site const& s) {
  auto& g = s.graph;
  auto const groups = s.node().get<std::int64_t>("num_groups", 0);
  auto const& dims = s.in(0).dims;
  auto const channels = dims && dims->size() > 1 ? (*dims)[1].number().value_or(0) : 0;
  for (std::size_t i = 1; i < 3; ++i) {
    auto const* t = g.constant(s.node().inputs[i]);
    if (t == nullptr || channels <= 0 || groups <= 0 || channels % groups != 0 || t->size() != groups ||
        t->type() != element::f32)
      s.refuse("has scales per group that are not constant");
    auto const per = t->align();
    tensor wide{element::f32, shape{channels}};
    for (std::int64_t c = 0; c < channels; ++c)
      wide.mutable_as<float>()[static_cast<std::size_t>(c)] =
          per.as<float>()[static_cast<std::size_t>(c / (channels / groups))];
    s.input(i, i == 1 ? "scale" : "bias", std::move(wide));
  }
}

/// `version` is the first that wants the new form.
struct upgrade_entry {
  std::string_view op;
  std::int64_t version;
  void (*adapt)(upgrade_site const&);
};
inline constexpr upgrade_entry upgrades[] = {
    // in the order of versions
    {"BatchNormalization", 9, &upgrade_spatial},
    {"Scan", 9, &upgrade_scan},
    {"Slice", 10, &upgrade_slice},
    {"TopK", 10, &upgrade_top_k},
    {"Dropout", 10, &upgrade_dropout_mask},
    {"Upsample", 10, &upgrade_upsample},
    {"Resize", 11, &upgrade_resize},
    {"Clip", 11, &upgrade_clip},
    {"Pad", 11, &upgrade_pad},
    {"Scatter", 11, &upgrade_scatter},
    {"Dropout", 12, &upgrade_dropout},
    {"Squeeze", 13, &upgrade_axes},
    {"Unsqueeze", 13, &upgrade_axes},
    {"ReduceSum", 13, &upgrade_axes},
    {"Split", 13, &upgrade_split},
    {"Softmax", 13, &upgrade_softmax},
    {"LogSoftmax", 13, &upgrade_softmax},
    {"Hardmax", 13, &upgrade_softmax},
    {"BatchNormalization", 14, &upgrade_batch_normalization},
    {"RoiAlign", 16, &upgrade_roi_align},
    {"ReduceMean", 18, &upgrade_axes},
    {"ReduceMax", 18, &upgrade_axes},
    {"ReduceMin", 18, &upgrade_axes},
    {"ReduceProd", 18, &upgrade_axes},
    {"ReduceL1", 18, &upgrade_axes},
    {"ReduceL2", 18, &upgrade_axes},
    {"ReduceLogSum", 18, &upgrade_axes},
    {"ReduceLogSumExp", 18, &upgrade_axes},
    {"ReduceSumSquare", 18, &upgrade_axes},
    {"Split", 18, &upgrade_split_count},
    {"GridSample", 20, &upgrade_grid_sample},
    {"DFT", 20, &upgrade_dft},
    {"GroupNormalization", 21, &upgrade_group_normalization},
};

inline void upgrade_graph(graph& g, std::int64_t from, std::int64_t to, model_facts const& facts) {
  std::vector<std::pair<graph*, node_id>> nodes;
  for_each_node(g, [&](graph& inner, node_id n) { nodes.emplace_back(&inner, n); });
  for (auto const& [inner, id] : nodes) {
    bool raised = false;  // an Upsample that became a Resize is in its newest form
    for (auto const& u : upgrades) {
      auto const& n = (*inner)[id];
      if (!n.is(u.op) || u.version <= from || u.version > to || (raised && u.op == "Resize")) continue;
      raised = n.op == "Upsample";
      u.adapt({*inner, id, facts});
    }
  }
  for_each_graph(g, [](graph& each) { each.sort(); });
}

/// The format version that came with an opset.
constexpr std::int64_t ir_version_of(std::int64_t opset) {
  return opset >= 23   ? 11
         : opset >= 21 ? 10
         : opset >= 19 ? 9
         : opset >= 15 ? 8
         : opset >= 12 ? 7
         : opset >= 11 ? 6
         : opset >= 10 ? 5
         : opset >= 9  ? 4
                       : 3;
}

}  // namespace detail

/// The newest opset that `upgrade_opset` reaches.
inline constexpr std::int64_t newest_upgrade = 23;

/// Raises ai.onnx of `m`, functions included, to `target`; a model that is there already stays as it is. Names of
/// tensors stay. Throws `unsupported`, and changes nothing, where an operator has no equal in the newer set.
inline void upgrade_opset(model& m, std::int64_t target) {
  auto const from = m.opset_version();
  if (from >= target) return;
  if (from < 7)
    throw error{error_kind::unsupported, "opset " + std::to_string(from) + " cannot be raised", "model",
                "export it with opset 7 or later"};
  if (target > newest_upgrade)
    throw error{error_kind::unsupported, "octet raises the opset to " + std::to_string(newest_upgrade) +
                                             " at most, not to " + std::to_string(target)};
  auto raised = m;
  for_each_graph(raised.main, [](graph& g) { g.sort(); });
  auto const facts = facts_of(raised);
  detail::upgrade_graph(raised.main, from, target, facts);
  raised.import_opset("", target);
  for (auto& f : raised.functions)
    for (auto& o : f.opsets)
      if (plain_domain(o.domain).empty() && o.version >= 7 && o.version < target) {
        detail::upgrade_graph(f.body, o.version, target, {});
        o.version = target;
      }
  raised.ir_version = std::max(raised.ir_version, detail::ir_version_of(target));
  m = std::move(raised);
}

}  // namespace octet
