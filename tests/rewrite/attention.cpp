#include <doctest/doctest.h>

#include <octet/infer/infer.hpp>
#include <octet/rewrite/attention.hpp>
#include <support/attention_model.hpp>

using namespace octet;
using namespace octet::rewrite;
using support::attention_form;

namespace {
std::optional<attention_block> find(attention_form const& f, std::string& why) {
  auto g = support::attention_model(f);
  infer(g.m);
  for (auto const n : g.m.main.order) {
    auto const& node = g.m.main[n];
    if (!node.is("MatMul") || g.m.main.producer(node.inputs[0]) == nullptr) continue;
    if (!g.m.main.producer(node.inputs[0])->is("Softmax")) continue;
    match const m{.graph = g.m.main, .opset = 13, .root = node.outputs[0]};
    return attention_finder{m, 0}.find(node.outputs[0], why);
  }
  return std::nullopt;
}
}  // namespace

TEST_CASE("heads, scales and masks of a block are found in every dialect") {
  for (auto const& f :
       {attention_form{}, attention_form{.scale_query = true}, attention_form{.heads_in_batch = true},
        attention_form{.packed = true}, attention_form{.where = true}, attention_form{.padding = true}}) {
    std::string why;
    auto const a = find(f, why);
    REQUIRE_MESSAGE(a.has_value(), why);
    CHECK(a->q.count == 2);
    CHECK(a->q.size == 4);
    CHECK(a->q.scale * a->k.scale * a->scores.scale == doctest::Approx(0.5));
    CHECK(a->v.width == (f.packed ? 24 : 8));
    CHECK(a->v.offset == (f.packed ? 16 : 0));
    CHECK(a->scores.terms.size() == std::size_t{f.where} + std::size_t{f.padding});
  }
}

TEST_CASE("a block whose weights are read is refused with the reason") {
  std::string why;
  CHECK_FALSE(find({.weights_read = true}, why).has_value());
  CHECK(why == "the attention weights are used elsewhere");
}
