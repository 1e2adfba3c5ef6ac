#include <octet/rewrite/rules/embedding.hpp>
#include <support/rule_check.hpp>

using namespace octet;
using namespace octet::ops;
using octet::rewrite::embedding_rules;
using support::builder;
using support::check_rule;
using support::ints;
using support::noise;
using support::refused;

namespace {
struct lookups {
  bool segments = true, positions_first = false, counting = true, sliced = false, read = false;
  bool constant_tables = true;
  std::int64_t rows = 6;  // of the table of positions
};

builder embeddings(lookups const& f) {
  builder g{17};
  auto const ids = g.input("ids", {2, 4}, element::s64);
  auto const table = [&](std::int64_t rows, std::uint32_t seed) {
    return f.constant_tables ? g.constant(noise({rows, 8}, seed)) : g.input("table" + std::to_string(rows), {rows, 8});
  };
  tensor count{element::s64, {1, f.sliced ? 6 : 4}};
  for (std::size_t i = 0; i < count.as<std::int64_t>().size(); ++i)
    count.mutable_as<std::int64_t>()[i] = static_cast<std::int64_t>(f.counting ? i : 3 - i % 4);
  auto const positions =
      f.sliced ? g(Slice, {count, ints({0}), ints({4}), ints({1})}, {}, "counted") : g.constant(count);
  auto const word = g(Gather, {table(9, 1), ids}, {}, "word"),
             position = g(Gather, {table(f.rows, 2), positions}, {}, "position");
  auto sum = f.positions_first ? g(Add, {position, word}, {}, "sum2") : g(Add, {word, position}, {}, "sum2");
  if (f.segments) {
    auto const segment = g(Gather, {table(2, 3), g.input("types", {2, 4}, element::s64)}, {}, "segment");
    sum = f.positions_first ? g(Add, {segment, sum}, {}, "sum") : g(Add, {sum, segment}, {}, "sum");
  }
  g.output(g(LayerNormalization, {sum, noise({8}, 4), noise({8}, 5)}, {{"axis", -1}, {"epsilon", 1e-6f}}));
  if (f.read) g.output(g(Neg, {sum}));
  return g;
}
}  // namespace

TEST_CASE("summed lookups with a normalization become EmbedLayerNormalization") {
  auto const check = [](lookups const& f, char const* expected) {  // lookups that others read stay beside it
    check_rule(embeddings(f), embedding_rules, expected, 1e-5,
               {f.segments ? "sum" : "sum2", "word", "position", "segment", "counted"});
  };
  for (auto const& f : {lookups{}, lookups{.positions_first = true}, lookups{.sliced = true}})
    check(f, "Cast Cast EmbedLayerNormalization");
  check({.segments = false}, "Cast EmbedLayerNormalization");
  check({.counting = false}, "Cast Cast Cast EmbedLayerNormalization");
  check({.read = true}, "Cast Cast EmbedLayerNormalization Neg");
}

TEST_CASE("positions that only count need no input, others have one") {
  for (bool counting : {true, false}) {
    auto g = embeddings({.counting = counting});
    infer(g.m);
    octet::rewrite::apply(g.m, embedding_rules);
    auto const& n = *g.m.main.producer(g.m.main.outputs[0]);
    CHECK(n.op == "EmbedLayerNormalization");
    CHECK(n.has_input(8) == !counting);
    CHECK(n.outputs.size() == 2);
  }
}

TEST_CASE("what is no sum of constant tables' rows is refused") {
  CHECK(refused(embeddings({.constant_tables = false}), embedding_rules) == "a table is not a constant float matrix");
  builder other;
  auto const v = other.input("v", {2, 4, 8});
  other.output(other(LayerNormalization, {other(Add, {v, noise({8})}), noise({8}, 4), noise({8}, 5)}));
  CHECK(refused(other, embedding_rules) == "not a sum of lookups");
}

TEST_CASE("a size behind a lookup is asked of its indices") {
  builder g{17};
  auto const ids = g.input("ids", {2, 4}, element::s64);
  auto const rows = g(Gather, {noise({9, 8}), ids}, {}, "rows");
  g.output(g(Gather, {g(Shape, {rows}), ints({1})}));
  check_rule(g, embedding_rules, "Shape Gather", 1e-5, {"rows"});
  builder last{17};
  auto const found = last(Gather, {noise({9, 8}), last.input("ids", {2, 4}, element::s64)});
  last.output(last(Gather, {last(Shape, {found}), ints({2})}));
  CHECK(refused(last, embedding_rules) == "the size asked for is not one of the indices'");
}
