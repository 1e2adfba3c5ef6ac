// Depthwise convolutions of floats equal one chain of fused multiply-adds over the taps.
#include <octet/kernels/depthwise.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <kernels/conv_cases.hpp>
#include <octet/kernels/reference.hpp>

using namespace octet;
using namespace octet::kernels;

TEST_CASE("depthwise convolutions of every geometry") {
  std::mt19937 random{13};
  std::normal_distribution<float> normal;
  for (std::ptrdiff_t channels : {2, 8, 16, 24, 37, 64})
    for (auto const& form : conv_cases::forms(channels, 1)) {
      auto const pixels = form.axis[0].in * form.axis[1].in * form.axis[2].in;
      std::vector<float> image(static_cast<std::size_t>(pixels * channels));
      for (auto& x : image) x = normal(random);
      buffer<float> from(pixels * channels);  // that may be read beyond its end
      std::copy(image.begin(), image.end(), from.data());
      auto const room = depthwise_room(channels);
      buffer<float> w(form.taps() * room), bias(room);
      for (std::ptrdiff_t i = 0; i < w.size(); ++i) w[i] = normal(random);
      for (std::ptrdiff_t i = 0; i < room; ++i) bias[i] = normal(random);
      std::vector<float> y(static_cast<std::size_t>(form.outputs() * channels + 1), 77.f);
      row_function const negated{[](void const*, float* v, std::ptrdiff_t n) {
        for (std::ptrdiff_t i = 0; i < n; ++i) v[i] = -v[i];
      }};
      depthwise_f32(form, from.data(), w.data(), bias.data(), -1.5f, 1.25f, y.data(), conv_cases::backwards{}, negated);
      bool same = y.back() == 77.f;
      for (std::ptrdiff_t o = 0; o < form.outputs(); ++o)
        for (std::ptrdiff_t c = 0; c < channels; ++c) {
          float sum = bias[c];
          reference_window(form, o, c, [&](std::ptrdiff_t t, std::ptrdiff_t, std::ptrdiff_t at) {
            sum = std::fma(at < 0 ? 0.f : image[std::size_t(at)], w[t * room + c], sum);
          });
          sum = sum < -1.5f ? -1.5f : sum > 1.25f ? 1.25f : sum;
          float const got = -y[std::size_t(o * channels + c)];
#if defined(__FMA__) || defined(__aarch64__)
          same &= got == sum;
#else
          same &= std::abs(got - sum) <= 1e-4f * (1 + std::abs(sum));
#endif
        }
      CHECK(same);
    }
}
