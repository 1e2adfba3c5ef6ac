#include <octet/infer/sequence.hpp>

#include <doctest/doctest.h>

#include <support/inferred.hpp>

using namespace octet;
using namespace octet::ops;
using support::builder;
using support::inferred;
using support::ints;

namespace {
std::string first(builder& g, value_id s) { return inferred(g, g(SequenceAt, {s, ints({0})})); }
}  // namespace

TEST_CASE("parts have the shape of the whole but for the axis, and slices do without it") {
  builder g;
  auto const x = g.input("x", {"n", 6});
  CHECK(first(g, g(SplitToSequence, {x, ints({2})}, {{"axis", 1}})) == "FLOAT[n,2]");
  CHECK(first(g, g(SplitToSequence, {x}, {{"axis", 1}})) == "FLOAT[n,1]");
  CHECK(first(g, g(SplitToSequence, {x}, {{"axis", 0}, {"keepdims", 0}})) == "FLOAT[6]");
}

TEST_CASE("sizes that differ are a symbol of their own at each use") {
  builder g;
  auto const parts = g(SplitToSequence, {g.input("x", {"n", 6}), ints({1, 5})}, {{"axis", 1}});
  auto const a = first(g, parts), b = first(g, parts);
  CHECK(a.starts_with("FLOAT[n,"));
  CHECK(a != b);
}

TEST_CASE("what is put in and taken out keeps what all tensors share; a sequence itself has no type") {
  builder g;
  auto const x = g.input("x", {2, 3}), y = g.input("y", {2, 3}), z = g.input("z", {4, 3});
  auto const both = g(SequenceConstruct, {x, y});
  CHECK(first(g, both) == "FLOAT[2,3]");
  CHECK(inferred(g, both) == "?");
  CHECK(first(g, g(SequenceErase, {both})) == "FLOAT[2,3]");
  CHECK(first(g, g(SequenceInsert, {both, z})).ends_with(",3]"));
  CHECK(inferred(g, g(SequenceLength, {both})) == "INT64[]");
  CHECK(inferred(g, g(ConcatFromSequence, {both}, {{"axis", 1}})).starts_with("FLOAT[2,"));
  CHECK(inferred(g, g(ConcatFromSequence, {both}, {{"axis", 0}, {"new_axis", 1}})).ends_with(",2,3]"));
  CHECK(first(g, g(SequenceInsert, {g(SequenceEmpty, {}), x})).starts_with("FLOAT"));
}
