#include <octet/exec/ops/conv.hpp>

#include "convolution.hpp"

using namespace octet;
using namespace octet::test;

TEST_CASE("convolutions: strides, dilations, pads, groups, single channels, one pixel") {
  for (auto const& g : {geometry{2, 1, 3, 5, 9, 8, 3, 1, 1, 1}, geometry{1, 1, 4, 70, 7, 7, 1, 1, 1, 0},
                        geometry{1, 2, 3, 4, 11, 6, 3, 2, 1, 1}, geometry{1, 1, 2, 3, 12, 12, 3, 1, 3, 2},
                        geometry{2, 6, 1, 1, 8, 9, 3, 2, 1, 1}, geometry{1, 4, 1, 2, 5, 5, 5, 1, 1, 2},
                        geometry{1, 1, 200, 33, 4, 5, 3, 1, 1, 1}, geometry{1, 1, 3, 300, 2, 2, 1, 1, 1, 0}})
    for (unsigned threads : {1u, 2u}) check_convolution(conv_operators, g, false, threads);
}

TEST_CASE("one and three spatial dimensions") {
  auto const line = run({.table = conv_operators,
                         .op = "Conv",
                         .inputs = {floats_of({1, 1, 4}, {1, 2, 3, 4}), floats_of({1, 1, 2}, {1, 10})}});
  CHECK(values<float>(line[0]) == std::vector<float>{21, 32, 43});
  auto const cube = run({.table = conv_operators,
                         .op = "Conv",
                         .inputs = {floats_of({1, 1, 2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}),
                                    floats_of({1, 1, 2, 2, 2}, {1, 1, 1, 1, 1, 1, 1, 1})}});
  CHECK(values<float>(cube[0]) == std::vector<float>{36});
}

TEST_CASE("operands that do not fit are refused") {
  auto const x = floats_of({1, 2, 4, 4}, std::vector<float>(32)), w = floats_of({3, 2, 3, 3}, std::vector<float>(54));
  CHECK(failure(
            {.table = conv_operators, .op = "Conv", .inputs = {x, floats_of({3, 1, 3, 3}, std::vector<float>(27))}}) ==
        error_kind::invalid);
  CHECK(failure({.table = conv_operators,
                 .op = "Conv",
                 .inputs = {x, w},
                 .attributes = {{.name = "group", .value = std::int64_t{0}}}}) == error_kind::invalid);
  CHECK(failure({.table = conv_operators, .op = "Conv", .inputs = {x, w, floats_of({2}, {1, 2})}}) ==
        error_kind::invalid);
  CHECK(failure({.table = conv_operators,
                 .op = "Conv",
                 .inputs = {x, w},
                 .attributes = {{.name = "kernel_shape", .value = list{2, 2}}}}) == error_kind::invalid);
}
