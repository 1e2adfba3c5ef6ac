// Columns of a convolution, each element against the definition.
#include <octet/exec/ops/columns.hpp>

#include <doctest/doctest.h>

using namespace octet::detail;

namespace {
void check(window w) {
  w.rank = 2;
  std::int64_t const channels = 2, inputs = w.inputs(), pixels = w.outputs();
  std::vector<float> image(static_cast<std::size_t>(channels * inputs));
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i + 1);
  for (std::int64_t first = 0; first < pixels; first += 5) {
    auto const last = std::min(first + 5, pixels), n = last - first;
    std::vector<pixel_run> runs;
    runs_of(w, first, last, runs);
    std::vector<float> out(static_cast<std::size_t>(channels * w.taps() * n), -1);
    fill_columns(w, image.data(), channels, runs, out.data(), n, 0.f);
    for (std::int64_t k = 0; k < channels * w.taps(); ++k)
      for (std::int64_t j = 0; j < n; ++j) {
        auto const &h = w.axis[1], &x = w.axis[2];
        auto const c = k / w.taps(), ky = k / x.kernel % h.kernel, kx = k % x.kernel, pixel = first + j;
        auto const iy = window_source(h, pixel / x.out, ky), ix = window_source(x, pixel % x.out, kx);
        float const want = iy < 0 || ix < 0 ? 0.f : image[std::size_t(c * inputs + iy * x.in + ix)];
        REQUIRE(out[std::size_t(k * n + j)] == want);
      }
  }
}
}  // namespace

TEST_CASE("a tap reads o * stride - begin + k * dilation, or the padding") {
  window_axis const a{.in = 5, .kernel = 3, .stride = 2, .dilation = 2, .begin = 1, .end = 1, .out = 2};
  CHECK(window_source(a, 0, 0) == -1);
  CHECK(window_source(a, 0, 1) == 1);
  CHECK(window_source(a, 1, 2) == -1);
}

TEST_CASE("columns of convolutions") {
  for (std::int64_t stride = 1; stride <= 3; ++stride)
    for (std::int64_t dilation = 1; dilation <= 2; ++dilation)
      for (std::int64_t begin = 0; begin <= 2; ++begin) {
        window w;
        w.axis[1] = {.in = 6, .kernel = 3, .stride = stride, .dilation = dilation, .begin = begin, .end = 1};
        w.axis[2] = {.in = 7, .kernel = 2, .stride = stride, .dilation = dilation, .begin = begin, .end = 2};
        for (auto* a : {&w.axis[1], &w.axis[2]}) a->out = (a->in + a->begin + a->end - a->extent()) / a->stride + 1;
        check(w);
      }
}
