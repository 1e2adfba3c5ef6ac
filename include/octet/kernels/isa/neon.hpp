// ARM, 64 bit: even and odd bytes through smull; sdot (dotprod), which wants both operands signed; or usdot (i8mm),
// which is the contract in one instruction.
#pragma once

#include <octet/kernels/isa/dot4.hpp>

#ifdef __aarch64__
#include <arm_neon.h>

namespace octet::kernels {

template <class Arch>
concept neon_like = std::is_base_of_v<xsimd::neon64, Arch>;

#ifdef __ARM_FEATURE_MATMUL_INT8
template <neon_like Arch>
struct dot4<Arch, exact> {
  using arch = Arch;
  using acc = xsimd::batch<s32, Arch>;
  using left_type = uint8x16_t;
  using right_type = int8x16_t;
  static constexpr bool may_saturate = false;
  static constexpr int rows = 8, vectors = 2, step = 4, operations = 1;

  static OCTET_INLINE acc broadcast(void const* p) {
    s32 x;
    std::memcpy(&x, p, 4);
    return vdupq_n_s32(x);
  }
  static OCTET_INLINE uint8x16_t left(acc a) { return vreinterpretq_u8_s32(a); }
  static OCTET_INLINE int8x16_t right(void const* p) { return vld1q_s8(static_cast<s8 const*>(p)); }
  static OCTET_INLINE acc dot(acc c, uint8x16_t a, int8x16_t b) { return vusdotq_s32(c, a, b); }
};
#elif defined(__ARM_FEATURE_DOTPROD)
template <neon_like Arch>
struct dot4<Arch, exact> {
  using arch = Arch;
  using acc = xsimd::batch<s32, Arch>;
  using left_type = int8x16_t;
  using right_type = int8x16_t;
  static constexpr bool may_saturate = false;
  static constexpr int rows = 8, vectors = 2, step = 4, operations = 1;

  static OCTET_INLINE acc broadcast(void const* p) {
    s32 x;
    std::memcpy(&x, p, 4);
    return vdupq_n_s32(x);
  }
  /// a − 128: what is missing, 128 · Σ b, is the same for all rows of a tile, so that `correction` gathers it once.
  static OCTET_INLINE int8x16_t left(acc a) {
    return veorq_s8(vreinterpretq_s8_s32(a), vdupq_n_s8(static_cast<s8>(-128)));
  }
  static OCTET_INLINE int8x16_t right(void const* p) { return vld1q_s8(static_cast<s8 const*>(p)); }
  static OCTET_INLINE acc partial(acc c, int8x16_t a, int8x16_t b) { return vdotq_s32(c, a, b); }
  static OCTET_INLINE acc correction(acc c, int8x16_t b) { return vdotq_s32(c, vdupq_n_s8(static_cast<s8>(-128)), b); }
  static OCTET_INLINE acc dot(acc c, int8x16_t a, int8x16_t b) {
    return vdotq_s32(vsubq_s32(c, correction(acc(0), b)), a, b);
  }
};
#else
template <neon_like Arch>
struct dot4<Arch, exact> {
  using arch = Arch;
  using acc = xsimd::batch<s32, Arch>;
  struct pair {
    int16x8_t even, odd;
  };
  using left_type = pair;
  using right_type = pair;
  static constexpr bool may_saturate = false;
  static constexpr int rows = 6, vectors = 2, step = 4, operations = 6;

  static OCTET_INLINE acc broadcast(void const* p) {
    s32 x;
    std::memcpy(&x, p, 4);
    return vdupq_n_s32(x);
  }
  static OCTET_INLINE pair left(acc a) {
    uint16x8_t const x = vreinterpretq_u16_s32(a);
    return {vreinterpretq_s16_u16(vandq_u16(x, vdupq_n_u16(255))), vreinterpretq_s16_u16(vshrq_n_u16(x, 8))};
  }
  static OCTET_INLINE pair right(void const* p) {
    int16x8_t const b = vreinterpretq_s16_s8(vld1q_s8(static_cast<s8 const*>(p)));
    return {vshrq_n_s16(vshlq_n_s16(b, 8), 8), vshrq_n_s16(b, 8)};
  }
  static OCTET_INLINE acc dot(acc c, pair a, pair b) {
    int32x4_t low = vmull_s16(vget_low_s16(a.even), vget_low_s16(b.even));
    int32x4_t high = vmull_high_s16(a.even, b.even);
    low = vmlal_s16(low, vget_low_s16(a.odd), vget_low_s16(b.odd));
    high = vmlal_high_s16(high, a.odd, b.odd);
    return vaddq_s32(c, vpaddq_s32(low, high));
  }
};
#endif

template <neon_like Arch>
struct narrow<Arch> {
  using ints = xsimd::batch<s32, Arch>;
  static constexpr int lanes = 4;

  template <class T, bool InLanes = false>
  static OCTET_INLINE void store4(T* to, ints const (&x)[4]) {
    if constexpr (std::is_same_v<T, s16>) {
      vst1q_s16(to, vqmovn_high_s32(vqmovn_s32(x[0]), x[1]));
      vst1q_s16(to + 8, vqmovn_high_s32(vqmovn_s32(x[2]), x[3]));
    } else if constexpr (std::is_same_v<T, u16>) {
      vst1q_u16(to, vqmovun_high_s32(vqmovun_s32(x[0]), x[1]));
      vst1q_u16(to + 8, vqmovun_high_s32(vqmovun_s32(x[2]), x[3]));
    } else {
      int16x8_t const lo = vqmovn_high_s32(vqmovn_s32(x[0]), x[1]), hi = vqmovn_high_s32(vqmovn_s32(x[2]), x[3]);
      if constexpr (std::is_signed_v<T>) vst1q_s8(to, vqmovn_high_s16(vqmovn_s16(lo), hi));
      else vst1q_u8(to, vqmovun_high_s16(vqmovun_s16(lo), hi));
    }
  }
  template <class T>
  static OCTET_INLINE ints widen(T const* from) {
    if constexpr (std::is_same_v<T, s16>) {
      return vmovl_s16(vld1_s16(from));
    } else if constexpr (std::is_same_v<T, u16>) {
      return vreinterpretq_s32_u32(vmovl_u16(vld1_u16(from)));
    } else {
      u32 bytes;
      std::memcpy(&bytes, from, 4);
      uint8x8_t const x = vreinterpret_u8_u32(vdup_n_u32(bytes));
      if constexpr (std::is_signed_v<T>) return vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_u8(x))));
      else return vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(vmovl_u8(x))));
    }
  }
};

}  // namespace octet::kernels
#endif
