#include <octet/calibrate/resume.hpp>

#include <doctest/doctest.h>

#include "support/builder.hpp"
#include "support/scratch.hpp"

using octet::data_files, octet::partial_calibration;

namespace {
octet::model doubling() {
  support::builder g;
  auto const x = g.input("x", {1});
  g.output(g(octet::ops::Mul, {x, 2.0}, {}, "y"), {1});
  return g.m;
}

std::string npy(float a) {
  std::string s("\x93NUMPY\1\0\x40\0", 10), header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
  header.resize(64, ' ');
  return (s + header).append(reinterpret_cast<char const*>(&a), 4);
}

struct job {
  scratch folder{};
  octet::model m = doubling();
  octet::moving_average calibrator{};
  std::vector<std::string> names = octet::calibrated_tensors(m);

  explicit job(int samples) {
    for (int k = 0; k < samples; ++k) folder.write("d/x" + std::to_string(k) + ".npy", npy(float(k)));
  }
  partial_calibration part() const { return {"key", names, octet::ref(calibrator)}; }
  void run(partial_calibration& p, octet::data_options const& o, octet::checkpoint const& keep = {}) const {
    octet::calibrate_part(m, data_files{{folder / "d"}, m, o}, octet::ref(calibrator), {.threads = 2}, p, keep);
  }
};
}  // namespace

TEST_CASE("shards that are merged are one run") {
  job const j{41};
  auto whole = j.part(), merged = j.part();
  j.run(whole, {});
  for (std::size_t const shard : {2, 0, 1}) {
    auto p = j.part();
    j.run(p, {.shard = shard, .shards = 3});
    merged.merge(p);
  }
  CHECK(merged.bytes() == whole.bytes());
  auto const r = whole.data().choose();
  CHECK(*r.find("x") == octet::range{20, 20});  // the mean of 0 … 40
  CHECK(*r.find("y") == octet::range{40, 40});
}

TEST_CASE("a calibration that failed goes on where it was saved") {
  job const j{60};
  auto const file = j.folder / "state.octcal";
  auto const broken = j.folder.write("d/x50.npy", "not an array");
  auto first = j.part();
  CHECK_THROWS_AS(j.run(first, {}, {file}), octet::error);
  auto second = j.part();
  second.load(file);
  CHECK(second.samples().size() == 48);  // rounds of 16 and 32 were finished
  j.folder.write("d/x50.npy", npy(50));
  j.run(second, {}, {file});
  auto whole = j.part();
  j.run(whole, {});
  CHECK(second.bytes() == whole.bytes());
  CHECK(read_file(file) == whole.bytes());
}

TEST_CASE("a state is written after the given number of samples") {
  job const j{11};
  auto const file = j.folder / "state.octcal";
  auto const broken = j.folder.write("d/x7.npy", "not an array");
  auto p = j.part();
  CHECK_THROWS_AS(j.run(p, {}, {.path = file, .samples = 3}), octet::error);
  auto q = j.part();
  q.load(file);
  CHECK(q.samples() == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("data is told from other data, wherever it lies") {
  job const a{4}, b{4}, c{5};
  auto const of = [](job const& j, octet::data_options const& o = {}) {
    return octet::fingerprint(data_files{{j.folder / "d"}, j.m, o});
  };
  auto const first = of(a);
  CHECK(of(b) == first);
  CHECK(of(c) != first);
  CHECK(of(c, {.limit = 4}) == first);
  CHECK(of(a, {.shuffle = true, .seed = 1}) != first);
  b.folder.write("d/x0.npy", npy(9));
  CHECK(of(b) != first);
  auto const longer = a.folder.write("d/x3.npy", npy(3) + npy(3));
  CHECK(of(a) != first);
}

TEST_CASE("a file's fingerprint changes with its bytes") {
  scratch const s;
  auto const a = octet::fingerprint(s.write("a", "abc")), b = octet::fingerprint(s.write("b", "abd"));
  CHECK(a == "891568578-3");  // zlib.crc32(b"abc")
  CHECK(a != b);
}
