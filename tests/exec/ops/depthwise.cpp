// Convolution of single channels against the definition in double.
#include <octet/exec/ops/depthwise.hpp>

#include <doctest/doctest.h>

#include <random>

using namespace octet;
using namespace octet::detail;

TEST_CASE("every stride, dilation and padding gives the definition's result, on any number of threads") {
  std::mt19937 random{3};
  std::normal_distribution<float> normal;
  for (std::int64_t stride = 1; stride <= 3; ++stride)
    for (std::int64_t dilation = 1; dilation <= 2; ++dilation)
      for (std::int64_t begin = 0; begin <= 2; ++begin)
        for (std::int64_t width : {5, 19, 40}) {
          window w{.rank = 2};
          w.axis[1] = {.in = 9, .kernel = 3, .stride = stride, .dilation = dilation, .begin = begin, .end = 1};
          w.axis[2] = {.in = width, .kernel = 2, .stride = stride, .dilation = dilation, .begin = begin, .end = 2};
          for (auto* a : {&w.axis[1], &w.axis[2]}) a->out = (a->in + a->begin + a->end - a->extent()) / a->stride + 1;
          std::int64_t const batch = 2, channels = 3, multiplier = 2;
          std::vector<float> x(static_cast<std::size_t>(batch * channels * w.inputs())),
              f(static_cast<std::size_t>(channels * multiplier * w.taps())), bias(6);
          for (auto* v : {&x, &f, &bias})
            for (auto& e : *v) e = normal(random);
          std::vector<float> y(static_cast<std::size_t>(batch * channels * multiplier * w.outputs())), again = y;
          thread_pool one{1}, two{2};
          depthwise_f32(one, w, x.data(), batch, channels, multiplier, f.data(), bias.data(), y.data());
          depthwise_f32(two, w, x.data(), batch, channels, multiplier, f.data(), bias.data(), again.data());
          CHECK(y == again);
          double worst = 0;
          for (std::size_t i = 0; i < y.size(); ++i) {
            auto const at = static_cast<std::int64_t>(i);
            auto const &h = w.axis[1], &v = w.axis[2];
            auto const filter = at / w.outputs() % (channels * multiplier), plane = at / w.outputs() / multiplier;
            auto const oy = at / v.out % h.out, ox = at % v.out;
            double sum = double(bias[std::size_t(filter)]);
            for (std::int64_t ky = 0; ky < h.kernel; ++ky)
              for (std::int64_t kx = 0; kx < v.kernel; ++kx) {
                auto const iy = oy * h.stride - h.begin + ky * dilation, ix = ox * v.stride - v.begin + kx * dilation;
                if (iy < 0 || iy >= h.in || ix < 0 || ix >= v.in) continue;
                sum += double(x[std::size_t((plane * h.in + iy) * v.in + ix)]) *
                       double(f[std::size_t(filter * w.taps() + ky * v.kernel + kx)]);
              }
            worst = std::max(worst, std::abs(sum - double(y[i])));
          }
          CHECK(worst < 1e-5);
        }
}
