#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include <octet/kernels/transpose.hpp>

using namespace octet;

/// Elements of a rows × columns matrix, `more` apart from row to row, that do not stand where its transpose has them.
template <class T>
static int misplaced(std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t more) {
  std::ptrdiff_t const stride = columns + more, to_stride = rows + more;
  std::vector<T> from(std::size_t(rows * stride + 1)), to(std::size_t(columns * to_stride + 33), T(199));
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = T((i * 7 + i / 256) & 127);
  kernels::transpose(matrix<T const>{from.data() + 1, rows, columns, stride}, to.data() + 1, to_stride);
  int wrong = to[0] != T(199);
  for (std::size_t i = 1; i <= 32; ++i) wrong += to[to.size() - i] != T(199);
  for (std::ptrdiff_t j = 0; j < columns; ++j)
    for (std::ptrdiff_t i = 0; i < to_stride; ++i)
      wrong += to[std::size_t(1 + j * to_stride + i)] != (i < rows ? from[std::size_t(1 + i * stride + j)] : T(199));
  return wrong;
}

TEST_CASE("a matrix of any size is turned, and nothing beside the result is written") {
  for (std::ptrdiff_t rows : {0, 1, 3, 4, 7, 8, 9, 16, 33, 50})
    for (std::ptrdiff_t columns : {0, 1, 2, 5, 8, 15, 16, 18, 31, 64, 66, 71, 130, 211})
      for (std::ptrdiff_t more : {0, 3}) {
        CAPTURE(rows);
        CAPTURE(columns);
        CHECK(misplaced<std::uint8_t>(rows, columns, more) == 0);
        CHECK(misplaced<std::uint16_t>(rows, columns, more) == 0);
        CHECK(misplaced<float>(rows, columns, more) == 0);
        CHECK(misplaced<std::uint64_t>(rows, columns, more) == 0);
      }
}

TEST_CASE("results whose rows meet in one set of the cache") {
  for (std::ptrdiff_t columns : {7, 8, 24, 49}) {
    CHECK(misplaced<float>(1024, columns, 0) == 0);
    CHECK(misplaced<std::uint8_t>(4096, columns, 0) == 0);
  }
}
