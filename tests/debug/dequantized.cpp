#include <octet/debug/dequantized.hpp>

#include <doctest/doctest.h>

using octet::tensor;
using octet::debug::dequantized;

namespace {
std::vector<float> values(tensor const& t) {
  auto const x = t.as<float>();
  return {x.begin(), x.end()};
}
}  // namespace

TEST_CASE("(integer − zero point) · scale, as a whole, per channel, in blocks") {
  auto const q = tensor::of<std::uint8_t>({2, 2}, {0, 1, 254, 255});
  CHECK(values(dequantized(q, tensor::scalar(0.5f), tensor::scalar(std::uint8_t{128}))) ==
        std::vector<float>{-64, -63.5f, 63, 63.5f});
  CHECK(values(dequantized(q, tensor::of<float>({1}, {2}), {})) == std::vector<float>{0, 2, 508, 510});
  CHECK(values(dequantized(q, tensor::of<float>({2}, {1, 10}), tensor::of<std::uint8_t>({2}, {0, 1}), 0)) ==
        std::vector<float>{0, 1, 2530, 2540});
  CHECK(values(dequantized(q, tensor::of<float>({1, 2}, {1, 10}), {}, 0, 2)) == std::vector<float>{0, 10, 254, 2550});
}
