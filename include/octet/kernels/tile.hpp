// The micro-kernel: rows × vectors accumulators over a block of k. One source for integers and float, for every
// instruction set.
#pragma once

#include <cstddef>

#include <octet/kernels/isa/all.hpp>
#include <octet/kernels/panels.hpp>

namespace octet {

namespace detail {

/// The left operand in 4-byte steps: element (i, step) at base + i·row + step·next. Row-major: next = 4; packed: row
/// = 4. k may come in segments of `steps`, which start at base + offsets[segment]: the lines of a convolution's window.
struct left_source {
  std::byte const* base;
  std::ptrdiff_t row, next, steps;
  int tail;  ///< valid bytes of a last, partial step (0: none); of one segment only
  std::ptrdiff_t segments = 1;
  std::ptrdiff_t const* offsets = nullptr;
};

/// What accumulators hold before k: offsets[j] − row_terms[i] · column_terms[j]. Bias and zero points cost no pass.
template <class T>
struct start {
  T const* offsets;
  T const* row_terms = nullptr;  ///< null when all products are 0
  T const* column_terms = nullptr;
  bool resume = false;   ///< continue from what is in `out`
  bool limited = false;  ///< what is stored is clamped to [low, high]; NaN stays NaN
  T low{}, high{};
};

/// 1 to 3 bytes of a last step, the rest zero: never reads beyond the row.
OCTET_INLINE std::uint32_t load_tail(std::byte const* p, int n) {
  auto const at = [&](int i) OCTET_INLINE_LAMBDA { return static_cast<std::uint32_t>(p[i]) << (8 * i); };
  return at(0) | (n > 1 ? at(1) : 0) | (n > 2 ? at(2) : 0);
}

/// Keeps the compiler from expanding 14 row pointers: 2 bases and 3 multiples of the stride address them all.
OCTET_INLINE std::ptrdiff_t unexpanded(std::ptrdiff_t x) {
  asm("" : "+r"(x));
  return x;
}

/// x in [low, high]; NaN stays NaN.
template <class Batch>
OCTET_INLINE Batch clamp(Batch x, Batch low, Batch high) {
  if constexpr (kernels::max_drops_nan<typename Batch::arch_type>) return xsimd::min(high, xsimd::max(low, x));
  else return xsimd::select(x < low, low, xsimd::select(x > high, high, x));
}

template <class Dot, int Rows, int Vectors, class T>
struct accumulators {
  using acc = typename Dot::acc;
  static constexpr int lanes = static_cast<int>(acc::size);
  static constexpr bool corrected = kernels::corrected_dot<Dot>;
  acc c[Rows][Vectors];
  acc less[corrected ? Vectors : 1];

