#include <doctest/doctest.h>

#include <cstdint>
#include <utility>

#include <octet/kernels/buffer.hpp>

using octet::kernels::buffer;

TEST_CASE("a buffer is aligned, grows, and keeps its room") {
  buffer<int> b(10);
  CHECK(b.size() == 10);
  CHECK(reinterpret_cast<std::uintptr_t>(b.data()) % 64 == 0);
  int const* const before = b.data();
  b.resize(3);
  CHECK(b.data() == before);
  CHECK(b.size() == 3);
  b.resize(10);
  CHECK(b.data() == before);
  b.resize(1000);
  b.clear();
  int sum = 0;
  for (int i = 0; i < 1000; ++i) sum |= b[i];
  CHECK(sum == 0);
}

TEST_CASE("an empty buffer holds nothing") {
  buffer<float> b;
  CHECK(b.size() == 0);
  b.clear();
  b.resize(0);
  CHECK(b.data() == nullptr);
}

TEST_CASE("moving takes the elements along") {
  buffer<int> a(4);
  a[3] = 7;
  buffer<int> b = std::move(a);
  CHECK(b[3] == 7);
  buffer<int> c(1);
  c = std::move(b);
  CHECK(c[3] == 7);
  CHECK(c.size() == 4);
}
