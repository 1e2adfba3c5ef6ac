// Matrices turned around in blocks of 16 by 16 bytes, several side by side: one in each 16 bytes of a vector.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <octet/core/matrix.hpp>
#include <octet/kernels/arch.hpp>

namespace octet {

namespace detail {

template <int N>
struct byte_vector {
  typedef std::uint8_t type __attribute__((vector_size(N)));
};

/// N bytes as unsigned numbers of `Unit` bytes.
template <int N, int Unit>
struct unit_vector {
  using unit = std::conditional_t<
      Unit == 1, std::uint8_t,
      std::conditional_t<Unit == 2, std::uint16_t, std::conditional_t<Unit == 4, std::uint32_t, std::uint64_t>>>;
  typedef unit type __attribute__((vector_size(N)));
};

/// Unit i of what interleaves the units of two vectors of n inside each 16 bytes.
constexpr int zip_index(int n, int each, bool high, int i) {
  int const place = i % each, from = i / each * each + place / 2 + (high ? each / 2 : 0);
  return place % 2 == 0 ? from : from + n;
}
/// The shuffle is one of whole units: as one of bytes, g++ makes a slower instruction of it.
template <int N, int Unit, bool High>
OCTET_INLINE typename byte_vector<N>::type zip(typename byte_vector<N>::type a, typename byte_vector<N>::type b) {
  using units = typename unit_vector<N, Unit>::type;
  auto const x = std::bit_cast<units>(a), y = std::bit_cast<units>(b);
  return [&]<int... I>(std::integer_sequence<int, I...>) OCTET_INLINE_LAMBDA {
    return std::bit_cast<typename byte_vector<N>::type>(
        __builtin_shufflevector(x, y, zip_index(N / Unit, 16 / Unit, High, I)...));
  }(std::make_integer_sequence<int, N / Unit>{});
}
template <int N, int First>
OCTET_INLINE typename byte_vector<16>::type sixteen_of(typename byte_vector<N>::type a) {
  return [&]<int... I>(std::integer_sequence<int, I...>) OCTET_INLINE_LAMBDA {
    return __builtin_shufflevector(a, a, First + I...);
  }(std::make_integer_sequence<int, 16>{});
}

/// 16 / Size rows of N / Size elements → N / Size rows of 16 / Size elements; strides in bytes. Zipping the first half
/// of the rows with the second, as often as halves there are, is the transposition. Rows beyond `last` are that one.
template <int Size, int N>
OCTET_INLINE void turn_block(std::byte const* from, std::ptrdiff_t from_stride, std::byte* to, std::ptrdiff_t to_stride,
                             std::ptrdiff_t last = 15) {
  constexpr int n = 16 / Size;
  using vector = typename byte_vector<N>::type;
  vector v[n], t[n];
  kernels::unroll<n>([&](auto i) OCTET_INLINE_LAMBDA {
    std::memcpy(&v[i], from + kernels::least<std::ptrdiff_t>(i, last) * from_stride, N);
  });
  kernels::unroll<std::bit_width(unsigned{n}) - 1>([&](auto) OCTET_INLINE_LAMBDA {
    kernels::unroll<n / 2>([&](auto i) OCTET_INLINE_LAMBDA {
      t[2 * i] = zip<N, Size, false>(v[i], v[i + n / 2]);
      t[2 * i + 1] = zip<N, Size, true>(v[i], v[i + n / 2]);
    });
    kernels::unroll<n>([&](auto i) OCTET_INLINE_LAMBDA { v[i] = t[i]; });
  });
  kernels::unroll<N / 16>([&](auto lane) OCTET_INLINE_LAMBDA {
    kernels::unroll<n>([&](auto i) OCTET_INLINE_LAMBDA {
      auto const part = sixteen_of<N, 16 * lane>(v[i]);
      std::memcpy(to + (lane * n + i) * to_stride, &part, 16);
    });
  });
}

/// Columns [j, j + N / Size) of a matrix of at least 16 / Size rows; the last block of rows may overlap the one before.
template <class T, int N>
OCTET_INLINE void turn_columns(matrix<T const> from, std::ptrdiff_t j, T* to, std::ptrdiff_t to_stride) {
  constexpr std::ptrdiff_t size = sizeof(T), n = 16 / size;
  for (std::ptrdiff_t i = 0; i < from.rows; i = i + n < from.rows ? kernels::least(i + n, from.rows - n) : from.rows)
    turn_block<size, N>(reinterpret_cast<std::byte const*>(from.data + i * from.stride + j), from.stride * size,
                        reinterpret_cast<std::byte*>(to + j * to_stride + i), to_stride * size);
}

/// N columns of three rows of bytes, as the colours of a picture are, to places of three bytes.
template <int N>
OCTET_INLINE void turn_three_rows(std::uint8_t const* from, std::ptrdiff_t stride, std::uint8_t* to) {
  using vector = typename byte_vector<N>::type;
  vector v[3];
  kernels::unroll<3>([&](auto i) OCTET_INLINE_LAMBDA { std::memcpy(&v[i], from + i * stride, N); });
  vector const a = zip<N, 1, false>(v[0], v[1]), b = zip<N, 1, true>(v[0], v[1]);
  vector const c = zip<N, 1, false>(v[2], v[2]), d = zip<N, 1, true>(v[2], v[2]);
  vector const four[] = {zip<N, 2, false>(a, c), zip<N, 2, true>(a, c), zip<N, 2, false>(b, d), zip<N, 2, true>(b, d)};
  kernels::unroll<N / 16>([&](auto lane) OCTET_INLINE_LAMBDA {
    kernels::unroll<4>([&](auto i) OCTET_INLINE_LAMBDA {
      auto const part = sixteen_of<N, 16 * lane>(four[i]);
      auto const packed = __builtin_shufflevector(part, part, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15);
      std::memcpy(to + (lane * 16 + i * 4) * 3, &packed, 16);
    });
  });
}

/// Columns from `j` on of a matrix of fewer rows, which follow one another in the result: each is written as 16 bytes,
/// of which the next ones overwrite what is too much. Returns where the rest begins.
template <class T, int N>
OCTET_INLINE std::ptrdiff_t turn_few_rows(matrix<T const> from, T* to, std::ptrdiff_t j) {
  constexpr std::ptrdiff_t size = sizeof(T), wide = N / size;
  bool const three = size == 1 && from.rows == 3;
  auto const written = three ? 4 : 1;  // columns that the last 16 bytes begin with
  for (; (from.columns - j - wide + written) * from.rows >= 16 / size; j += wide) {
    auto const* const in = reinterpret_cast<std::byte const*>(from.data + j);
    auto* const out = reinterpret_cast<std::byte*>(to + j * from.rows);
    if (three)
      turn_three_rows<N>(reinterpret_cast<std::uint8_t const*>(in), from.stride, reinterpret_cast<std::uint8_t*>(out));
    else turn_block<size, N>(in, from.stride * size, out, from.rows * size, from.rows - 1);
  }
  return j;
}

}  // namespace detail

namespace kernels {

/// to[j·stride + i] = from(i, j), for elements of 1, 2, 4 or 8 bytes.
template <class Arch = xsimd::default_arch, class T>
void transpose(matrix<T const> from, T* to, std::ptrdiff_t stride) {
  constexpr int bytes = sizeof(xsimd::batch<float, Arch>) > 16 ? sizeof(xsimd::batch<float, Arch>) : 16;
  constexpr std::ptrdiff_t n = 16 / sizeof(T), wide = bytes / sizeof(T);
  std::ptrdiff_t j = 0;
  if (from.rows > 1 && from.rows < n && stride == from.rows) {
    j = octet::detail::turn_few_rows<T, bytes>(from, to, 0);
    if constexpr (bytes > 16) j = octet::detail::turn_few_rows<T, 16>(from, to, j);
  } else if (from.rows >= n) {
    if constexpr (bytes > 32)  // 16 lines of one L1 set would push each other out before they are full
      for (; stride * std::ptrdiff_t{sizeof(T)} % 4096 == 0 && j + wide / 2 <= from.columns; j += wide / 2)
        octet::detail::turn_columns<T, 32>(from, j, to, stride);
    for (; j + wide <= from.columns; j += wide) octet::detail::turn_columns<T, bytes>(from, j, to, stride);
    for (; j + n <= from.columns; j += n) octet::detail::turn_columns<T, 16>(from, j, to, stride);
    if (j < from.columns && from.columns >= n) {
      octet::detail::turn_columns<T, 16>(from, from.columns - n, to, stride);
      j = from.columns;
    }
  }
  for (; j < from.columns; ++j)
    for (std::ptrdiff_t i = 0; i < from.rows; ++i) to[j * stride + i] = from.data[i * from.stride + j];
}

}  // namespace kernels
}  // namespace octet
