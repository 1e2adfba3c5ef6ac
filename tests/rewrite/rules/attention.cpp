#include <octet/rewrite/rules/attention.hpp>
#include <support/attention_model.hpp>
#include <support/rule_check.hpp>

using namespace octet;
using octet::rewrite::attention_rules;
using support::attention_form;

namespace {
/// Fuses, compares the numbers, and returns the operators.
std::string fused(attention_form const& f, bool standard = false) {
  auto g = support::attention_model(f, standard ? 23 : 13);
  std::span<octet::rewrite::rule_view const> set = attention_rules;
  if (standard) set = octet::rewrite::standard_attention_rules;
  infer(g.m);
  auto const before = g.m;
  CHECK(octet::rewrite::apply(g.m, set).applied() == 1);
  support::same_numbers(before, g.m, 1e-5);
  infer(g.m);
  CHECK(octet::rewrite::apply(g.m, set).applied() == 0);
  CHECK(support::names(g.m, g.m.main.outputs) == support::names(before, before.main.outputs));
  return g.ops();
}
}  // namespace

TEST_CASE("one input with constant projections becomes Attention, whatever the spelling") {
  CHECK(fused({}) == "Attention");
  CHECK(fused({.scale_query = true}) == "Attention");
  CHECK(fused({.scale_query = true, .heads_in_batch = true}) == "Attention");
  CHECK(fused({.packed = true}) == "Attention");
  CHECK(fused({.scale = 0.25}) == "Attention");
}

TEST_CASE("masks: a padding mask goes in as it is, others are added to the scores") {
  CHECK(fused({.padding = true}) == "Cast Attention");
  CHECK(fused({.where = true, .later = true}).find("MultiHeadAttention") != std::string::npos);
  CHECK(fused({.where = true, .padding = true}).find("MultiHeadAttention") != std::string::npos);
  CHECK(fused({.equal = true}) == "Cast Attention");
}

TEST_CASE("a mask that hides later keys is an attribute") {
  CHECK(fused({.where = true}) == "Attention");
  CHECK(fused({.heads_in_batch = true, .where = true}) == "Attention");
}

TEST_CASE("keys and values of earlier steps are the past, those of all steps an output") {
  auto const ops = fused({.where = true, .past = true});
  CHECK(ops == "Unsqueeze Unsqueeze Concat Attention Gather Gather");
  CHECK(fused({.past = true}) == "Unsqueeze Unsqueeze Concat Attention Gather Gather");
  auto const other = fused({.where = true, .past = true, .later = true});
  CHECK(other.find("MultiHeadAttention") != std::string::npos);
  CHECK(other.find("Transpose Reshape MultiHeadAttention") == std::string::npos);
}

TEST_CASE("ONNX's own operator takes masks that are added, and a flag for those that hide later keys") {
  auto const projected = "MatMul Add MatMul Add MatMul Add Attention";
  CHECK(fused({}, true) == projected);
  CHECK(fused({.scale = 0.25}, true) == projected);
  CHECK(fused({.where = true}, true) == projected);
  CHECK(fused({.scale_query = true, .heads_in_batch = true}, true).ends_with(" Attention"));
  for (auto const& f : {attention_form{.padding = true}, attention_form{.equal = true}, attention_form{.windows = true},
                        attention_form{.where = true, .padding = true}, attention_form{.where = true, .past = true},
                        attention_form{.where = true, .later = true}})
    CHECK(fused(f, true).find(" Attention") != std::string::npos);
}

namespace {
/// torch's MultiheadAttention, whose rows lie sequence first; with a mask that is no padding mask if `mask`.
support::builder sequence_first(bool mask) {
  using namespace octet::ops;
  using list = std::vector<std::int64_t>;
  support::builder g{14};
  auto const x = g(Transpose, {g.input("x", {2, 3, 8})}, {{"perm", list{1, 0, 2}}});
  auto const all = g(Add, {support::noise({24}, 8), g(MatMul, {x, support::noise({8, 24}, 9)})});
  auto const part = [&](std::int64_t i) {
    auto const rows = g(Slice, {all, support::ints({8 * i}), support::ints({8 * i + 8}), support::ints({-1})});
    return g(Reshape, {rows, support::ints({3, 4, 4})});
  };
  auto const q = g(Div, {g(Transpose, {part(0)}, {{"perm", list{1, 0, 2}}}), 2.0});
  auto scores = g(MatMul, {q, g(Transpose, {part(1)}, {{"perm", list{1, 2, 0}}})});
  if (mask) scores = g(Add, {scores, support::noise({1, 3, 3}, 5)});
  auto const p = g(Softmax, {scores}, {{"axis", -1}});
  auto const c = g(MatMul, {p, g(Transpose, {part(2)}, {{"perm", list{1, 0, 2}}})});
  g.output(g(Reshape, {g(Transpose, {c}, {{"perm", list{1, 0, 2}}}), support::ints({-1, 8})}));
  infer(g.m);
  return g;
}
}  // namespace

TEST_CASE("torch's MultiheadAttention, whose rows lie sequence first") {
  for (bool mask : {false, true}) {
    auto g = sequence_first(mask);
    auto const before = g.m;
    CHECK(octet::rewrite::apply(g.m, attention_rules).applied("attention") == 1);
    octet::rewrite::remove_dead(g.m.main);
    if (!mask) CHECK(g.ops() == "Attention Transpose Reshape");
    else CHECK(g.ops().find("MultiHeadAttention Transpose Reshape") != std::string::npos);
    support::same_numbers(before, g.m, 1e-5);
  }
}

TEST_CASE("a mask for each window of a picture, where windows lie in the batch, is repeated for each picture") {
  CHECK(fused({.windows = true}).find("Expand Reshape MultiHeadAttention") != std::string::npos);
  CHECK(fused({.scale_query = true, .windows = true}).find("Expand Reshape MultiHead") != std::string::npos);
}

TEST_CASE("where the heads are not put side by side the product is replaced alone") {
  CHECK(fused({.merged = false}) == "Attention Reshape Transpose Neg");
}

TEST_CASE("weights that are read, and heads in the batch that stay there, are refused") {
  CHECK(support::refused(support::attention_model({.weights_read = true}), attention_rules) ==
        "the attention weights are used elsewhere");
  auto const g = support::attention_model({.heads_in_batch = true, .merged = false});
  CHECK(support::refused(g, attention_rules) == "batch and heads are one axis, and are not put back side by side");
}
