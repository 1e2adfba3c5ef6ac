// The pool of buffers: reuse, alignment, the limit.
#include <octet/exec/buffers.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("a freed buffer serves the next tensor of its size") {
  buffers pool;
  void const* first = nullptr;
  {
    auto const t = pool.make(element::f32, {100});
    first = t.bytes().data();
    CHECK(reinterpret_cast<std::uintptr_t>(first) % 64 == 0);
    CHECK(t.bytes().size() == 400);
  }
  auto const again = pool.make(element::s32, {10, 10});
  CHECK(again.bytes().data() == first);
  auto const other = pool.make(element::f32, {100});
  CHECK(other.bytes().data() != first);
}

TEST_CASE("tensors outlive the pool that made them") {
  tensor t;
  {
    buffers pool;
    t = pool.make(element::u8, {3});
    t.mutable_as<std::uint8_t>()[2] = 7;
  }
  CHECK(t.as<std::uint8_t>()[2] == 7);
}

TEST_CASE("the limit counts what is in use, and what is kept is given up first") {
  buffers pool{10000};
  {
    auto const t = pool.make(element::u8, {8000});
  }
  CHECK(pool.make(element::u8, {4000}).size() == 4000);
  auto const held = pool.make(element::u8, {6000});
  try {
    pool.make(element::u8, {6000});
    FAIL("over the limit");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::runtime);
  }
  CHECK(pool.peak() <= 10000);
}

TEST_CASE("sizes that do not fit are refused before they are allocated") {
  buffers pool;
  CHECK_THROWS_AS(pool.make(element::f32, {std::int64_t{1} << 40, std::int64_t{1} << 40}), error);
  CHECK_THROWS_AS(pool.make(element::f32, {-1}), error);
  CHECK_THROWS_AS(pool.make(element::text, {1}), error);
}
