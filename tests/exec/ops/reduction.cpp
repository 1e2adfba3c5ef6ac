#include "exec/ops/run_one.hpp"

#include <limits>

#include <octet/exec/ops/reduction.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::ints_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = reduction_operators;
using f32 = std::vector<float>;
using list = std::vector<std::int64_t>;
attribute number(std::string name, std::int64_t v) { return {.name = std::move(name), .value = v}; }
attribute axes(list v) { return {.name = "axes", .value = std::move(v)}; }
}  // namespace

TEST_CASE("sums over every set of axes equal the definition, for any number of threads") {
  shape const dims{3, 4, 5, 7};
  tensor t{element::f32, dims};
  for (std::int64_t i = 0; i < t.size(); ++i) t.mutable_as<float>()[i] = float(i % 11) - 3;
  for (unsigned mask = 1; mask < 16; ++mask) {
    list on;
    shape kept = dims;
    for (std::size_t d = 0; d < 4; ++d)
      if ((mask >> d & 1) != 0) on.push_back(std::int64_t(d)), kept[d] = 1;
    std::vector<float> want(std::size_t(kept.size()));
    auto const step = strides(kept);
    for (std::int64_t i = 0; i < t.size(); ++i) {
      std::int64_t at = 0, rest = i;
      for (std::size_t d = 4; d-- != 0; rest /= dims[d]) at += kept[d] == 1 ? 0 : rest % dims[d] * step[d];
      want[std::size_t(at)] += t.as<float>()[i];
    }
    for (unsigned threads : {1u, 2u}) {
      auto const r = run({.table = table,
                          .op = "ReduceSum",
                          .opset = 11,
                          .inputs = {t},
                          .attributes = {axes(on)},
                          .threads = threads})[0];
      CHECK(r.dims() == kept);
      CHECK(values<float>(r) == want);
    }
  }
}

TEST_CASE("axes are an attribute, later an input; without any all are reduced, or none on request") {
  auto const t = floats_of({2, 2}, {1, 2, 3, 4});
  CHECK(values<float>(run({table, "ReduceSum", 11, {t}, {axes({0})}})[0]) == f32{4, 6});
  CHECK(values<float>(run({table, "ReduceSum", 13, {t, ints_of({1}, {-1})}})[0]) == f32{3, 7});
  CHECK(run({table, "ReduceSum", 13, {t}, {number("keepdims", 0)}})[0].dims() == shape{});
  CHECK(values<float>(run({table, "ReduceMean", 18, {t, ints_of({0}, {})}})[0]) == f32{2.5f});
  CHECK(values<float>(run({table, "ReduceSum", 13, {t, ints_of({0}, {})}, {number("noop_with_empty_axes", 1)}})[0]) ==
        f32{1, 2, 3, 4});
  CHECK(test::failure({table, "ReduceSum", 13, {t, ints_of({1}, {2})}}) == error_kind::invalid);
  CHECK(test::failure({table, "ReduceSum", 13, {t, ints_of({2}, {0, -2})}}) == error_kind::invalid);
}

TEST_CASE("each reduction by hand") {
  auto const t = floats_of({1, 3}, {-1, 2, -2});
  auto const result = [&](char const* op) { return run({table, op, 13, {t}})[0].as<float>()[0]; };
  CHECK(result("ReduceL1") == 5);
  CHECK(result("ReduceL2") == 3);
  CHECK(result("ReduceSumSquare") == 9);
  CHECK(result("ReduceProd") == 4);
  CHECK(result("ReduceMax") == 2);
  CHECK(result("ReduceMin") == -2);
  CHECK(result("ReduceMean") == doctest::Approx(-1.0 / 3));
  CHECK(std::isnan(result("ReduceLogSum")));
  CHECK(result("ReduceLogSumExp") == doctest::Approx(std::log(std::exp(-1) + std::exp(2) + std::exp(-2))));
  CHECK(run({table, "ReduceLogSumExp", 13, {floats_of({2}, {1000, 1000})}})[0].as<float>()[0] ==
        doctest::Approx(1000 + std::log(2)));
}

TEST_CASE("integers: means are cut, sums wrap in their own width") {
  auto const t = tensor::of<std::int32_t>({2}, {-3, -2});
  CHECK(run({table, "ReduceMean", 13, {t}})[0].as<std::int32_t>()[0] == -2);
  auto const most = std::numeric_limits<std::int32_t>::max();
  CHECK(run({table, "ReduceSum", 13, {tensor::of<std::int32_t>({2}, {most, 1})}})[0].as<std::int32_t>()[0] ==
        std::numeric_limits<std::int32_t>::min());
  CHECK(run({table, "ReduceMax", 13, {tensor::of<std::int8_t>({2}, {-5, -7})}})[0].as<std::int8_t>()[0] == -5);
}

TEST_CASE("empty dimensions reduce to what the operation starts from") {
  auto const t = floats_of({0, 2}, {});
  CHECK(values<float>(run({table, "ReduceSum", 13, {t, ints_of({1}, {0})}})[0]) == f32{0, 0});
  CHECK(values<float>(run({table, "ReduceProd", 13, {t}, {axes({0})}})[0]) == f32{1, 1});
  CHECK(run({table, "ReduceMax", 13, {t}, {axes({0})}})[0].as<float>()[0] == -INFINITY);
  CHECK(std::isnan(run({table, "ReduceMean", 13, {t}, {axes({0})}})[0].as<float>()[0]));
  CHECK(run({table, "ReduceSum", 13, {t, ints_of({1}, {1})}})[0].dims() == shape{0, 1});
}

TEST_CASE("ArgMax finds the first, or the last on request; NaN is the largest and the smallest") {
  auto const t = floats_of({2, 4}, {1, 5, 5, 0, 2, NAN, 9, NAN});
  CHECK(values<std::int64_t>(run({table, "ArgMax", 13, {t}, {number("axis", 1)}})[0]) == list{1, 1});
  CHECK(values<std::int64_t>(run(
            {table, "ArgMax", 13, {floats_of({4}, {1, 5, 5, 0})}, {number("select_last_index", 1)}})[0]) == list{2});
  CHECK(values<std::int64_t>(run({table, "ArgMin", 13, {t}, {number("axis", -1), number("keepdims", 0)}})[0]) ==
        list{3, 1});
  auto const r = run({table, "ArgMax", 13, {t}})[0];
  CHECK(r.dims() == shape{1, 4});
  CHECK(values<std::int64_t>(r) == list{1, 1, 1, 1});
  CHECK(test::failure({table, "ArgMax", 13, {floats_of({0, 2}, {})}}) == error_kind::runtime);
  CHECK(test::failure({table, "ArgMax", 13, {floats_of({}, {1})}}) == error_kind::invalid);
}
