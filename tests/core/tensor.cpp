#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <octet/core/tensor.hpp>

using namespace octet;

TEST_CASE("a tensor owns aligned bytes that copies share") {
  tensor t{element::f32, {2, 3}};
  CHECK(t.size() == 6);
  CHECK(t.bytes().size() == 24);
  CHECK(reinterpret_cast<std::uintptr_t>(t.bytes().data()) % tensor::alignment == 0);
  CHECK(t.unique());
  tensor const copy = t;
  CHECK_FALSE(t.unique());
  t.mutable_as<float>()[5] = 7;
  CHECK(copy.as<float>()[5] == 7);
  tensor deep = t.copy();
  deep.mutable_as<float>()[5] = 8;
  CHECK(copy.as<float>()[5] == 7);
}

TEST_CASE("no tensor, a scalar, and one without elements") {
  CHECK_FALSE(bool(tensor{}));
  CHECK(tensor{}.size() == 0);
  auto const s = tensor::scalar(std::int64_t{5});
  CHECK(s.rank() == 0);
  CHECK(s.size() == 1);
  CHECK(s.as<std::int64_t>()[0] == 5);
  tensor const empty{element::f32, {0, 3}};
  CHECK(bool(empty));
  CHECK(empty.as<float>().empty());
}

TEST_CASE("packed types round up to whole bytes") {
  CHECK(byte_size(element::u4, 3) == 2);
  CHECK(byte_size(element::s2, 5) == 2);
  CHECK(byte_size(element::f32, 0) == 0);
  CHECK(tensor(element::u4, {3}).bytes().size() == 2);
}

TEST_CASE("sizes that do not fit are errors, before anything is allocated") {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  CHECK_THROWS_AS(byte_size(element::f32, -1), error);
  CHECK_THROWS_AS(byte_size(element::f32, most), error);
  CHECK_THROWS_AS(byte_size(element::text, 1), error);
  CHECK_THROWS_AS(tensor(element::f64, {most / 4}), error);
  CHECK_THROWS_AS(tensor(element::f32, {-1}), error);
}

TEST_CASE("bytes of somebody else must fit the shape, and stay alive") {
  auto const bytes = std::make_shared<std::vector<std::byte>>(12);
  std::weak_ptr<std::vector<std::byte>> const alive = bytes;
  float const value = 2.5f;
  std::memcpy(bytes->data(), &value, 4);
  {
    tensor const t{element::f32, {3}, *bytes, bytes};
    CHECK(t.as<float>()[0] == 2.5f);
    CHECK(t.bytes().data() == bytes->data());
    CHECK(alive.use_count() == 2);
  }
  CHECK(alive.use_count() == 1);
  CHECK_THROWS_AS(tensor(element::f32, {4}, *bytes, bytes), error);
  CHECK_THROWS_AS(tensor(element::f32, {2}, *bytes, bytes), error);
}

TEST_CASE("elements are read as what they are") {
  auto const t = tensor::of<float>({2}, {1, 2});
  CHECK_THROWS_AS(t.as<std::int64_t>(), error);
  CHECK_THROWS_AS(t.as<std::uint8_t>(), error);
  CHECK_THROWS_AS(tensor::of<std::int32_t>({1}, {1}).as<float>(), error);
  CHECK_THROWS_AS(tensor::of<std::int64_t>({1}, {1}).as<double>(), error);
  CHECK_THROWS_AS(tensor::of<float>({3}, {1, 2}), error);
  CHECK_THROWS_AS(t.strings(), error);
}

TEST_CASE("a tensor of strings") {
  tensor const t{shape{2}, std::vector<std::string>{"a", "bc"}};
  CHECK(t.type() == element::text);
  CHECK(t.strings()[1] == "bc");
  CHECK(t.copy().strings()[0] == "a");
  CHECK_THROWS_AS(tensor(shape{3}, std::vector<std::string>{"a"}), error);
  CHECK_THROWS_AS(t.as<float>(), error);
}

TEST_CASE("bytes that lie anywhere are copied before they are read") {
  alignas(8) static std::byte storage[20] = {};
  float const value = 1.5f;
  std::memcpy(storage + 1, &value, 4);
  tensor const t{element::f32, {4}, {storage + 1, 16}, {}};
  CHECK_FALSE(t.aligned());
  auto const a = t.align();
  CHECK(a.aligned());
  CHECK(a.as<float>()[0] == 1.5f);
  tensor const u{element::u8, {16}, {storage + 1, 16}, {}};
  CHECK(u.aligned());
  CHECK(u.align().bytes().data() == storage + 1);
}

TEST_CASE("other shapes and types of the same bytes") {
  auto const t = tensor::of<std::int8_t>({2, 2}, {-1, 2, 3, 4});
  CHECK(t.reshaped({4}).dims() == shape{4});
  CHECK(t.reshaped({4}).bytes().data() == t.bytes().data());
  CHECK_THROWS_AS(t.reshaped({3}), error);
  CHECK(t.viewed_as(element::u8).as<std::uint8_t>()[0] == 255);
  CHECK_THROWS_AS(t.viewed_as(element::f32), error);
}

TEST_CASE("a sequence holds tensors and has no elements") {
  auto const s = octet::tensor::sequence({octet::tensor::scalar(1.f), octet::tensor::scalar(2.f)});
  CHECK(s.is_sequence());
  CHECK(bool(s));
  CHECK(s.bytes().empty());
  CHECK(s.copy().items().size() == 2);
  CHECK(octet::tensor::sequence({}).is_sequence());
  CHECK_FALSE(octet::tensor{}.is_sequence());
  CHECK_THROWS_AS(octet::tensor::scalar(1.f).items(), octet::error);
}
