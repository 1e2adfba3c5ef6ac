#include <octet/calibrate/reader.hpp>

#include <doctest/doctest.h>

#include <list>
#include <vector>

using octet::as_reader, octet::feed, octet::tensor;

namespace {
feed sample(float x) { return {{"x", tensor::scalar(x)}}; }

std::vector<float> all_of(octet::reader r) {
  std::vector<float> all;
  while (auto const f = r()) all.push_back(f->at("x").as<float>()[0]);
  CHECK(!r());
  return all;
}

struct movable {  // a callable that cannot be copied
  std::unique_ptr<int> left = std::make_unique<int>(2);
  std::optional<feed> operator()() {
    if (*left == 0) return std::nullopt;
    return sample(float((*left)--));
  }
  std::size_t size() const { return 2; }
};
}  // namespace

static_assert(octet::data_reader<std::vector<feed>&> && octet::data_reader<std::list<feed>>);
static_assert(octet::data_reader<movable> && octet::data_reader<octet::reader>);
static_assert(!octet::data_reader<std::vector<float>> && !octet::data_reader<int>);

TEST_CASE("callables, ranges and readers are read alike") {
  std::vector<feed> const samples{sample(1), sample(2), sample(3)};
  CHECK(all_of(as_reader(samples)) == std::vector<float>{1, 2, 3});
  CHECK(all_of(as_reader(std::list<feed>{sample(4), sample(5)})) == std::vector<float>{4, 5});
  CHECK(all_of(as_reader(std::vector<feed>{})).empty());
  CHECK(all_of(as_reader(movable{})) == std::vector<float>{2, 1});
  CHECK(all_of(as_reader([i = 0]() mutable -> std::optional<feed> {
          if (i == 2) return std::nullopt;
          return sample(float(i++));
        })) == std::vector<float>{0, 1});
  CHECK(all_of(as_reader(as_reader(samples))) == std::vector<float>{1, 2, 3});
}

TEST_CASE("the number of samples is passed on where it is known") {
  CHECK(as_reader(std::vector<feed>{sample(1)}).size() == 1u);
  CHECK(as_reader(movable{}).size() == 2u);
  CHECK(!as_reader([]() -> std::optional<feed> { return {}; }).size());
}

TEST_CASE("an lvalue is read in place") {
  movable m;
  auto r = as_reader(m);
  r();
  CHECK(*m.left == 1);
}
