// Output sizes and padding of windows, by the formulas of the ONNX specification.
#include <octet/exec/ops/window.hpp>

#include <doctest/doctest.h>

using namespace octet;
using namespace octet::detail;

namespace {
window make(std::vector<attribute> a, shape const& in) {
  node n;
  n.op = "MaxPool", n.attributes = std::move(a);
  preparation const p{.node = n, .opset = 18};
  return make_window(op_label{p}, window_attributes{p}, in);
}
using list = std::vector<std::int64_t>;
}  // namespace

TEST_CASE("explicit pads: floor((in + pads - extent) / stride) + 1") {
  auto const w = make({{.name = "kernel_shape", .value = list{3, 2}},
                       {.name = "strides", .value = list{2, 1}},
                       {.name = "pads", .value = list{1, 0, 1, 1}},
                       {.name = "dilations", .value = list{1, 2}}},
                      {1, 4, 8, 9});
  CHECK(w.output(1, 4) == shape{1, 4, (8 + 2 - 3) / 2 + 1, (9 + 1 - 3) / 1 + 1});
  CHECK(w.taps() == 6);
  CHECK(!w.pointwise());
}

TEST_CASE("ceil_mode rounds up, but no window starts in the padding behind the input") {
  CHECK(make({{.name = "kernel_shape", .value = list{2}},
              {.name = "strides", .value = list{2}},
              {.name = "ceil_mode", .value = std::int64_t{1}}},
             {1, 1, 5})
            .axis[2]
            .out == 3);
  CHECK(make({{.name = "kernel_shape", .value = list{1}},
              {.name = "strides", .value = list{2}},
              {.name = "pads", .value = list{0, 1}},
              {.name = "ceil_mode", .value = std::int64_t{1}}},
             {1, 1, 4})
            .axis[2]
            .out == 2);
}

TEST_CASE("auto_pad: the output has ceil(in / stride) elements, the odd pad goes to the named side") {
  auto const upper =
      make({{.name = "kernel_shape", .value = list{4}}, {.name = "auto_pad", .value = std::string{"SAME_UPPER"}}},
           {1, 1, 5});
  CHECK(upper.axis[2].out == 5);
  CHECK(upper.axis[2].begin == 1);
  CHECK(upper.axis[2].end == 2);
  auto const lower =
      make({{.name = "kernel_shape", .value = list{4}}, {.name = "auto_pad", .value = std::string{"SAME_LOWER"}}},
           {1, 1, 5});
  CHECK(lower.axis[2].begin == 2);
  CHECK(
      make({{.name = "kernel_shape", .value = list{4}}, {.name = "auto_pad", .value = std::string{"VALID"}}}, {1, 1, 5})
          .axis[2]
          .out == 2);
}

TEST_CASE("absurd attributes are refused") {
  CHECK_THROWS_AS(make({{.name = "kernel_shape", .value = list{0}}}, {1, 1, 5}), error);
  CHECK_THROWS_AS(make({{.name = "kernel_shape", .value = list{6}}}, {1, 1, 5}), error);
  CHECK_THROWS_AS(
      make({{.name = "kernel_shape", .value = list{1}}, {.name = "strides", .value = list{std::int64_t{1} << 40}}},
           {1, 1, 5}),
      error);
  CHECK_THROWS_AS(make({{.name = "kernel_shape", .value = list{1}}, {.name = "pads", .value = list{-1, 0}}}, {1, 1, 5}),
                  error);
  CHECK_THROWS_AS(make({{.name = "kernel_shape", .value = list{1, 1}}}, {1, 1, 5}), error);
  CHECK_THROWS_AS(
      make({{.name = "kernel_shape", .value = list{1}}, {.name = "auto_pad", .value = std::string{"SAME"}}}, {1, 1, 5}),
      error);
  CHECK_THROWS_AS(make({{.name = "kernel_shape", .value = list{}}}, {1, 1}), error);
}
