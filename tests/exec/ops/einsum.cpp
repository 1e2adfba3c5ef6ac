#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/einsum.hpp>

using namespace octet;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = einsum_operators;
tensor ramp(shape dims, int seed) {
  tensor t{element::f32, std::move(dims)};
  for (std::int64_t i = 0; i < t.size(); ++i) t.mutable_as<float>()[i] = float((i * 7 + seed) % 11) - 5;
  return t;
}
tensor einsum(std::string equation, std::vector<tensor> in) {
  return run({table, "Einsum", 12, std::move(in), {{.name = "equation", .value = std::move(equation)}}})[0];
}
error_kind einsum_failure(std::string equation, std::vector<tensor> in) {
  return test::failure({table, "Einsum", 12, std::move(in), {{.name = "equation", .value = std::move(equation)}}});
}

/// The definition for letters only: a sum over every assignment of all labels.
std::vector<float> definition(std::vector<std::string> const& terms, std::string const& result,
                              std::vector<tensor> const& in) {
  std::map<char, std::int64_t> size;
  for (std::size_t k = 0; k < terms.size(); ++k)
    for (std::size_t d = 0; d < terms[k].size(); ++d) size[terms[k][d]] = std::max(size[terms[k][d]], in[k].dims()[d]);
  std::int64_t total = 1, wanted = 1;
  for (auto const& [l, n] : size) total *= n;
  for (char const l : result) wanted *= size[l];
  std::vector<float> out(std::size_t(wanted), 0);
  for (std::int64_t i = 0; i < total; ++i) {
    std::map<char, std::int64_t> at;
    auto rest = i;
    for (auto const& [l, n] : size) at[l] = rest % n, rest /= n;
    float product = 1;
    for (std::size_t k = 0; k < terms.size(); ++k) {
      std::int64_t place = 0;
      for (std::size_t d = 0; d < terms[k].size(); ++d)
        place = place * in[k].dims()[d] + (in[k].dims()[d] == 1 ? 0 : at[terms[k][d]]);
      product *= in[k].as<float>()[place];
    }
    std::int64_t place = 0;
    for (char const l : result) place = place * size[l] + at[l];
    out[std::size_t(place)] += product;
  }
  return out;
}
}  // namespace

TEST_CASE("equations of letters equal their definition") {
  auto const a = ramp({3, 4}, 1), b = ramp({4, 5}, 2), c = ramp({3, 4, 5}, 3), s = ramp({4, 4}, 4),
             one = ramp({1, 4}, 5);
  struct {
    std::vector<std::string> terms;
    std::string result;
    std::vector<tensor> in;
  } const all[] = {
      {{"ij", "jk"}, "ik", {a, b}},
      {{"ij", "jk"}, "ki", {a, b}},
      {{"ij"}, "ji", {a}},
      {{"ij"}, "", {a}},
      {{"ii"}, "i", {s}},
      {{"ii"}, "", {s}},
      {{"ij", "ijk"}, "ik", {a, c}},
      {{"ijk", "jk", "ij"}, "i", {c, b, a}},
      {{"ij", "kl"}, "ijkl", {a, b}},
      {{"ij", "ij"}, "ij", {a, a}},
      {{"ij", "ij"}, "", {a, a}},
      {{"ijk", "ijl"}, "jkl", {c, c}},
      {{"ij", "ij"}, "ij", {a, one}},
      {{"ij", "jj", "jk"}, "ki", {a, s, b}},
  };
  for (auto const& e : all) {
    std::string equation;
    for (auto const& t : e.terms) equation += (equation.empty() ? "" : " , ") + t;
    equation += " -> " + e.result;
    CAPTURE(equation);
    CHECK(test::difference(einsum(equation, e.in), definition(e.terms, e.result, e.in)) < 1e-3);
  }
}

TEST_CASE("an implied result has the letters that occur once, in order; dots broadcast") {
  auto const a = ramp({3, 4}, 1), b = ramp({4, 5}, 2);
  CHECK(values<float>(einsum("ba,ac", {a, b})) == values<float>(einsum("ba,ac->bc", {a, b})));
  CHECK(values<float>(einsum("ba", {a})) == values<float>(einsum("ba->ab", {a})));
  auto const x = ramp({2, 1, 3, 4}, 3), y = ramp({5, 4, 3}, 4);
  auto const r = einsum("...ij,...jk->...ik", {x, y});
  CHECK(r.dims() == shape{2, 5, 3, 3});
  float sum = 0;
  for (std::int64_t j = 0; j < 4; ++j) sum += x.as<float>()[12 + 1 * 4 + j] * y.as<float>()[2 * 12 + j * 3 + 2];
  CHECK(r.as<float>()[(1 * 5 + 2) * 9 + 1 * 3 + 2] == sum);
}

TEST_CASE("integers and doubles contract, empty dimensions give zeros") {
  auto const i = test::ints_of({2}, {3, 4});
  CHECK(einsum("i,i->", {i, i}).as<std::int64_t>()[0] == 25);
  CHECK(einsum("i,i->", {tensor::of<double>({1}, {0.5}), tensor::of<double>({1}, {4})}).as<double>()[0] == 2);
  CHECK(values<float>(einsum("ij,jk->ik", {tensor{element::f32, {1, 0}}, tensor{element::f32, {0, 2}}})) ==
        std::vector<float>{0, 0});
}

TEST_CASE("equations that cannot be are refused") {
  auto const a = ramp({3, 4}, 1);
  for (auto const* e :
       {"ij,jk->ik", "ijk->i", "i->i", "ij->k", "ij->ii", "i1->i", "..ij->ij", "ij->i->j", "i...j...->ij", ""})
    CHECK(einsum_failure(e, {a}) == error_kind::invalid);
  CHECK(einsum_failure("ij,ij->ij", {a, ramp({4, 3}, 1)}) == error_kind::invalid);
  CHECK(einsum_failure("ij,ij->ij", {a, tensor{element::f64, {3, 4}}}) == error_kind::invalid);
}
