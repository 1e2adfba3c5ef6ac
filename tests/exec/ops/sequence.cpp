#include <octet/exec/ops/sequence.hpp>

#include <algorithm>

#include <octet/exec/session.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
constexpr auto table = std::span{sequence_operators};

tensor list_of(std::vector<std::vector<std::int64_t>> const& all) {
  std::vector<tensor> items;
  for (auto const& x : all) items.push_back(ints_of({std::int64_t(x.size())}, x));
  return tensor::sequence(items);
}
std::vector<std::vector<std::int64_t>> numbers(tensor const& t) {
  std::vector<std::vector<std::int64_t>> all;
  for (auto const& x : t.items()) all.push_back(values<std::int64_t>(x));
  return all;
}
using lists = std::vector<std::vector<std::int64_t>>;
attribute whole(char const* name, std::int64_t v) { return {.name = name, .value = v}; }
}  // namespace

TEST_CASE("sequences are made, counted, and their tensors looked up from both ends") {
  auto const made =
      run({.table = table, .op = "SequenceConstruct", .inputs = {ints_of({1}, {7}), ints_of({2}, {8, 9})}})[0];
  CHECK(numbers(made) == lists{{7}, {8, 9}});
  CHECK(values<std::int64_t>(run({.table = table, .op = "SequenceLength", .inputs = {made}})[0]) ==
        std::vector<std::int64_t>{2});
  for (std::int64_t at : {1, -1})
    CHECK(values<std::int64_t>(run({.table = table, .op = "SequenceAt", .inputs = {made, ints_of({}, {at})}})[0]) ==
          std::vector<std::int64_t>{8, 9});
  CHECK(run({.table = table, .op = "SequenceEmpty"})[0].items().empty());
  CHECK(failure({.table = table, .op = "SequenceAt", .inputs = {made, ints_of({}, {2})}}) == error_kind::runtime);
  CHECK(failure({.table = table, .op = "SequenceAt", .inputs = {ints_of({1}, {7}), ints_of({}, {0})}}) ==
        error_kind::invalid);
  CHECK(failure({.table = table, .op = "SequenceConstruct", .inputs = {ints_of({1}, {7}), floats_of({1}, {7})}}) ==
        error_kind::invalid);
}

TEST_CASE("a tensor goes in before a position, or last; one goes out at a position, or the last") {
  auto const all = list_of({{1}, {2}});
  auto const with = [&](std::vector<tensor> more) {
    more.insert(more.begin(), {all, ints_of({1}, {5})});
    return numbers(run({.table = table, .op = "SequenceInsert", .inputs = more})[0]);
  };
  CHECK(with({}) == lists{{1}, {2}, {5}});
  CHECK(with({ints_of({}, {0})}) == lists{{5}, {1}, {2}});
  CHECK(with({ints_of({}, {-1})}) == lists{{1}, {5}, {2}});
  CHECK(numbers(all) == lists{{1}, {2}});
  CHECK(numbers(run({.table = table, .op = "SequenceErase", .inputs = {all}})[0]) == lists{{1}});
  CHECK(numbers(run({.table = table, .op = "SequenceErase", .inputs = {all, ints_of({}, {0})}})[0]) == lists{{2}});
  CHECK(failure({.table = table, .op = "SequenceInsert", .inputs = {all, ints_of({1}, {5}), ints_of({}, {3})}}) ==
        error_kind::runtime);
  CHECK(failure({.table = table, .op = "SequenceErase", .inputs = {list_of({})}}) == error_kind::runtime);
}

