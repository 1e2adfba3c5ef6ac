// A view of a matrix: what kernels take and give.
#pragma once

#include <cstddef>
#include <type_traits>

#include <octet/core/config.hpp>

namespace octet {

/// Row-major matrix of somebody else's elements; `stride` elements lie between the starts of neighbouring rows.
template <class T>
struct matrix {
  T* data = nullptr;
  std::ptrdiff_t rows = 0, columns = 0, stride = 0;

  constexpr matrix() = default;
  OCTET_INLINE constexpr matrix(T* data_, std::ptrdiff_t rows_, std::ptrdiff_t columns_)
      : matrix{data_, rows_, columns_, columns_} {}
  OCTET_INLINE constexpr matrix(T* data_, std::ptrdiff_t rows_, std::ptrdiff_t columns_, std::ptrdiff_t stride_)
      : data{data_}, rows{rows_}, columns{columns_}, stride{stride_} {
    OCTET_ASSERT(rows >= 0 && columns >= 0 && (stride >= columns || rows <= 1));
  }
  /// A view that only reads.
  OCTET_INLINE constexpr operator matrix<T const>() const
    requires(!std::is_const_v<T>)
  {
    return {data, rows, columns, stride};
  }

  OCTET_INLINE constexpr T* row(std::ptrdiff_t i) const {
    OCTET_ASSERT(i >= 0 && i < rows);
    return data + i * stride;
  }
  OCTET_INLINE constexpr T& operator()(std::ptrdiff_t i, std::ptrdiff_t j) const {
    OCTET_ASSERT(j >= 0 && j < columns);
    return row(i)[j];
  }

  /// The rectangle of `height` × `width` elements whose first is (i, j).
  OCTET_INLINE constexpr matrix part(std::ptrdiff_t i, std::ptrdiff_t j, std::ptrdiff_t height,
                                     std::ptrdiff_t width) const {
    OCTET_ASSERT(i >= 0 && j >= 0 && height >= 0 && width >= 0 && i + height <= rows && j + width <= columns);
    return {data + i * stride + j, height, width, stride};
  }
};

}  // namespace octet
