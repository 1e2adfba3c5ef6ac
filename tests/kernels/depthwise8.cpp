// Integer depthwise convolutions equal their definition: exact sums, one rounding.
#include <octet/kernels/depthwise8.hpp>

#include <doctest/doctest.h>

#include <kernels/conv_cases.hpp>
#include <octet/kernels/reference.hpp>

using namespace octet;
using namespace octet::kernels;

namespace {

/// x of A, w of W, y of A; zero points of w by channel when `per_channel`.
template <class A, class W>
void try_depthwise(conv_form const& form, std::int32_t w_zero, bool per_channel, std::mt19937& random) {
  using packed_type = packed_depthwise<dot4<xsimd::default_arch>>;
  auto const channels = form.channels, pixels = form.axis[0].in * form.axis[1].in * form.axis[2].in;
  std::int32_t const x_zero = std::is_signed_v<A> ? -7 : 121, y_zero = std::is_signed_v<A> ? 3 : 130;
  std::vector<A> image(static_cast<std::size_t>(pixels * channels));
  std::vector<W> w(static_cast<std::size_t>(channels * form.taps()));
  for (auto& x : image) x = static_cast<A>(random());
  for (auto& x : w) x = static_cast<W>(random());
  conv_walk const walk{form, 1};
  buffer<std::uint8_t> from(walk.copies ? walk.padded() : pixels * channels);
  auto const* const bytes = reinterpret_cast<std::uint8_t const*>(image.data());
  if (walk.copies) pad_image(walk, bytes, static_cast<std::uint8_t>(x_zero), from.data());
  else std::copy(bytes, bytes + image.size(), from.data());
  packed_type p;
  p.pack(reinterpret_cast<std::uint8_t const*>(w.data()), std::is_signed_v<W>, channels, form.taps(),
         form.axis[2].stride == 1);
  std::int32_t const flip = std::is_signed_v<A> ? 128 : 0;
  auto const zero_of = [&](std::ptrdiff_t c) { return w_zero + (per_channel ? static_cast<std::int32_t>(c % 3) : 0); };
  std::vector<std::int32_t> offsets(std::size_t(p.size())), zeros(offsets.size());
  std::vector<float> multipliers(offsets.size());
  bool any = false;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    auto const c = p.channel(std::ptrdiff_t(i));
    if (c < 0) continue;
    zeros[i] = zero_of(c) - p.shift, any |= zeros[i] != 0;
    offsets[i] = static_cast<std::int32_t>(50 * c) - (x_zero + flip) * p.sums[std::ptrdiff_t(i)] +
                 static_cast<std::int32_t>(form.taps()) * (x_zero + flip) * zeros[i];
    multipliers[i] = 0.004f + 0.0001f * static_cast<float>(c);
  }
  constexpr std::int32_t low = std::numeric_limits<A>::min(), high = std::numeric_limits<A>::max();
  std::vector<A> y(static_cast<std::size_t>(form.outputs() * channels + 1), A(77));
  depthwise_8(walk, from.data(), p,
              {offsets.data(), any ? zeros.data() : nullptr, multipliers.data(), y_zero, low, high, flip != 0},
              y.data(), conv_cases::backwards{});
  bool same = y.back() == A(77);
  for (std::ptrdiff_t o = 0; o < form.outputs(); ++o)
    for (std::ptrdiff_t c = 0; c < channels; ++c) {
      auto sum = static_cast<std::int32_t>(50 * c);
      reference_window(form, o, c, [&](std::ptrdiff_t t, std::ptrdiff_t, std::ptrdiff_t at) {
        sum += at < 0 ? 0 : (image[std::size_t(at)] - x_zero) * (w[std::size_t(c * form.taps() + t)] - zero_of(c));
      });
      same &= y[std::size_t(o * channels + c)] ==
              reference_requantize<A>(sum, 0.004f + 0.0001f * static_cast<float>(c), y_zero, low, high);
    }
  CHECK(same);
}

}  // namespace

TEST_CASE("integer depthwise convolutions of every geometry") {
  std::mt19937 random{14};
  for (std::ptrdiff_t channels : {2, 8, 16, 24, 37, 64, 88, 130})
    for (auto const& form : conv_cases::forms(channels, 1)) {
      CAPTURE(channels);
      try_depthwise<std::uint8_t, std::int8_t>(form, 0, false, random);
      try_depthwise<std::int8_t, std::int8_t>(form, 0, false, random);
      try_depthwise<std::uint8_t, std::uint8_t>(form, 128, false, random);
      try_depthwise<std::uint8_t, std::uint8_t>(form, 100, true, random);
      try_depthwise<std::int8_t, std::int8_t>(form, -3, true, random);
    }
}
