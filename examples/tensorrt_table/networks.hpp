// Two small networks with the structure of large ones: ResNet-50 (53 convolutions, an eighth of the width) and a
// YOLO-like detector (SiLU, CSP blocks, SPPF, upsampling and Concat, three heads). Random weights: only ranges are
// asked for here.
#pragma once

#include <cmath>
#include <random>

#include <octet/octet.hpp>

using octet::value_id;
using integers = std::vector<std::int64_t>;

/// Values between −reach and reach, the same on every system.
inline octet::tensor random_tensor(octet::shape dims, float reach, std::mt19937& bits) {
  octet::tensor t{octet::element::f32, std::move(dims)};
  for (auto& x : t.mutable_as<float>()) x = reach * (static_cast<float>(bits() % 20001) / 10000 - 1);
  return t;
}

/// Appends layers to a model and names them as exporters do.
class network {
 public:
  network(std::string const& name, octet::shape const& input) {
    model_.ir_version = 8;
    model_.import_opset("", 13);
    g().name = name;
    x_ = g().add_input("images", octet::tensor_type(octet::element::f32, input));
    channels_[x_] = input[1];
  }
  value_id input() const { return x_; }
  std::int64_t channels(value_id v) const { return channels_.at(v); }

  /// A node with one output that has as many channels as its first input, unless told otherwise.
  value_id operator()(std::string const& op, std::vector<value_id> in, std::vector<octet::attribute> attributes = {},
                      std::int64_t channels = 0) {
    auto const name = "/" + op + "_" + std::to_string(count_++);
    auto const of_first = channels_.at(in[0]);
    auto const n = g().add_node(op, std::move(in), {name + "_output_0"}, std::move(attributes), "", name);
    return channels_[g()[n].outputs[0]] = channels != 0 ? channels : of_first, g()[n].outputs[0];
  }
  value_id constant(octet::tensor t) {
    return g().add_initializer("constant_" + std::to_string(count_++), std::move(t));
  }
  value_id conv(value_id x, std::int64_t to, std::int64_t kernel, std::int64_t stride = 1) {
    auto const from = channels(x), pad = kernel / 2;
    auto const reach = std::sqrt(6 / static_cast<float>(from * kernel * kernel));  // keeps the size of activations
    auto const w = constant(random_tensor({to, from, kernel, kernel}, reach, bits_));
    auto const b = constant(random_tensor({to}, 0.1f, bits_));
    return (*this)("Conv", {x, w, b},
                   {{.name = "kernel_shape", .value = integers{kernel, kernel}},
                    {.name = "strides", .value = integers{stride, stride}},
                    {.name = "pads", .value = integers{pad, pad, pad, pad}}},
                   to);
  }
  value_id max_pool(value_id x, std::int64_t kernel, std::int64_t stride) {
    auto const pad = kernel / 2;
    return (*this)("MaxPool", {x},
                   {{.name = "kernel_shape", .value = integers{kernel, kernel}},
                    {.name = "strides", .value = integers{stride, stride}},
                    {.name = "pads", .value = integers{pad, pad, pad, pad}}});
  }
  value_id concat(std::vector<value_id> all, std::int64_t axis = 1) {
    std::int64_t sum = 0;
    for (auto const v : all) sum += channels(v);
    return (*this)("Concat", std::move(all), {{.name = "axis", .value = axis}}, sum);
  }
  octet::model finish(value_id output, std::string const& name, octet::shape const& dims) {
    g().rename(output, name);
    g()[output].type = octet::tensor_type(octet::element::f32, dims);
    g().outputs = {output};
    return std::move(model_);
  }

 private:
  octet::graph& g() { return model_.main; }
  octet::model model_{};
  value_id x_{};
  std::map<value_id, std::int64_t> channels_{};
  std::mt19937 bits_{50};
  int count_ = 0;
};

/// [1, 3, 64, 64] → 16 bottlenecks in four stages → 1000 scores.
inline octet::model resnet50() {
  network n{"resnet50", {1, 3, 64, 64}};
  auto const relu = [&](value_id x) { return n("Relu", {x}); };
  auto x = n.max_pool(relu(n.conv(n.input(), 8, 7, 2)), 3, 2);
  int const blocks[] = {3, 4, 6, 3};
  for (int stage = 0; stage < 4; ++stage)
    for (int block = 0; block < blocks[stage]; ++block) {
      std::int64_t const width = 8 << stage, stride = stage > 0 && block == 0 ? 2 : 1;
      auto const y = n.conv(relu(n.conv(relu(n.conv(x, width, 1)), width, 3, stride)), 4 * width, 1);
      x = relu(n("Add", {y, block == 0 ? n.conv(x, 4 * width, 1, stride) : x}));
    }
  std::mt19937 bits{1000};
  x = n("Flatten", {n("GlobalAveragePool", {x})});
  x = n("Gemm", {x, n.constant(random_tensor({256, 1000}, 0.1f, bits)), n.constant(random_tensor({1000}, 0.1f, bits))});
  return n.finish(x, "scores", {1, 1000});
}

/// [1, 3, 64, 64] → boxes and class scores at strides 8, 16 and 32: [1, 4 + 80, 64 + 16 + 4].
inline octet::model yolo() {
  network n{"yolo", {1, 3, 64, 64}};
  auto const layer = [&](value_id x, std::int64_t to, std::int64_t kernel, std::int64_t stride = 1) {
    auto const y = n.conv(x, to, kernel, stride);
    return n("Mul", {y, n("Sigmoid", {y})});  // SiLU
  };
  auto const csp = [&](value_id x, std::int64_t to) {
    auto const left = layer(x, to / 2, 1), right = layer(x, to / 2, 1);
    auto const deep = n("Add", {left, layer(layer(left, to / 2, 1), to / 2, 3)});
    return layer(n.concat({deep, right}), to, 1);
  };
  auto const sppf = [&](value_id x) {
    auto const a = layer(x, n.channels(x) / 2, 1);
    auto const b = n.max_pool(a, 5, 1), c = n.max_pool(b, 5, 1), d = n.max_pool(c, 5, 1);
    return layer(n.concat({a, b, c, d}), n.channels(x), 1);
  };
  auto const up = [&](value_id x) {
    auto const scales = n.constant(octet::tensor::of<float>({4}, {1, 1, 2, 2}));
    return n("Resize", {x, value_id::none, scales}, {{.name = "mode", .value = std::string{"nearest"}}});
  };
  auto x = csp(layer(layer(n.input(), 8, 3, 2), 16, 3, 2), 16);
  auto const p3 = x = csp(layer(x, 32, 3, 2), 32);
  auto const p4 = x = csp(layer(x, 64, 3, 2), 64);
  auto const p5 = sppf(csp(layer(x, 128, 3, 2), 128));
  auto const n4 = csp(n.concat({up(p5), p4}), 64), n3 = csp(n.concat({up(n4), p3}), 32);
  auto const m4 = csp(n.concat({layer(n3, 32, 3, 2), n4}), 64), m5 = csp(n.concat({layer(m4, 64, 3, 2), p5}), 128);
  std::vector<value_id> heads;
  for (auto const v : {n3, m4, m5}) {
    auto const boxes = n.conv(layer(v, 16, 3), 4, 1), classes = n("Sigmoid", {n.conv(layer(v, 16, 3), 80, 1)});
    auto const flat = n.constant(octet::tensor::of<std::int64_t>({3}, {1, 84, -1}));
    heads.push_back(n("Reshape", {n.concat({boxes, classes}), flat}));
  }
  return n.finish(n.concat(heads, 2), "predictions", {1, 84, 84});
}
