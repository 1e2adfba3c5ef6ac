// Convolutions that walk the image equal their definition, for every geometry.
#include <octet/kernels/conv.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <kernels/conv_cases.hpp>
#include <octet/kernels/gemm.hpp>
#include <octet/kernels/gemm_f32.hpp>
#include <octet/kernels/reference.hpp>

using namespace octet;
using namespace octet::kernels;

namespace {

using arch = xsimd::default_arch;

template <class T>
std::vector<T> conv_values(std::mt19937& random, std::ptrdiff_t n) {
  std::vector<T> v(static_cast<std::size_t>(n));
  for (auto& x : v)
    if constexpr (std::is_same_v<T, float>) x = std::normal_distribution<float>()(random);
    else x = static_cast<T>(random());
  return v;
}

/// The image that is walked, with bytes behind it that must not matter.
template <class T>
buffer<T> walked(conv_walk const& walk, std::vector<T> const& image, T pad) {
  buffer<T> to(walk.copies ? walk.padded() : static_cast<std::ptrdiff_t>(image.size()));
  if (walk.copies) pad_image(walk, image.data(), pad, to.data());
  else std::copy(image.begin(), image.end(), to.data());
  return to;
}

/// Weights [out][channel][tap] as a k × out matrix.
template <class T>
std::vector<T> columns_of(conv_form const& form, std::vector<T> const& w, std::ptrdiff_t out, int size) {
  auto const k = form.k(size), each = form.group * form.taps();
  std::vector<T> b(static_cast<std::size_t>(k * out), T(0));
  for (std::ptrdiff_t i = 0; i < k; ++i)
    for (std::ptrdiff_t j = 0; j < out && form.weight(i, size) >= 0; ++j)
      b[std::size_t(i * out + j)] = w[std::size_t(j * each + form.weight(i, size))];
  return b;
}

}  // namespace

TEST_CASE("float convolutions equal one chain of fused multiply-adds over taps and channels") {
  std::mt19937 random{11};
  for (std::ptrdiff_t groups : {1, 2})
    for (std::ptrdiff_t channels : {2, 6, 40})
      for (std::ptrdiff_t out : {1, 5, 34})
        for (auto const& form : conv_cases::forms(channels, channels / groups)) {
          auto const image = conv_values<float>(random, form.axis[0].in * form.axis[1].in * form.axis[2].in * channels);
          conv_walk const walk{form, 4};
          auto const from = walked(walk, image, 0.f);
          auto const n = groups - 1;  // the last group
          auto const w = conv_values<float>(random, out * form.group * form.taps());
          auto const b = columns_of(form, w, out, 4);
          auto const packed = pack_f32(matrix<float const>{b.data(), form.k(4), out});
          buffer<float> bias(packed.panels() * width<fma1<arch>>);
          for (std::ptrdiff_t j = 0; j < bias.size(); ++j) bias[j] = static_cast<float>(j);
          std::vector<float> y(static_cast<std::size_t>(form.outputs() * out), -99.f);
          conv_cases::backwards pool;
          octet::detail::walk_image<fma1<arch>>(walk, reinterpret_cast<std::byte const*>(from.data() + n * form.group),
                                                packed, octet::detail::start<float>{bias.data()},
                                                store<float>{matrix<float>{y.data(), form.outputs(), out}}, pool);
          bool same = true;
          for (std::ptrdiff_t o = 0; o < form.outputs(); ++o)
            for (std::ptrdiff_t j = 0; j < out; ++j) {
              float sum = static_cast<float>(j);
              reference_window(form, o, n, [&](std::ptrdiff_t t, std::ptrdiff_t c, std::ptrdiff_t at) {
                sum = std::fma(at < 0 ? 0.f : image[std::size_t(at)],
                               w[std::size_t((j * form.group + c) * form.taps() + t)], sum);
              });
              float const got = y[std::size_t(o * out + j)];
#if defined(__FMA__) || defined(__aarch64__)
              same &= got == sum;
#else
              same &= std::abs(got - sum) <= 1e-4f * (1 + std::abs(sum));
#endif
            }
          CHECK(same);
        }
}

TEST_CASE("integer convolutions are exact, padding bytes of a segment count nothing") {
  std::mt19937 random{12};
  using dot = dot4<arch>;
  for (std::ptrdiff_t groups : {1, 3})
    for (std::ptrdiff_t channels : {3, 6, 48})
      for (auto const& form : conv_cases::forms(channels, channels / groups)) {
        constexpr std::ptrdiff_t out = 7;
        constexpr std::uint8_t zero = 131;
        auto const image =
            conv_values<std::uint8_t>(random, form.axis[0].in * form.axis[1].in * form.axis[2].in * channels);
        conv_walk const walk{form, 1};
        auto const from = walked<std::uint8_t>(walk, image, zero);
        auto const n = groups - 1;
        auto const w = conv_values<std::int8_t>(random, out * form.group * form.taps());
        auto const b = columns_of(form, w, out, 1);
        auto const packed = pack<s8s8>(matrix<std::int8_t const>{b.data(), form.k(1), out});
        buffer<std::int32_t> offsets(packed.panels() * width<dot>);
        offsets.clear();
        for (std::ptrdiff_t j = 0; j < out; ++j) offsets[j] = static_cast<std::int32_t>(j) - zero * packed.sums[j];
        std::vector<std::int32_t> y(static_cast<std::size_t>(form.outputs() * out), -99);
        conv_cases::backwards pool;
        octet::detail::walk_image<dot>(walk, reinterpret_cast<std::byte const*>(from.data() + n * form.group), packed,
                                       octet::detail::start<std::int32_t>{offsets.data()},
                                       store<std::int32_t>{matrix<std::int32_t>{y.data(), form.outputs(), out}}, pool);
        bool same = true;
        for (std::ptrdiff_t o = 0; o < form.outputs(); ++o)
          for (std::ptrdiff_t j = 0; j < out; ++j) {
            auto sum = static_cast<std::int32_t>(j);
            reference_window(form, o, n, [&](std::ptrdiff_t t, std::ptrdiff_t c, std::ptrdiff_t at) {
              sum +=
                  at < 0 ? 0 : (image[std::size_t(at)] - zero) * w[std::size_t((j * form.group + c) * form.taps() + t)];
            });
            same &= y[std::size_t(o * out + j)] == sum;
          }
        CHECK(same);
      }
}

TEST_CASE("a pointwise convolution is known as such, and what stays inside is not copied") {
  conv_form form{{conv_axis{}, conv_cases::axis(5, 1, 1, 0, 0), conv_cases::axis(6, 1, 1, 0, 0)}, 8, 8};
  CHECK(form.pointwise());
  CHECK_FALSE(conv_walk(form, 1).copies);
  form.group = 4;
  CHECK_FALSE(form.pointwise());
  form = {{conv_axis{}, conv_cases::axis(5, 3, 1, 1, 1), conv_cases::axis(6, 3, 1, 1, 1)}, 8, 8};
  CHECK(conv_walk(form, 4).copies);
  CHECK(conv_walk(form, 4).padded() == 7 * 8 * 8);
  CHECK(form.segments() == 3);
  CHECK(form.length() == 24);
}