TEST_CASE("a tensor is split by one size, by sizes, or into slices") {
  auto const x = ints_of({2, 3}, {0, 1, 2, 3, 4, 5});
  auto const split = [&](std::vector<tensor> more, std::vector<attribute> a) {
    more.insert(more.begin(), x);
    return run({.table = table, .op = "SplitToSequence", .inputs = more, .attributes = std::move(a)})[0];
  };
  CHECK(numbers(split({ints_of({}, {2})}, {whole("axis", 1)})) == lists{{0, 1, 3, 4}, {2, 5}});
  CHECK(numbers(split({ints_of({2}, {1, 2})}, {whole("axis", -1)})) == lists{{0, 3}, {1, 2, 4, 5}});
  auto const rows = split({}, {});
  CHECK(numbers(rows) == lists{{0, 1, 2}, {3, 4, 5}});
  CHECK(rows.items()[0].dims() == shape{1, 3});
  CHECK(split({}, {whole("keepdims", 0)}).items()[0].dims() == shape{3});
  CHECK(failure({.table = table, .op = "SplitToSequence", .inputs = {x, ints_of({}, {0})}}) == error_kind::invalid);
  CHECK(failure({.table = table, .op = "SplitToSequence", .inputs = {x, ints_of({2}, {1, 2})}}) == error_kind::invalid);
}

TEST_CASE("tensors of a sequence are joined along an axis that they have, or along a new one") {
  auto const all = list_of({{1, 2}, {3, 4}});
  auto const joined =
      run({.table = table, .op = "ConcatFromSequence", .inputs = {all}, .attributes = {whole("axis", 0)}})[0];
  CHECK(values<std::int64_t>(joined) == std::vector<std::int64_t>{1, 2, 3, 4});
  auto const stacked = run({.table = table,
                            .op = "ConcatFromSequence",
                            .inputs = {all},
                            .attributes = {whole("axis", -1), whole("new_axis", 1)}})[0];
  CHECK(stacked.dims() == shape{2, 2});
  CHECK(values<std::int64_t>(stacked) == std::vector<std::int64_t>{1, 3, 2, 4});
  CHECK(failure(
            {.table = table, .op = "ConcatFromSequence", .inputs = {list_of({})}, .attributes = {whole("axis", 0)}}) ==
        error_kind::invalid);
}

TEST_CASE("an optional value is there or is not") {
  auto const there = [](std::vector<tensor> in) {
    return run({.table = table, .op = "OptionalHasElement", .inputs = std::move(in)})[0].bytes()[0] == std::byte{1};
  };
  CHECK(there({ints_of({1}, {7})}));
  CHECK_FALSE(there({}));
  CHECK(run({.table = table, .op = "Optional", .inputs = {list_of({{1}})}})[0].items().size() == 1);
  CHECK(values<std::int64_t>(run({.table = table, .op = "OptionalGetElement", .inputs = {ints_of({1}, {7})}})[0]) ==
        std::vector<std::int64_t>{7});
}

TEST_CASE("SequenceMap runs its body once for each place of its sequences") {
  graph body;
  auto const a = body.add_input("a", {.element = element::s64}), b = body.add_input("b", {.element = element::s64});
  body.outputs = {body[body.add_node("Add", {a, b}, {"sum"})].outputs[0]};
  model m;
  m.ir_version = 8;
  m.opsets.push_back({.domain = "", .version = 17});
  value_type const list{.other = "\x22"};
  auto const s = m.main.add_input("s", list), t = m.main.add_input("t", {});
  auto const n = m.main.add_node("SequenceMap", {s, t}, {"y"}, {{.name = "body", .value = graph_box{std::move(body)}}});
  m.main.outputs = m.main[n].outputs;
  session run{m};
  auto const one = run.run({{"s", list_of({{1}, {2, 3}})}, {"t", ints_of({1}, {10})}});
  CHECK(numbers(one.at("y")) == lists{{11}, {12, 13}});
  auto const two = run.run({{"s", list_of({{1}, {2, 3}})}, {"t", list_of({{5}, {6, 7}})}});
  CHECK(numbers(two.at("y")) == lists{{6}, {8, 10}});
  CHECK_THROWS_AS(run.run({{"s", list_of({{1}})}, {"t", list_of({{5}, {6, 7}})}}), error);
}
