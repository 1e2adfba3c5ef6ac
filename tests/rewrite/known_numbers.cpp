#include <octet/rewrite/known_numbers.hpp>

#include <doctest/doctest.h>

#include <octet/infer/infer.hpp>
#include <support/builder.hpp>

using namespace octet;
using namespace octet::ops;
using octet::rewrite::known_numbers, octet::rewrite::known_tensor, octet::rewrite::tracer;
using support::builder, support::ints;

namespace {

struct known {
  explicit known(builder& g) : trace{g.graph()}, numbers{g.graph(), trace} { infer(g.m); }
  std::vector<double> of(value_id v) {
    auto const r = numbers.of(v);
    return r ? r->at : std::vector<double>{-99};
  }
  tracer trace;
  known_numbers numbers;
};

octet::tensor scalar(std::int64_t i) { return tensor::scalar(i); }

}  // namespace

TEST_CASE("a triangle is the same however it is computed") {
  builder g{17};
  auto const x = g.input("x", {"n"});
  auto const size = g(Gather, {g(Shape, {x}), scalar(0)});
  auto const count = g(Range, {scalar(0), size, scalar(1)});
  auto const rows = g(Unsqueeze, {count, ints({1})}), columns = g(Unsqueeze, {count, ints({0})});
  auto const compared = g(LessOrEqual, {columns, rows});
  auto const later = g(Not, {g(Greater, {columns, rows})});
  tensor all{element::boolean, {16, 16}};
  for (std::size_t i = 0; i < 256; ++i) all.mutable_as<std::uint8_t>()[i] = i % 16 <= i / 16;
  auto const end = g(Unsqueeze, {size, ints({0})});
  auto const cut = g(Slice, {g(Slice, {all, ints({0}), end, ints({0})}), ints({0}), end, ints({1})});
  auto const square = g(Concat, {end, end}, {{"axis", 0}});
  auto const ones = g(ConstantOfShape, {square}, {{"value", support::floats({1}, {1})}});
  auto const lower = g(Cast, {g(Trilu, {ones}, {{"upper", 0}})}, {{"to", 9}});
  for (auto const v : {compared, later, cut, lower}) g.output(v);
  known k{g};
  std::vector<double> const expected{1, 0, 1, 1};  // the first symbol's prime is 2
  for (auto const v : {compared, later, cut, lower}) CHECK(k.of(v) == expected);
}

TEST_CASE("arithmetic of sizes: integers divide as integers, where chooses, expand repeats") {
  builder g{17};
  auto const x = g.input("x", {"n", 7});
  auto const seven = g(Gather, {g(Shape, {x}), scalar(1)});
  auto const half = g(Div, {seven, scalar(2)});
  auto const chosen = g(Where, {g(Equal, {half, scalar(3)}), g(Neg, {seven}), half});
  auto const repeated = g(Expand, {g(Unsqueeze, {chosen, ints({0})}), ints({2, 2})});
  auto const root = g(Sqrt, {g(Cast, {g(Add, {seven, scalar(2)})}, {{"to", 1}})});
  for (auto const v : {repeated, root}) g.output(v);
  known k{g};
  CHECK(k.of(half) == std::vector<double>{3});
  CHECK(k.of(repeated) == std::vector<double>(4, -7));
  CHECK(k.of(root) == std::vector<double>{3});
}

TEST_CASE("what depends on data is not known") {
  builder g{17};
  auto const x = g.input("x", {2});
  auto const y = g(Mul, {x, 2.0});
  auto const r = g(Slice, {g(Shape, {x}), ints({0}), g(Cast, {x}, {{"to", 7}}), ints({0})});
  g.output(y), g.output(r);
  known k{g};
  CHECK_FALSE(k.numbers.of(x));
  CHECK_FALSE(k.numbers.of(y));
  CHECK_FALSE(k.numbers.of(r));
  CHECK_FALSE(k.numbers.of(value_id::none));
}
