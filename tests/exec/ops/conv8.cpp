// Integer convolutions: equal to float convolutions of the same integers, whose sums are exact.
#include <octet/exec/ops/conv8.hpp>

#include <random>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
using list = std::vector<std::int64_t>;

template <class T>
tensor bytes(shape dims, unsigned seed) {
  std::mt19937 random{seed};
  std::vector<T> v(static_cast<std::size_t>(dims.size()));
  for (auto& x : v) x = static_cast<T>(random());
  return tensor::of<T>(std::move(dims), v);
}
template <class T>
tensor minus(tensor const& t, std::vector<int> const& zero, std::size_t each) {
  std::vector<float> v;
  for (std::size_t i = 0; i < t.as<T>().size(); ++i)
    v.push_back(static_cast<float>(int(t.as<T>()[i]) - zero[zero.size() == 1 ? 0 : i / each]));
  return floats_of(t.dims(), v);
}

template <class X, class W>
void check(shape const& x_dims, shape const& w_dims, std::vector<attribute> const& a) {
  auto const x = bytes<X>(x_dims, 1);
  auto const w = bytes<W>(w_dims, 2);
  std::vector<int> zeros;
  std::vector<W> w_zeros;
  for (std::int64_t i = 0; i < w_dims[0]; ++i) zeros.push_back(int(i % 3)), w_zeros.push_back(static_cast<W>(i % 3));
  for (bool each : {false, true}) {
    auto const zw = each ? tensor::of<W>({w_dims[0]}, w_zeros) : tensor::scalar(W(4));
    tensor const y = run({.table = conv8_operators,
                          .op = "ConvInteger",
                          .inputs = {x, w, tensor::scalar(X(9)), zw},
                          .attributes = a,
                          .threads = 2})[0];
    tensor const f = run({.table = conv_operators,
                          .op = "Conv",
                          .inputs = {minus<X>(x, {9}, 1), minus<W>(w, each ? zeros : std::vector<int>{4},
                                                                   std::size_t(w_dims.product(1, w_dims.rank())))},
                          .attributes = a})[0];
    REQUIRE(y.dims() == f.dims());
    bool equal = true;
    for (std::size_t i = 0; i < f.as<float>().size(); ++i)
      equal &= static_cast<float>(y.as<std::int32_t>()[i]) == f.as<float>()[i];
    CHECK(equal);
  }
}
template <class X, class W>
void check_forms() {
  check<X, W>({2, 3, 9, 7}, {5, 3, 3, 3},
              {{.name = "pads", .value = list{1, 1, 1, 1}}, {.name = "strides", .value = list{2, 1}}});
  check<X, W>({1, 16, 6, 6}, {70, 16, 1, 1}, {});
  check<X, W>({1, 4, 8, 8}, {4, 1, 3, 3},
              {{.name = "pads", .value = list{1, 1, 1, 1}}, {.name = "group", .value = std::int64_t{4}}});
  check<X, W>({1, 4, 8}, {6, 2, 3}, {{.name = "group", .value = std::int64_t{2}}});
}
}  // namespace

TEST_CASE("ConvInteger is exact, padding reads the zero point") {
  check_forms<std::uint8_t, std::int8_t>();
  check_forms<std::uint8_t, std::uint8_t>();
  check_forms<std::int8_t, std::int8_t>();
  check_forms<std::int8_t, std::uint8_t>();
}

TEST_CASE("QLinearConv adds the bias, scales by channel, rounds half to even") {
  for (bool depthwise : {false, true}) {
    // two channels in, two out; weights pick the channel, so that both forms compute the same
    auto const x = tensor::of<std::uint8_t>({1, 2, 1, 2}, {10, 11, 20, 30});
    auto const w =
        depthwise ? tensor::of<std::int8_t>({2, 1, 1, 1}, {1, 2}) : tensor::of<std::int8_t>({2, 2, 1, 1}, {1, 0, 0, 2});
    auto const y = run({.table = conv8_operators,
                        .op = "QLinearConv",
                        .inputs = {x, tensor::scalar(0.5f), tensor::scalar(std::uint8_t{8}), w, floats_of({2}, {1, 2}),
                                   tensor::of<std::int8_t>({2}, {0, 0}), tensor::scalar(1.f),
                                   tensor::scalar(std::int8_t{-3}), tensor::of<std::int32_t>({2}, {3, -4})},
                        .attributes = {{.name = "group", .value = std::int64_t{depthwise ? 2 : 1}}}})[0];
    // channel 0: (2 + 3)·.5 = 2.5 → 2, (3 + 3)·.5 = 3;  channel 1: (24 − 4)·1 = 20, (44 − 4)·1 = 40
    CHECK(values<std::int8_t>(y) == std::vector<std::int8_t>{-1, 0, 17, 37});
  }
}
