#include <doctest/doctest.h>

#include <support/inferred.hpp>

using namespace octet;
using namespace octet::ops;
using support::builder;
using support::floats;
using support::inferred;
using support::ints;
using support::noise;
using list = std::vector<std::int64_t>;

TEST_CASE("quantized operators know their element types and shapes") {
  builder g;
  auto const x = g.input("x", {"n", 4, 6, 6}, element::u8);
  auto const s = floats({}, {0.5f});
  auto const z = tensor{element::s8, shape{}};
  auto const zu = tensor{element::u8, shape{}};
  CHECK(inferred(g, g(QLinearConv, {x, s, zu, tensor{element::s8, shape{5, 4, 3, 3}}, s, z, s, zu})) ==
        "UINT8[n,5,4,4]");
  auto const a = g.input("a", {"n", 4}, element::u8);
  CHECK(inferred(g, g(QLinearMatMul, {a, s, zu, tensor{element::s8, shape{4, 7}}, s, z, s, zu})) == "UINT8[n,7]");
  CHECK(inferred(g, g(QGemm, {a, s, zu, tensor{element::s8, shape{4, 7}}, s, z})) == "FLOAT[n,7]");
  CHECK(inferred(g, g(QLinearAdd, {a, s, zu, tensor{element::u8, shape{1, 4}}, s, zu, s, zu})) == "UINT8[n,4]");
  CHECK(inferred(g, g(QLinearConcat, {s, zu, a, s, zu, a, s, zu}, {{"axis", 0}})) == "UINT8[2*n,4]");
  CHECK(inferred(g, g(QLinearGlobalAveragePool, {x, s, zu, s, zu}, {{"channels_last", 1}})) == "UINT8[n,1,1,6]");
  CHECK(inferred(g, g(MatMulIntegerToFloat, {a, tensor{element::s8, shape{4, 7}}, s, s})) == "FLOAT[n,7]");
  CHECK(inferred(g, g(DynamicQuantizeMatMul, {g.input("f", {"n", 4}), tensor{element::s8, shape{4, 7}}, s})) ==
        "FLOAT[n,7]");
  CHECK(inferred(g, g(ContribQuantizeLinear, {g.input("h", {3}), s, tensor{element::u16, shape{}}})) == "UINT16[3]");
  CHECK(inferred(g, g(QAttention,
                      {g.input("e", {"b", "s", 8}, element::u8), tensor{element::s8, shape{8, 24}},
                       floats({24}, std::vector<float>(24)), s, s},
                      {{"num_heads", 2}})) == "FLOAT[b,s,8]");
}
