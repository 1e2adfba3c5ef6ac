// Blocks of few bits: each value is (code − zero) · scale of its block, computed by hand.
#include <octet/exec/ops/contrib_blocks.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

namespace {
auto const& table = contrib_blocks_operators;
attribute whole(std::string name, std::int64_t v) { return {.name = std::move(name), .value = v}; }
/// Codes of 4 bits, two a byte.
tensor nibbles(element type, shape dims, std::vector<int> const& codes) {
  tensor t{type, std::move(dims)};
  for (std::size_t i = 0; i < codes.size(); ++i)
    detail::set_packed_element(t.mutable_bytes().data(), 4, std::int64_t(i), unsigned(codes[i]) & 15u);
  return t;
}
std::vector<int> repeated(std::vector<int> const& some, std::size_t each) {
  std::vector<int> r;
  for (auto const x : some) r.insert(r.end(), each, x);
  return r;
}
}  // namespace

TEST_CASE("GatherBlockQuantized takes rows and dequantizes them block by block") {
  // two rows of two blocks of 16: codes 1, 2 and -8, 7
  auto const data = nibbles(element::s4, {2, 32}, repeated({1, 2, -8, 7}, 16));
  auto const scales = floats_of({2, 2}, {1, 10, 0.5f, 2});
  auto const y = run({.table = table,
                      .op = "GatherBlockQuantized",
                      .opset = 1,
                      .inputs = {data, ints_of({1, 2}, {1, -2}), scales},
                      .attributes = {whole("block_size", 16)}})[0];
  CHECK(y.dims() == shape{1, 2, 32});
  std::vector<float> want(16, -4.f);
  want.insert(want.end(), 16, 14.f), want.insert(want.end(), 16, 1.f), want.insert(want.end(), 16, 20.f);
  CHECK(difference(y, want) == 0);
  auto const z = run({.table = table,
                      .op = "GatherBlockQuantized",
                      .opset = 1,
                      .inputs = {data, ints_of({1}, {0}), scales, nibbles(element::s4, {2, 2}, {3, -2, 0, 0})},
                      .attributes = {whole("block_size", 16)}})[0];
  CHECK(values<float>(z)[0] == -2);
  CHECK(values<float>(z)[31] == 40);
}

TEST_CASE("GatherBlockQuantized: bytes hold several codes, an index outside gives zeros, small floats have no zero") {
  tensor bytes = tensor::of<std::uint8_t>({2, 16}, std::vector<std::uint8_t>(32, 0xb7));  // codes 7 and 11
  auto const y = run({.table = table,
                      .op = "GatherBlockQuantized",
                      .opset = 1,
                      .inputs = {bytes, ints_of({2}, {1, 2}), floats_of({2, 1}, {1, 2})},
                      .attributes = {whole("block_size", 32), whole("bits", 4)}})[0];
  CHECK(y.dims() == shape{2, 32});
  CHECK(values<float>(y)[0] == -2);
  CHECK(values<float>(y)[1] == 6);
  CHECK(values<float>(y)[32] == 0);
  tensor small{element::f8e4m3fn, {1, 2}};
  small.mutable_bytes()[0] = std::byte{0x38}, small.mutable_bytes()[1] = std::byte{0xb8};  // 1 and -1
  CHECK(difference(run({.table = table,
                        .op = "GatherBlockQuantized",
                        .opset = 1,
                        .inputs = {small, ints_of({1}, {0}), floats_of({1, 1}, {3})},
                        .attributes = {whole("block_size", 0)}})[0],
                   {3, -3}) == 0);
}

TEST_CASE("GatherBlockQuantized refuses what does not fit") {
  auto const data = nibbles(element::u4, {2, 32}, repeated({1, 2, 3, 4}, 16));
  auto const fails = [&](tensor scales, std::vector<tensor> zeros = {}) {
    std::vector<tensor> in{data, ints_of({1}, {0}), std::move(scales)};
    in.insert(in.end(), zeros.begin(), zeros.end());
    return failure({.table = table,
                    .op = "GatherBlockQuantized",
                    .opset = 1,
                    .inputs = in,
                    .attributes = {whole("block_size", 16)}});
  };
  CHECK(fails(floats_of({2, 2}, {1, 1, 1, 1})) == error_kind::usage);
  CHECK(fails(floats_of({2, 1}, {1, 1})) == error_kind::invalid);
  CHECK(fails(floats_of({2, 2}, {1, 1, 1, 1}), {nibbles(element::u4, {2, 1}, {0, 0})}) == error_kind::invalid);
  CHECK(fails(floats_of({2, 2}, {1, 1, 1, 1}), {nibbles(element::s4, {2, 2}, {0, 0, 0, 0})}) == error_kind::invalid);
}

TEST_CASE("MatMulBnb4: the first code of a byte lies in its high half, blocks run over rows") {
  // [n, k] = [2, 8] in one block of 16; FP4 codes 3 (1) and 11 (-1), 5 (0.5) and 0
  std::vector<std::uint8_t> b(8, 0x00);
  b[0] = 0x3b, b[4] = 0x50;
  std::vector<float> a{1, 10, 0, 0, 0, 0, 0, 0};
  for (bool constants : {false, true})
    CHECK(difference(run({.table = table,
                          .op = "MatMulBnb4",
                          .opset = 1,
                          .inputs = {floats_of({1, 8}, a), tensor::of<std::uint8_t>({8}, b), floats_of({1}, {4})},
                          .attributes = {whole("K", 8), whole("N", 2), whole("block_size", 16), whole("quant_type", 0)},
                          .constants = constants})[0],
                     {4 - 40, 2}) < 1e-5);
  // NF4: 0 is -1, 15 is 1, 7 is 0
  std::vector<std::uint8_t> n(8, 0x77);
  n[0] = 0x0f, n[7] = 0x7f;
  CHECK(difference(
            run({.table = table,
                 .op = "MatMulBnb4",
                 .opset = 1,
                 .inputs = {floats_of({8}, {1, 10, 0, 0, 0, 0, 0, 3}), tensor::of<std::uint8_t>({8}, n),
                            floats_of({1}, {2})},
                 .attributes = {whole("K", 8), whole("N", 2), whole("block_size", 16), whole("quant_type", 1)}})[0],
            {18, 6}) < 1e-5);
  CHECK(failure({.table = table,
                 .op = "MatMulBnb4",
                 .opset = 1,
                 .inputs = {floats_of({1, 8}, a), tensor::of<std::uint8_t>({7}, std::vector<std::uint8_t>(7)),
                            floats_of({1}, {4})},
                 .attributes = {whole("K", 8), whole("N", 2), whole("block_size", 16)}}) == error_kind::invalid);
}
