// Operators that draw random numbers. An element's number depends on the node's seed, its name and the element's place
// alone: the same for every run and any number of threads, and in a model and its quantized copy.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <vector>

#include <octet/exec/ops/arguments.hpp>
#include <octet/exec/ops/cast.hpp>

namespace octet::detail {

/// Numbers by place: a 64-bit mixer of seed and place (splitmix64).
class random_places {
 public:
  explicit random_places(preparation const& p) {
    auto const given = p.get("seed", 0.f);
    std::uint32_t bits;
    std::memcpy(&bits, &given, sizeof bits);
    seed_ = mixed(bits);
    if (p.node.get<float>("seed") == nullptr)
      for (unsigned char const c : p.node.name) seed_ = mixed(seed_ ^ c);
  }
  /// In [0, 1).
  double uniform(std::int64_t place) const {
    return static_cast<double>(mixed(seed_ + static_cast<std::uint64_t>(place)) >> 11) * 0x1p-53;
  }
  /// Of mean 0 and variance 1: two uniform numbers by Box and Muller.
  double normal(std::int64_t place) const {
    double const u = 1 - uniform(2 * place), v = uniform(2 * place + 1);
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
  }

 private:
  static std::uint64_t mixed(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
  }
  std::uint64_t seed_ = 0;
};

/// Fills a float tensor of those dimensions with f(place) and converts it.
template <class F>
tensor drawn(call& c, op_label const& who, shape const& dims, element type, F const& f) {
  if (type != element::f32 && type != element::f64 && type != element::f16 && type != element::bf16)
    unsupported_type(who, type, {element::f32, element::f64, element::f16, element::bf16});
  tensor t = c.memory.make(element::f32, dims);
  auto const v = t.mutable_as<float>();
  for_elements(c.pool, t.size(), [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) v[std::size_t(i)] = static_cast<float>(f(i));
  });
  return type == element::f32 ? t : convert(c, t, type);
}

/// RandomNormal, RandomUniform: shape and type are attributes; …Like: they are those of the input.
template <bool Normal, bool Like>
operation prepare_random(preparation const& p) {
  expect_inputs(p, Like ? 1 : 0, Like ? 1 : 0);
  op_label const who{p};
  double const first = double(p.get(Normal ? "mean" : "low", 0.f)),
               second = double(p.get(Normal ? "scale" : "high", 1.f));
  auto const type = element{int(p.get("dtype", std::int64_t{Like ? 0 : 1}))};
  auto const dims = Like ? shape{} : shape_of(p.get("shape", integers{}));
  return [who, first, second, type, dims, numbers = random_places{p}](call& c) {
    auto const kind = Like && type == element::undefined ? c.inputs[0].type() : type;
    c.outputs[0] = drawn(c, who, Like ? c.inputs[0].dims() : dims, kind, [&](std::int64_t i) {
      return Normal ? first + second * numbers.normal(i) : first + (second - first) * numbers.uniform(i);
    });
  };
}

/// 1 with the probability that the input states.
inline operation prepare_bernoulli(preparation const& p) {
  expect_inputs(p, 1, 1);
  return [type = element{int(p.get("dtype", std::int64_t{0}))}, numbers = random_places{p}](call& c) {
    auto const kind = type == element::undefined ? c.inputs[0].type() : type;
    tensor t = convert(c, c.inputs[0], element::f64), y = c.memory.make(element::f32, t.dims());
    auto const likely = t.as<double>();
    auto const v = y.mutable_as<float>();
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = numbers.uniform(std::int64_t(i)) < likely[i] ? 1.f : 0.f;
    c.outputs[0] = kind == element::f32 ? y : convert(c, y, kind);
  };
}

/// [batch, classes] of logarithms of weights → [batch, sample_size] class numbers.
inline operation prepare_multinomial(preparation const& p) {
  expect_inputs(p, 1, 1);
  op_label const who{p};
  auto const samples = p.get("sample_size", std::int64_t{1});
  if (samples < 1 || samples > std::int64_t{1} << 32) who.invalid("sample_size is out of range");
  auto const type = element{int(p.get("dtype", std::int64_t{6}))};
  return [who, samples, type, numbers = random_places{p}](call& c) {
    auto const t = convert(c, c.inputs[0], element::f64);
    auto const& d = t.dims();
    if (d.rank() != 2 || d[1] < 1) who.invalid("an input of shape " + d.text());
    auto const logs = t.as<double>();
    tensor y = c.memory.make(element::s64, {d[0], samples});
    auto const out = y.mutable_as<std::int64_t>();
    std::vector<double> sums(static_cast<std::size_t>(d[1]));
    for (std::int64_t b = 0; b < d[0]; ++b) {
      auto const* const row = logs.data() + b * d[1];
      double const most = *std::max_element(row, row + d[1]);
      double total = 0;
      for (std::size_t k = 0; k < sums.size(); ++k) sums[k] = total += std::exp(row[k] - most);
      for (std::int64_t i = 0; i < samples; ++i) {
        auto const at = std::upper_bound(sums.begin(), sums.end(), numbers.uniform(b * samples + i) * total);
        out[std::size_t(b * samples + i)] = std::min<std::int64_t>(at - sums.begin(), d[1] - 1);
      }
    }
    c.outputs[0] = type == element::s64 ? y : convert(c, y, type);
  };
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry random_operators[] = {
    {"Bernoulli", "", 15, &detail::prepare_bernoulli},
    {"Multinomial", "", 7, &detail::prepare_multinomial},
    {"RandomNormal", "", 1, &detail::prepare_random<true, false>},
    {"RandomNormalLike", "", 1, &detail::prepare_random<true, true>},
    {"RandomUniform", "", 1, &detail::prepare_random<false, false>},
    {"RandomUniformLike", "", 1, &detail::prepare_random<false, true>},
};

}  // namespace octet
