#include <octet/calibrate/readers/recurrent.hpp>

#include <doctest/doctest.h>

#include "support/scratch.hpp"

using octet::element, octet::tensor;

namespace {
/// y = x + h, which is the next h.
octet::model counting() {
  octet::model m;
  m.main.add_input("x", octet::tensor_type(element::f32, {1}));
  m.main.add_input("h", octet::tensor_type(element::f32, {1}));
  auto const y = m.main.add_value("y", octet::tensor_type(element::f32, {1}));
  m.main.outputs.push_back(y);
  return m;
}

struct job {
  scratch folder{};
  octet::model m = counting();
  std::size_t runs = 0;

  octet::recurrent_samples open(std::string const& lines, octet::data_options o = {}) {
    folder.write("x.jsonl", lines);
    o.sequences = true, o.fed = {"h"};
    auto const files = std::make_shared<octet::data_files const>(std::vector<std::string>{folder / "x.jsonl"}, m, o);
    return {
        files, m, {{"y", "h"}}, [this](octet::feed const& in, std::span<std::string const> fetch) {
          ++runs;
          CHECK(fetch[0] == "y");
          return octet::feed{{"y", tensor::of<float>({1}, {in.at("x").as<float>()[0] + in.at("h").as<float>()[0]})}};
        }};
  }
};
float state(octet::recurrent_samples& all, std::size_t i) { return all.load(i).at("h").as<float>()[0]; }
}  // namespace

TEST_CASE("the state is what the step before put out, and zero at the beginning of a sequence") {
  job j;
  auto all = j.open("[1]\n[2]\n[3]\n\n[10]\n[20]\n");
  std::vector<float> seen;
  for (std::size_t i = 0; i < all.size(); ++i) seen.push_back(state(all, i));
  CHECK(seen == std::vector<float>{0, 1, 3, 0, 10});
  CHECK(j.runs == 3);  // the last step of a sequence feeds nobody
}

TEST_CASE("any order gives the same states") {
  job j;
  auto all = j.open("[1]\n[2]\n[4]\n[8]\n\n[10]\n");
  float const want[] = {0, 1, 3, 7, 0};
  for (std::size_t const i : {3, 4, 3, 1, 4, 2, 0, 2}) CHECK(state(all, i) == want[i]);
}

TEST_CASE("a length ends sequences, a sample may bring its state") {
  job j;
  auto all = j.open("[1]\n[2]\n[4]\n[8]\n", {.sequence_length = 2});
  CHECK(state(all, 1) == 1);
  CHECK(state(all, 2) == 0);
  auto brought = j.open("[1]\n{\"x\": [2], \"h\": [100]}\n[4]\n");
  CHECK(state(brought, 1) == 100);
  CHECK(state(brought, 2) == 102);
}

TEST_CASE("names and sizes that are not known are errors") {
  job j;
  auto const files = std::make_shared<octet::data_files const>(
      std::vector<std::string>{"-"}, j.m, octet::data_options{.fed = {"h"}, .standard_input = "[1]"});
  CHECK_THROWS_WITH_AS((octet::recurrent_samples{files, j.m, {{"y", "z"}}, {}}), doctest::Contains("'z' is no input"),
                       octet::error);
  CHECK_THROWS_WITH_AS((octet::recurrent_samples{files, j.m, {{"z", "h"}}, {}}), doctest::Contains("'z' is no tensor"),
                       octet::error);
  (*j.m.main[j.m.main.inputs[1]].type->dims)[0] = octet::dimension{"n"};
  auto all = j.open("[1]\n");
  CHECK_THROWS_WITH_AS(all.load(0), doctest::Contains("how long the state"), octet::error);
  (*j.m.main[j.m.main.inputs[0]].type->dims)[0] = octet::dimension{"n"};
  auto named = j.open("[1]\n");
  CHECK(named.load(0).at("h").dims() == octet::shape{1});
}
