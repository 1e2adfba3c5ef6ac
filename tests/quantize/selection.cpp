#include <octet/quantize/selection.hpp>

#include <doctest/doctest.h>

#include "quantize/planned.hpp"

using namespace octet;
using test::maker, test::plan_for;

namespace {
/// x → Relu_0 → t0 → Conv_1 → t1 → Relu_2 → t2, and t0 → Relu_3 → t3; Conv_1 has no name.
test::sample_model selection_model() {
  maker m{"m"};
  auto const a = m.op("Relu", {m.input("x", {1, 1, 2, 2})});
  auto const c = m.op("Conv", {a, m.weight("w", {1, 1, 1, 1})});
  m.g()[m.g()[c].producer].name.clear();
  m.output(m.op("Relu", {c}), 4);
  m.output(m.op("Relu", {a}), 4);
  return m.done();
}
std::string selection_error(quantize_options const& o) {
  auto const s = selection_model();
  try {
    detail::check_selection(s.model, o);
    detail::nodes_between(s.model.main, o.between);
  } catch (error const& e) {
    return std::string{e.what()} + "; " + e.hint;
  }
  return "";
}
std::vector<std::string> labels_between(std::string from, std::string to) {
  auto const s = selection_model();
  auto const& g = s.model.main;
  std::vector<std::string> r;
  auto const chosen = detail::nodes_between(g, {{std::move(from), std::move(to)}});
  for (auto const n : g.order)
    if (chosen.count(index(n)) != 0) r.push_back(label(g, g[n]));
  return r;
}
}  // namespace

TEST_CASE("D7: a node without a name is called by its first output, and can be chosen by it") {
  auto const s = selection_model();
  auto const& g = s.model.main;
  CHECK(label(g, g[g.order[1]]) == "t1");
  CHECK(label(g, g[g.order[0]]) == "Relu_0");
  quantize_options o;
  o.except = {"t1"};
  CHECK(plan_for(selection_model(), scheme{u8s8}, o).text().find("float Conv t1: excluded by name") !=
        std::string::npos);
}

TEST_CASE("D6: a name, pattern or type that fits nothing is an error with the nearest names") {
  quantize_options o;
  o.except = {"Relu_9"};
  auto const said = selection_error(o);
  CHECK(said.find("'Relu_9' matches no node") != std::string::npos);
  CHECK(said.find("nearest are 'Relu_0', 'Relu_2', 'Relu_3'") != std::string::npos);
  o.except = {"zzzzzzzz*"};
  CHECK(selection_error(o).find("matches no node") != std::string::npos);
  o.except = {"Relu_*"};
  CHECK(selection_error(o).empty());
  o.op_types = {"Conv", "Gemm"};  // the catalogue has it, this model does not
  CHECK(selection_error(o).empty());
  o.op_types = {"Conf"};
  CHECK(selection_error(o).find("'Conv'") != std::string::npos);
  o.op_types = {};
  o.overrides["x"].convert = grid_conversion{.type = element::u16, .readers = {"Relu_1"}};
  CHECK(selection_error(o).find("the reader of 'x'") != std::string::npos);
}

TEST_CASE("nodes between two tensors are those on a path from one to the other") {
  using names = std::vector<std::string>;
  CHECK(labels_between("t0", "") == names{"t1", "Relu_2", "Relu_3"});
  CHECK(labels_between("", "t1") == names{"Relu_0", "t1"});
  CHECK(labels_between("t0", "t1") == names{"t1"});
  quantize_options o;
  o.between = {{"y0", "t0"}};
  CHECK(selection_error(o).find("no path leads from tensor 'y0' to tensor 't0'") != std::string::npos);
  o.between = {{"tt1", ""}};
  CHECK(selection_error(o).find("'tt1' matches no tensor") != std::string::npos);
  o.between = {{"t0", "t1"}};
  auto const p = plan_for(selection_model(), scheme{u8s8}, o);
  CHECK(p.text().find("float Relu Relu_2: not between the chosen tensors") != std::string::npos);
}

TEST_CASE("the nearest names: few changes, or one within the other") {
  CHECK(nearest_names("conf", {"conv", "gemm", "convolution"}) == "'conv'");
  CHECK(nearest_names("head", {"/model/head/Gemm", "/model/body/Gemm"}) == "'/model/head/Gemm'");
  CHECK(nearest_names("abcdefgh", {"zzzzzz"}).empty());
}
