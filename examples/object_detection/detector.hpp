// A detector made of the digit classifier, in two stages as R-CNN has them: every window of 32 × 32 of a picture is cut
// out and classified, and the moments of the ink in it say how sure one may be and where the box lies. Then as in every
// detector: scores and boxes are decoded, and NonMaxSuppression keeps the best ones.
#pragma once

#include <octet/octet.hpp>

namespace detector {

using octet::value_id;
using integers = std::vector<std::int64_t>;

inline constexpr std::int64_t height = 96, width = 144, window = 32, stride = 8;
inline constexpr std::int64_t rows = (height - window) / stride + 1, columns = (width - window) / stride + 1,
                              cells = rows * columns;

/// Appends nodes to a graph.
class head {
 public:
  explicit head(octet::graph& g) : g_{g} {}

  value_id operator()(std::string const& op, std::vector<value_id> in, std::vector<octet::attribute> attributes = {}) {
    return many(op, std::move(in), 1, std::move(attributes))[0];
  }
  std::vector<value_id> many(std::string const& op, std::vector<value_id> in, int count,
                             std::vector<octet::attribute> attributes = {}) {
    auto const name = "/head/" + op + "_" + std::to_string(count_++);
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i) out.push_back(name + "_output_" + std::to_string(i));
    auto const n = g_.add_node(op, std::move(in), out, std::move(attributes), "", name);
    return g_[n].outputs;
  }
  value_id constant(octet::tensor t) {
    return g_.add_initializer("head.constant_" + std::to_string(count_++), std::move(t));
  }
  value_id number(float x) { return constant(octet::tensor::scalar(x)); }
  value_id list(integers const& x) { return constant(octet::tensor::of({static_cast<std::int64_t>(x.size())}, x)); }
  value_id affine(value_id x, float scale, float shift) {
    return (*this)("Add", {(*this)("Mul", {x, number(scale)}), number(shift)});
  }

  /// [cells, 5, 1, 1]: mean over each window of the ink times 1, x, y, x², y², with x and y from −1 to 1.
  value_id moments(value_id windows) {
    octet::tensor w{octet::element::f32, {5, 1, window, window}}, b{octet::element::f32, {5}};
    auto const weights = w.mutable_as<float>(), bias = b.mutable_as<float>();
    std::fill(bias.begin(), bias.end(), 0.f);
    constexpr float white = 2, black = -6.f / 7;  // of the classifier's pictures; ink is 0 on black, 1 on white
    for (std::size_t k = 0, i = 0; k < 5; ++k)
      for (int r = 0; r < window; ++r)
        for (int c = 0; c < window; ++c, ++i) {
          float const x = (static_cast<float>(c) - 15.5f) / 16, y = (static_cast<float>(r) - 15.5f) / 16;
          float const factors[] = {1, x, y, x * x, y * y};
          weights[i] = factors[k] / (white - black) / (window * window);
          bias[k] -= black * weights[i];
        }
    auto const m = (*this)("Conv", {windows, constant(w), constant(b)},
                           {{.name = "kernel_shape", .value = integers{window, window}}});
    g_.rename(m, "moments");
    return m;
  }

 private:
  octet::graph& g_;
  int count_ = 0;
};

/// Centres of the windows along one axis, [cells, 1].
inline octet::tensor centres(bool vertical) {
  octet::tensor t{octet::element::f32, {cells, 1}};
  for (std::int64_t i = 0; i < cells; ++i)
    t.mutable_as<float>()[static_cast<std::size_t>(i)] =
        static_cast<float>((vertical ? i / columns : i % columns) * stride + window / 2);
  return t;
}

/// The numbers of the pixels of each window, [cells, window · window].
inline octet::tensor pixels() {
  octet::tensor t{octet::element::s64, {cells, window * window}};
  auto const at = t.mutable_as<std::int64_t>();
  for (std::int64_t i = 0, n = 0; i < cells; ++i)
    for (std::int64_t r = 0; r < window; ++r)
      for (std::int64_t c = 0; c < window; ++c, ++n)
        at[static_cast<std::size_t>(n)] = (i / columns * stride + r) * width + i % columns * stride + c;
  return t;
}

