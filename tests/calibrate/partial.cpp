#include <octet/calibrate/partial.hpp>

#include <octet/calibrate/percentile.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "support/builder.hpp"
#include "support/scratch.hpp"

using octet::collector, octet::partial_calibration;

namespace {
octet::percentile const calibrator{99};
std::vector<std::string> const names{"a", "b"};

/// What sample k tells.
void observe(collector& c, std::uint64_t k) {
  c.see("a", support::noise({100}, std::uint32_t(k)));
  if (k % 2 == 0) c.see("b", support::noise({7}, std::uint32_t(k) + 100));
  c.end_sample();
}

partial_calibration part(std::vector<std::uint64_t> const& samples, std::string key = "key") {
  partial_calibration p{std::move(key), names, octet::ref(calibrator)};
  collector c{names, octet::ref(calibrator)};
  for (auto const k : samples) observe(c, k);
  p.add(c, samples);
  return p;
}
}  // namespace

TEST_CASE("shards merge to the bytes of the whole, in any order") {
  std::vector<std::uint64_t> all(20);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  auto const whole = part(all).bytes();
  std::mt19937 random{1};
  for (int round = 0; round < 10; ++round) {
    std::shuffle(all.begin(), all.end(), random);
    auto const cut = random() % 19 + 1;
    auto first = part({all.begin(), all.begin() + std::ptrdiff_t(cut)});
    first.merge(part({all.begin() + std::ptrdiff_t(cut), all.end()}));
    CHECK(first.bytes() == whole);
  }
}

TEST_CASE("a file tells whose it is") {
  scratch const folder;
  part({3, 4}, "mine").save(folder / "a.octcal");
  auto const o = partial_calibration::outline(folder / "a.octcal");
  CHECK(o.key == "mine");
  CHECK(o.names == names);
  auto const file = folder / "short.octcal";
  part({}).save(file);
  auto const bytes = read_file(file);
  for (std::size_t n = 0; n < bytes.size(); ++n)
    CHECK_THROWS_AS(partial_calibration::outline(folder.write("cut.octcal", bytes.substr(0, n))), octet::error);
}

TEST_CASE("a file is continued") {
  scratch_folder const folder;
  part({0, 1, 5}).save(folder / "a.octcal");
  partial_calibration p{"key", names, octet::ref(calibrator)};
  p.load(folder / "a.octcal");
  CHECK(p.has(5));
  CHECK(!p.has(2));
  CHECK(p.bytes() == part({0, 1, 5}).bytes());
  p.merge(part({2, 3, 4}));
  CHECK(p.bytes() == part({0, 1, 2, 3, 4, 5}).bytes());
  CHECK(p.data().choose().samples == 6);
}

TEST_CASE("what does not belong together is refused") {
  auto p = part({0, 1});
  CHECK_THROWS_WITH_AS(p.merge(part({1, 2})), "sample 1 would count twice", octet::error);
  CHECK_THROWS_AS(p.merge(part({2}, "other")), octet::error);
  partial_calibration other{"key", {"a", "c"}, octet::ref(calibrator)};
  CHECK_THROWS_AS(other.read(p.bytes()), octet::error);
  partial_calibration renamed{"other key", names, octet::ref(calibrator)};
  CHECK_THROWS_AS(renamed.read(p.bytes()), octet::error);
}

TEST_CASE("a damaged file is refused, whichever byte is wrong") {
  auto const good = part({0, 3}).bytes();
  auto const refused = [](std::string const& bytes) {
    partial_calibration p{"key", names, octet::ref(calibrator)};
    try {
      p.read(bytes);
    } catch (octet::error const&) {
      return true;
    }
    return false;
  };
  CHECK(!refused(good));
  int accepted = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 4);
    accepted += !refused(bad) + !refused(good.substr(0, i));
  }
  CHECK(accepted == 0);
}
