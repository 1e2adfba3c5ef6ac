#include <octet/ops/attention.hpp>

#include <doctest/doctest.h>

#include "support/one_operator.hpp"

using namespace octet;

namespace {
std::string unfit(std::vector<value_id> more, std::vector<attribute> a, test::maker& m, bool bias = true) {
  std::vector<value_id> in{m.input("x", {1, 2, 4}), m.weight("w", {4, 12}),
                           bias ? m.weight("b", {12}) : value_id::none};
  in.insert(in.end(), more.begin(), more.end());
  auto const y = m.op("Attention", in, std::move(a), "com.microsoft");
  return unfit_attention(m.g(), *m.g().producer(y), true);
}
}  // namespace

TEST_CASE("A20: an Attention with an attention bias has no quantized form, and says so") {
  test::maker plain{"a"}, biased{"b"}, sizes{"c"}, bare{"d"};
  CHECK(unfit({}, {}, plain).empty());
  auto const extra = biased.input("bias", {1, 1, 2, 2});
  CHECK(unfit({value_id::none, value_id::none, extra}, {}, biased) ==
        "QAttention has no attention bias and no shared past");
  CHECK(unfit({}, {test::ints_attribute("qkv_hidden_sizes", {4, 4, 8})}, sizes) == "QAttention has one hidden size");
  CHECK(unfit({}, {}, bare, false) == "QAttention needs a bias");
}

TEST_CASE("A21: an EmbedLayerNormalization with position ids has no quantized form, and says so") {
  test::maker m{"e"};
  auto const table = m.weight("t", {4, 4});
  std::vector<value_id> in{m.input("ids", {1, 2}), value_id::none,     table,         table, value_id::none,
                           m.weight("g", {4}),     m.weight("b", {4}), value_id::none};
  auto const y = m.op("EmbedLayerNormalization", in, {}, "com.microsoft");
  CHECK(unfit_embedding(m.g(), *m.g().producer(y), true).empty());
  m.g().set_input(m.g()[y].producer, 8, m.input("positions", {1, 2}));
  CHECK(unfit_embedding(m.g(), *m.g().producer(y), true) == "its quantized form has no position ids");
}
