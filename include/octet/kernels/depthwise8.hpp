// Integer convolutions of single channels: four taps of a channel are the four bytes of a dot product, lanes are
// channels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <octet/core/serial.hpp>
#include <octet/kernels/conv.hpp>
#include <octet/kernels/transpose.hpp>

namespace octet {

namespace detail {

/// Which of 4 · lanes channels lane `l` of vector `j` has: the order in which `zip` puts them.
OCTET_INLINE constexpr std::ptrdiff_t depthwise_channel(std::ptrdiff_t j, std::ptrdiff_t l) {
  return l / 4 * 16 + 4 * j + l % 4;
}

}  // namespace detail

namespace kernels {

/// Weights of a depthwise convolution as `depthwise_8` reads them: blocks of 4 · lanes channels. With stride 1 in x a
/// line is one run of channels, in which blocks go on across pixels; their pattern repeats after some.
template <class Dot>
struct packed_depthwise {
  static constexpr std::ptrdiff_t lanes = static_cast<std::ptrdiff_t>(Dot::acc::size), block = 4 * lanes;
  std::ptrdiff_t channels = 0, taps = 0, blocks = 0;
  bool runs = false;              ///< blocks go on across pixels
  buffer<std::int8_t> weights{};  ///< [block][four taps][vector][lane][tap]
  buffer<s32> sums{};             ///< [block][vector][lane]: Σ taps of what is packed
  s32 shift = 0;                  ///< packed value = value − shift

  std::ptrdiff_t steps() const { return (taps + 3) / 4; }
  std::ptrdiff_t size() const { return blocks * block; }
  /// The channel whose terms stand at `i` of an array for the kernel; −1: none.
  std::ptrdiff_t channel(std::ptrdiff_t i) const {
    std::ptrdiff_t const at =
        i / block * block + octet::detail::depthwise_channel(i % block / lanes, i % block % lanes);
    return runs ? at % channels : at < channels ? at : -1;
  }

  /// `w` is [channel][tap], the bytes of u8 or s8.
  void pack(std::uint8_t const* w, bool is_signed, std::ptrdiff_t channels_, std::ptrdiff_t taps_, bool runs_) {
    channels = channels_, taps = taps_, runs = runs_, shift = is_signed ? 0 : 128;
    std::ptrdiff_t const whole = (channels + block - 1) / block;
    std::ptrdiff_t shared = block;  // a power of two: the largest that divides the channels
    while (channels % shared != 0) shared /= 2;
    blocks = runs ? channels / shared : whole;
    if (blocks > 4 * whole) runs = false, blocks = whole;
    weights.resize(blocks * steps() * block * 4);
    sums.resize(size());
    for (std::ptrdiff_t i = 0; i < size(); ++i) {
      std::ptrdiff_t const c = channel(i);
      sums[i] = 0;
      for (std::ptrdiff_t t = 0; t < 4 * steps(); ++t) {
        bool const there = c >= 0 && t < taps;
        s32 const x = there ? (is_signed ? static_cast<s8>(w[c * taps + t]) : w[c * taps + t]) - shift : 0;
        weights[((i / block * steps() + t / 4) * block + i % block) * 4 + t % 4] = static_cast<std::int8_t>(x);
        sums[i] += x;
      }
    }
  }
};

/// The terms of `depthwise_8`, in the order of packed_depthwise::channel.
struct depthwise_terms {
  s32 const* offsets = nullptr;  ///< bias − za·Σw + taps·za·zw, with za of the flipped image and zw after the shift
  s32 const* zeros = nullptr;    ///< zw, or null when all are 0
  float const* multipliers = nullptr;
  s32 zero = 0, low = 0, high = 0;  ///< of the output
  bool is_signed = false;           ///< the image is s8, and is flipped
};

}  // namespace kernels

namespace detail {

template <class Dot>
struct depthwise_block {
  using acc = typename Dot::acc;
  static constexpr std::ptrdiff_t lanes = static_cast<std::ptrdiff_t>(acc::size);
  static constexpr int bytes = static_cast<int>(4 * lanes);
  using vector = typename byte_vector<bytes>::type;

  static OCTET_INLINE acc ints(vector const& v) {
    acc x;
    std::memcpy(&x, &v, sizeof v);
    return x;
  }

  /// Four bytes a lane: one of each of four taps.
  template <bool Signed, class Taps>
  static OCTET_INLINE void gather(std::uint8_t const* in, std::ptrdiff_t const* offsets, Taps taps, acc (&to)[4]) {
    vector t[4];
    kernels::unroll<4>([&](auto i) OCTET_INLINE_LAMBDA {
      std::memcpy(&t[i], in + offsets[i < taps ? i : 0], sizeof(vector));
      if constexpr (Signed) t[i] ^= vector{} + std::uint8_t{0x80};
    });
    vector const a = zip<bytes, 1, false>(t[0], t[1]), b = zip<bytes, 1, true>(t[0], t[1]);
    vector const c = zip<bytes, 1, false>(t[2], t[3]), d = zip<bytes, 1, true>(t[2], t[3]);
    to[0] = ints(zip<bytes, 2, false>(a, c)), to[1] = ints(zip<bytes, 2, true>(a, c));
    to[2] = ints(zip<bytes, 2, false>(b, d)), to[3] = ints(zip<bytes, 2, true>(b, d));
  }