/// Puts a picture in front of the classifier, whose input becomes all windows of it; returns these.
inline value_id cut_windows(octet::graph& g, head& h) {
  auto const windows = g.inputs[0];
  g.inputs.clear();
  auto const picture = g.add_input("picture", octet::tensor_type(octet::element::f32, {1, 1, height, width}));
  auto const flat = h("Reshape", {picture, h.list({height * width})});
  auto const cut = h("Gather", {flat, h.constant(pixels())}, {{.name = "axis", .value = std::int64_t{0}}});
  g.add_node(octet::node{.op = "Reshape",
                         .name = "/head/windows",
                         .inputs = {cut, h.list({cells, 1, window, window})},
                         .outputs = {windows}});
  return windows;
}

/// The tail: from scores and moments to boxes [k, 4] (y1, x1, y2, x2), classes [k] and confidences [k].
inline void decode(octet::graph& g, head& h, value_id scores, value_id moments) {
  octet::attribute const channels{.name = "axis", .value = std::int64_t{1}},
      rows_first{.name = "axis", .value = std::int64_t{0}};
  auto const part = h.many("Split", {h("Reshape", {moments, h.list({cells, 5})})}, 5, {channels});
  auto const mass = part[0], whole = h.affine(mass, 1, 1e-3f);
  auto const x = h("Div", {part[1], whole}), y = h("Div", {part[2], whole});
  auto const spread = [&](value_id square, value_id mean) {
    auto const variance = h("Sub", {h("Div", {square, whole}), h("Mul", {mean, mean})});
    return h("Max", {variance, h.number(1e-4f)});
  };
  auto const vx = spread(part[3], x), vy = spread(part[4], y);

  // Confidence: much ink, in the middle, of one digit; times the likeliest class's probability.
  auto const away = h("Add", {h("Mul", {x, x}), h("Mul", {y, y})});
  auto const sum = h("Add", {h.affine(mass, 60, -5), h("Add", {h.affine(away, -100, 0), h.affine(vx, -40, 0)})});
  auto const likely = h("ReduceMax", {h("Softmax", {scores}, {channels})}, {{.name = "axes", .value = integers{1}}});
  auto const confidence = h("Reshape", {h("Mul", {h("Sigmoid", {sum}), likely}), h.list({1, 1, cells})});
  auto const classes = h("Reshape", {h("ArgMax", {scores}, {channels}), h.list({cells})});

  std::vector<value_id> edges;
  for (float const side : {-1.f, 1.f})
    for (bool const vertical : {true, false}) {
      auto const middle = h("Add", {h.affine(vertical ? y : x, 16, 0), h.constant(centres(vertical))});
      auto const reach = h.affine(h("Sqrt", {vertical ? vy : vx}), 28 * side, 0);  // 1.75 deviations of 16 pixels
      edges.push_back(h("Add", {middle, reach}));
    }
  auto const boxes = h("Concat", edges, {channels});
  auto const kept = h("NonMaxSuppression", {h("Reshape", {boxes, h.list({1, cells, 4})}), confidence, h.list({12}),
                                            h.constant(octet::tensor::of<float>({1}, {0.2f})),
                                            h.constant(octet::tensor::of<float>({1}, {0.5f}))});
  auto const at = h("Gather", {kept, h.constant(octet::tensor::scalar(std::int64_t{2}))}, {channels});
  auto const output = [&](value_id v, std::string const& name, octet::element type,
                          std::vector<octet::dimension> dims) {
    g.rename(v, name);
    octet::value_type t{.element = type};
    t.dims = std::move(dims);
    g[v].type = t;
    g.outputs.push_back(v);
  };
  octet::dimension const k{std::string{"detections"}};
  output(h("Gather", {boxes, at}, {rows_first}), "boxes", octet::element::f32, {k, 4});
  output(h("Gather", {classes, at}, {rows_first}), "classes", octet::element::s64, {k});
  output(h("Gather", {h("Reshape", {confidence, h.list({cells})}), at}, {rows_first}), "confidences",
         octet::element::f32, {k});
}

/// The detector: `classifier` on every window of a picture of 96 × 144.
inline octet::model make(octet::model classifier) {
  auto& g = classifier.main;
  g.name = "digit_detector";
  head h{g};
  auto const windows = cut_windows(g, h), scores = g.outputs[0];
  g.rename(scores, "class_scores");
  g.outputs.clear();
  decode(g, h, scores, h.moments(windows));
  g.sort();
  return classifier;
}

}  // namespace detector
