// Geometries that the tests of convolutions share.
#pragma once

#include <random>
#include <vector>

#include <octet/kernels/conv.hpp>

namespace conv_cases {

using octet::kernels::conv_axis;
using octet::kernels::conv_form;

inline conv_axis axis(std::ptrdiff_t in, std::ptrdiff_t kernel, std::ptrdiff_t stride, std::ptrdiff_t begin,
                      std::ptrdiff_t end, std::ptrdiff_t dilation = 1) {
  return {in, (in + begin + end - (kernel - 1) * dilation - 1) / stride + 1, kernel, stride, dilation, begin};
}

/// Kernels of all sizes, strides, dilations and paddings, one to three dimensions, any number of channels.
inline std::vector<conv_form> forms(std::ptrdiff_t channels, std::ptrdiff_t group) {
  std::vector<conv_form> all;
  for (std::ptrdiff_t k : {1, 2, 3, 5})
    for (std::ptrdiff_t stride : {1, 2})
      for (std::ptrdiff_t pad : {0, 1, 2}) {
        if (pad >= k) continue;
        all.push_back({{conv_axis{}, axis(7, k, stride, pad, pad), axis(19, k, stride, pad, pad)}, channels, group});
      }
  all.push_back({{conv_axis{}, axis(9, 3, 1, 0, 0), axis(6, 1, 1, 0, 0)}, channels, group});         // lines merge
  all.push_back({{conv_axis{}, axis(9, 3, 1, 2, 2, 2), axis(16, 3, 1, 0, 1, 3)}, channels, group});  // dilated
  all.push_back({{conv_axis{}, axis(9, 3, 2, 0, 0, 2), axis(16, 2, 3, 1, 0, 2)}, channels, group});
  all.push_back({{axis(4, 3, 1, 1, 1), axis(5, 2, 2, 1, 0), axis(6, 3, 1, 1, 1)}, channels, group});
  all.push_back({{conv_axis{}, conv_axis{}, axis(40, 8, 4, 3, 0)}, channels, group});
  all.push_back({{conv_axis{}, axis(1, 3, 1, 1, 1), axis(1, 3, 1, 1, 1)}, channels, group});  // more padding than image
  return all;
}

/// Runs the tasks backwards: their order must not matter.
struct backwards {
  template <class F>
  void run(std::ptrdiff_t n, F const& f) const {
    while (n-- > 0) f(n);
  }
};

}  // namespace conv_cases