  template <bool Signed, class Q>
  static OCTET_INLINE void run(kernels::conv_walk const& walk, kernels::packed_depthwise<Dot> const& w,
                               kernels::depthwise_terms const& z, std::uint8_t const* in, std::ptrdiff_t number, Q* to,
                               std::ptrdiff_t room) {
    std::ptrdiff_t const at = number * w.block;
    std::int8_t const* right = w.weights.data() + at * w.steps() * 4;
    acc c[4], sums[4], taps[4];
    kernels::unroll<4>([&](auto j) OCTET_INLINE_LAMBDA {
      c[j] = acc::load_unaligned(z.offsets + at + j * lanes);
      sums[j] = acc(0);
    });
    alignas(64) std::int8_t ones[bytes];
    std::memset(ones, 1, sizeof ones);
    auto const step = [&](std::ptrdiff_t t, auto here) OCTET_INLINE_LAMBDA {
      gather<Signed>(in, walk.offsets.data() + t, here, taps);
      kernels::unroll<4>([&](auto j) OCTET_INLINE_LAMBDA {
        c[j] = Dot::dot(c[j], Dot::left(taps[j]), Dot::right(right + j * bytes));
      });
      right += 4 * bytes;
      if (!z.zeros) return;
      std::uint32_t const mask = here >= 4 ? ~0u : (1u << (8 * here)) - 1;
      kernels::unroll<4>([&](auto j) OCTET_INLINE_LAMBDA {
        sums[j] = Dot::dot(sums[j], Dot::left(taps[j] & acc(static_cast<std::int32_t>(mask))), Dot::right(ones));
      });
    };
    std::ptrdiff_t t = 0;
    for (; t + 4 <= w.taps; t += 4) step(t, std::integral_constant<std::ptrdiff_t, 4>{});
    if (t < w.taps) step(t, w.taps - t);
    if (z.zeros)
      kernels::unroll<4>([&](auto j)
                             OCTET_INLINE_LAMBDA { c[j] -= sums[j] * acc::load_unaligned(z.zeros + at + j * lanes); });
    store(c, z, at, to, room);
  }

  template <class Q>
  static OCTET_INLINE void store(acc (&c)[4], kernels::depthwise_terms const& z, std::ptrdiff_t at, Q* to,
                                 std::ptrdiff_t room) {
    using arch = typename Dot::arch;
    using values = xsimd::batch<float, arch>;
    values const lo(static_cast<float>(z.low - z.zero)), hi(static_cast<float>(z.high - z.zero));
    kernels::unroll<4>([&](auto j) OCTET_INLINE_LAMBDA {
      values const y = xsimd::to_float(c[j]) * values::load_unaligned(z.multipliers + at + j * lanes);
      c[j] = xsimd::nearbyint_as_int(xsimd::min(xsimd::max(y, lo), hi)) + acc(z.zero);
    });
    if (room >= bytes) return kernels::narrow<arch>::template store4<Q, true>(to, c);
    alignas(64) Q t[bytes];
    kernels::narrow<arch>::template store4<Q, true>(t, c);
    kernels::copy_part<sizeof t>(to, t, room);
  }
};

}  // namespace detail

namespace kernels {

/// y = requantize(Σ taps (x − zx)(w − zw) + bias), every channel by itself; exact before it is rounded. `walk` is of a
/// form with group 1 and bytes; the image may be read 4 · lanes bytes beyond its end.
template <class Q, class Dot, class Pool = serial>
void depthwise_8(conv_walk const& walk, std::uint8_t const* image, packed_depthwise<Dot> const& w,
                 depthwise_terms const& z, Q* y, Pool&& pool = {}) {
  using kernel = octet::detail::depthwise_block<Dot>;
  auto const& a = walk.form.axis;
  std::ptrdiff_t const pixel = walk.form.channels, line = a[2].out * pixel, down = a[1].out;
  if (pixel == 0) return;
  std::ptrdiff_t const length = w.runs ? line : pixel, step = w.runs ? 0 : a[2].stride * pixel;
  std::ptrdiff_t const grain = (1 << 17) / (line * walk.form.taps() + 1) + 1;
  auto const lines = [&]<bool Signed>(std::bool_constant<Signed>, std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t l = begin; l < end; ++l) {
      auto const* in =
          image + (l / down * a[0].stride * walk.extent[1] + l % down * a[1].stride) * walk.extent[2] * pixel;
      Q* const from = y + l * line;
      for (std::ptrdiff_t x = 0; x < line; x += length, in += step)
        for (std::ptrdiff_t i = 0, number = 0; i < length;
             i += w.block, number = number + 1 == w.blocks ? 0 : number + 1)
          kernel::template run<Signed>(walk, w, z, in + i, number, from + x + i, line - x - i);
    }
  };
  parallel_for(pool, a[0].out * down, grain, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    z.is_signed ? lines(std::true_type{}, begin, end) : lines(std::false_type{}, begin, end);
  });
}

}  // namespace kernels
}  // namespace octet