  OCTET_INLINE void begin(start<T> const& s, T const* out, std::ptrdiff_t stride) {
    using kernels::unroll;
    if constexpr (corrected) unroll<Vectors>([&](auto j) OCTET_INLINE_LAMBDA { less[j] = acc(0); });
    if (s.resume) {
      unroll<Rows>([&](auto i) OCTET_INLINE_LAMBDA {
        unroll<Vectors>([&](auto j)
                            OCTET_INLINE_LAMBDA { c[i][j] = acc::load_unaligned(out + i * stride + j * lanes); });
      });
      return;
    }
    unroll<Vectors>([&](auto j) OCTET_INLINE_LAMBDA {
      acc const x = acc::load_unaligned(s.offsets + j * lanes);
      unroll<Rows>([&](auto i) OCTET_INLINE_LAMBDA { c[i][j] = x; });
    });
    if (!s.row_terms) return;
    unroll<Vectors>([&](auto j) OCTET_INLINE_LAMBDA {
      acc const z = acc::load_unaligned(s.column_terms + j * lanes);
      unroll<Rows>([&](auto i) OCTET_INLINE_LAMBDA { c[i][j] -= acc(s.row_terms[i]) * z; });
    });
  }
  /// One step of k: `load(i)` gives row i's left operand.
  template <class Load>
  OCTET_INLINE void add(std::byte const* b, std::ptrdiff_t panel_bytes, Load load) {
    using kernels::unroll;
    typename Dot::right_type w[Vectors];
    unroll<Vectors>([&](auto j) OCTET_INLINE_LAMBDA {
      w[j] = Dot::right(b + (j / Dot::vectors) * panel_bytes + (j % Dot::vectors) * lanes * 4);
    });
    unroll<Rows>([&](auto i) OCTET_INLINE_LAMBDA {
      auto const x = load(i);
      unroll<Vectors>([&](auto j) OCTET_INLINE_LAMBDA {
        if constexpr (corrected) c[i][j] = Dot::partial(c[i][j], x, w[j]);
        else c[i][j] = Dot::dot(c[i][j], x, w[j]);
      });
    });
    if constexpr (corrected)
      unroll<Vectors>([&](auto j) OCTET_INLINE_LAMBDA { less[j] = Dot::correction(less[j], w[j]); });
  }
  OCTET_INLINE void end(start<T> const& s, T* out, std::ptrdiff_t stride) {
    using kernels::unroll;
    if constexpr (std::is_floating_point_v<T>)
      if (s.limited) {
        acc const low(s.low), high(s.high);
        unroll<Rows>([&](auto i) OCTET_INLINE_LAMBDA {
          unroll<Vectors>([&](auto j) OCTET_INLINE_LAMBDA { c[i][j] = clamp(c[i][j], low, high); });
        });
      }
    if constexpr (corrected)
      unroll<Rows>([&](auto i) OCTET_INLINE_LAMBDA {
        unroll<Vectors>([&](auto j) OCTET_INLINE_LAMBDA { c[i][j] -= less[j]; });
      });
    unroll<Rows>([&](auto i) OCTET_INLINE_LAMBDA {
      unroll<Vectors>([&](auto j) OCTET_INLINE_LAMBDA { c[i][j].store_unaligned(out + i * stride + j * lanes); });
    });
  }
};

template <class Dot, int Rows, int Vectors, class T>
__attribute__((noinline)) void tile(left_source a, std::byte const* b, std::ptrdiff_t panel_bytes, start<T> s, T* out,
                                    std::ptrdiff_t stride) {
  accumulators<Dot, Rows, Vectors, T> c;
  c.begin(s, out, stride);
  std::ptrdiff_t const r1 = a.row, r3 = unexpanded(3 * r1), r5 = unexpanded(5 * r1);
  auto const row = [&](auto i, std::byte const* p0, std::byte const* p7) OCTET_INLINE_LAMBDA {
    std::byte const* const p = i < 7 ? p0 : p7;
    constexpr int m = i % 7;
    return p + (m == 6 ? 2 * r3 : m == 5 ? r5 : m == 3 ? r3 : m * r1);
  };
  for (std::ptrdiff_t segment = 0; segment < a.segments; ++segment) {
    std::byte const* p0 = a.base + (a.segments > 1 ? a.offsets[segment] : 0);
    std::byte const* p7 = p0 + (Rows > 7 ? 7 * r1 : 0);
    for (std::ptrdiff_t k = a.steps; k > 0; --k) {
      c.add(b, panel_bytes, [&](auto i) OCTET_INLINE_LAMBDA {
        if constexpr (kernels::is_widened<Dot>) return Dot::wide(row(i, p0, p7));
        else return Dot::left(Dot::broadcast(row(i, p0, p7)));
      });
      b += kernels::width<Dot> * 4;
      p0 += a.next;
      p7 += a.next;
    }
  }
  if constexpr (Dot::step > 1 && !kernels::is_widened<Dot>)
    if (a.tail) {  // gathered first: with branches around them the accumulators would spill
      std::uint32_t last[Rows];
      for (int i = 0; i < Rows; ++i) last[i] = load_tail(a.base + i * a.row + a.steps * a.next, a.tail);
      c.add(b, panel_bytes, [&](auto i) OCTET_INLINE_LAMBDA { return Dot::left(Dot::broadcast(last + i)); });
    }
  c.end(s, out, stride);
}

/// Run-time row count → instantiation: `many` panels at once, `one` panel, or the first vector of a last panel.
template <class Dot, class T>
struct tiles {
  using function = void (*)(left_source, std::byte const*, std::ptrdiff_t, start<T>, T*, std::ptrdiff_t);
  function many[Dot::rows + 1], one[Dot::rows + 1], narrow[Dot::rows + 1];
  constexpr tiles() : many{}, one{}, narrow{} {
    [&]<int... R>(std::integer_sequence<int, R...>) {
      ((many[R + 1] = &tile<Dot, R + 1, kernels::panels_for<Dot>(R + 1) * Dot::vectors, T>,
        one[R + 1] = &tile<Dot, R + 1, Dot::vectors, T>, narrow[R + 1] = &tile<Dot, R + 1, 1, T>),
       ...);
    }(std::make_integer_sequence<int, Dot::rows>{});
  }
};
template <class Dot, class T>
inline constexpr tiles<Dot, T> tiles_of{};

}  // namespace detail
}  // namespace octet
