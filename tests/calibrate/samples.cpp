#include <octet/calibrate/samples.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace octet;

namespace {
reader numbered_samples(int n) {
  return as_reader([i = 0, n]() mutable -> std::optional<feed> {
    if (i == n) return std::nullopt;
    return feed{{"x", tensor::scalar(float(i++))}};
  });
}
}  // namespace

TEST_CASE("a queue numbers samples, and ends at the limit") {
  auto r = numbered_samples(5);
  calibrate_options const o{.limit = 3};
  detail::sample_queue queue{r, o};
  for (std::size_t i = 0; i < 3; ++i) {
    auto const s = queue.next();
    REQUIRE(s.has_value());
    CHECK(s->first == i);
    CHECK(s->second.at("x").as<float>()[0] == float(i));
  }
  CHECK(!queue.next());
  queue.check();
}

TEST_CASE("after errors a queue is empty, and the error of the earliest sample stays") {
  auto r = numbered_samples(9);
  calibrate_options const o{};
  detail::sample_queue queue{r, o};
  auto const fail = [&](std::size_t at) {
    queue.failed(at, std::make_exception_ptr(error{error_kind::runtime, std::to_string(at)}));
  };
  fail(4), fail(2), fail(3);
  CHECK(!queue.next());
  CHECK_THROWS_WITH_AS(queue.check(), doctest::Contains("2"), error);
}
