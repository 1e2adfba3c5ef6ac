#include <doctest/doctest.h>

#include <type_traits>
#include <vector>

#include <octet/core/matrix.hpp>

TEST_CASE("a matrix addresses rows by its stride") {
  std::vector<int> v{0, 1, 2, -1, 10, 11, 12, -1};
  octet::matrix<int> const m{v.data(), 2, 3, 4};
  CHECK(m.row(1)[0] == 10);
  CHECK(m(1, 2) == 12);
  m(0, 1) = 7;
  CHECK(v[1] == 7);
  octet::matrix<int const> const c = m;
  CHECK(c(0, 1) == 7);
  static_assert(!std::is_convertible_v<octet::matrix<int const>, octet::matrix<int>>);
}

TEST_CASE("a part is a rectangle of the same elements") {
  std::vector<int> v{0, 1, 2, 10, 11, 12, 20, 21, 22};
  octet::matrix<int> const m{v.data(), 3, 3}, p = m.part(1, 1, 2, 2);
  CHECK(p.rows == 2);
  CHECK(p.columns == 2);
  CHECK(p(0, 0) == 11);
  CHECK(p(1, 1) == 22);
  CHECK(m.part(3, 0, 0, 3).rows == 0);
}

TEST_CASE("a matrix without elements has no rows to read") {
  octet::matrix<float> const m;
  CHECK(m.rows == 0);
  CHECK(m.data == nullptr);
}
