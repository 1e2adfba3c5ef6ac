#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/broadcast.hpp>

using namespace octet;
using namespace octet::detail;

namespace {
op_label const who{preparation{.node = node{}}};
broadcast_loops loops_of(shape const& out, std::vector<shape> const& dims) {
  std::vector<tensor> all;
  std::vector<tensor const*> operands;
  for (auto const& d : dims) all.emplace_back(element::f32, d);
  for (auto const& t : all) operands.push_back(&t);
  return {out, operands};
}
}  // namespace

TEST_CASE("shapes broadcast as in numpy") {
  CHECK(broadcast(who, {3, 1}, {2, 1, 4}) == shape{2, 3, 4});
  CHECK(broadcast(who, {}, {2}) == shape{2});
  CHECK(broadcast(who, {0, 1}, {1, 5}) == shape{0, 5});
  CHECK_THROWS_AS(broadcast(who, {2, 3}, {2, 4}), error);
  CHECK_THROWS_AS(broadcast(who, {0}, {2}), error);
}

TEST_CASE("dimensions that all operands walk evenly are one loop") {
  CHECK(loops_of({2, 3, 4}, {{2, 3, 4}, {2, 3, 4}}).dims == std::vector<std::int64_t>{24});
  CHECK(loops_of({2, 3, 4}, {{2, 3, 4}, {}}).dims == std::vector<std::int64_t>{24});
  CHECK(loops_of({2, 3, 4}, {{2, 3, 4}, {4}}).dims == std::vector<std::int64_t>{6, 4});
  CHECK(loops_of({2, 3, 4, 5}, {{2, 3, 4, 5}, {3, 1, 1}}).dims == std::vector<std::int64_t>{2, 3, 20});
  CHECK(loops_of({1, 1}, {{1, 1}, {}}).dims == std::vector<std::int64_t>{1});
}

TEST_CASE("any part of the result consists of the same rows") {
  tensor const a = test::floats_of({2, 3, 1}, {0, 10, 20, 30, 40, 50}), b = test::floats_of({4}, {0, 1, 2, 3});
  tensor const* const operands[] = {&a, &b};
  broadcast_loops const loops{{2, 3, 4}, operands};
  auto const add = [](row const& r) {
    for (std::int64_t i = 0; i < r.n; ++i)
      r.result<float>()[i] = r.operand<float>(0)[r.single[0] ? 0 : i] + r.operand<float>(1)[r.single[1] ? 0 : i];
  };
  for (std::int64_t begin = 0; begin <= 24; ++begin)
    for (auto end = begin; end <= 24; ++end) {
      tensor out = test::floats_of({2, 3, 4}, std::vector<float>(24, -1));
      run_rows(loops, operands, out, add, begin, end);
      bool good = true;
      for (std::int64_t i = 0; i < 24; ++i)
        good = good && out.as<float>()[i] == (i < begin || i >= end ? -1.0f : float(i / 4 * 10 + i % 4));
      CHECK(good);
    }
}

TEST_CASE("short rows are joined, and the numbers are those of the indices") {
  struct form {
    shape a, b, y;
    std::int64_t row;  ///< what one call does
  };
  for (auto const& f : {form{{2, 64, 8}, {2, 1, 8}, {2, 64, 8}, 128}, form{{60, 6}, {6}, {60, 6}, 90},
                        form{{1, 6}, {61, 6}, {61, 6}, 6}, form{{3, 1, 5}, {3, 40, 5}, {3, 40, 5}, 50},
                        form{{40, 5}, {40, 1}, {40, 5}, 5}, form{{2, 40, 1, 5}, {40, 8, 1}, {2, 40, 8, 5}, 5}}) {
    tensor a{element::f32, f.a}, b{element::f32, f.b}, y{element::f32, f.y};
    for (std::int64_t i = 0; i < a.size(); ++i) a.mutable_as<float>()[std::size_t(i)] = float(i);
    for (std::int64_t i = 0; i < b.size(); ++i) b.mutable_as<float>()[std::size_t(i)] = float(i) * 1000;
    thread_pool pool{1};
    buffers memory{std::size_t(-1)};
    call c{{}, {}, pool, memory};
    tensor const* const operands[] = {&a, &b};
    CHECK(joined_rows{c, f.y, operands}.loops.dims.back() == f.row);
    broadcast_into(c, operands, y, [](row const& r) {
      for (std::int64_t i = 0; i < r.n; ++i)
        r.result<float>()[i] = r.operand<float>(0)[r.single[0] ? 0 : i] + r.operand<float>(1)[r.single[1] ? 0 : i];
    });
    auto const at = [&](tensor const& t, std::int64_t i) {
      std::int64_t index = 0, step = 1;
      for (std::size_t d = f.y.rank(), k = t.rank(); d-- != 0 && k-- != 0;) {
        index += i % f.y[d] % t.dims()[k] * step;
        step *= t.dims()[k], i /= f.y[d];
      }
      return t.as<float>()[std::size_t(index)];
    };
    bool good = true;
    for (std::int64_t i = 0; i < y.size(); ++i) good = good && y.as<float>()[std::size_t(i)] == at(a, i) + at(b, i);
    CHECK(good);
  }
}
