// Answers the questions of numeric.py, one a line, so that the judge compares bits and not text written by us.
#include <cstdio>
#include <cstring>
#include <vector>

#include <octet/numeric/bias.hpp>
#include <octet/numeric/weight.hpp>

using namespace octet;

static std::vector<float> floats(int n) {
  std::vector<float> v(static_cast<std::size_t>(n));
  for (float& x : v)
    if (std::scanf("%f", &x) != 1) std::exit(2);
  return v;
}
static void print(grid g) { std::printf("%a %d ", double{g.scale}, g.zero_point); }

int main() {
  char what[16];
  int type, s, reduced;
  while (std::scanf("%15s", what) == 1) {
    if (!std::strcmp(what, "choose") || !std::strcmp(what, "restricted")) {
      float low, high;
      double least;
      if (std::scanf("%d %d %d %lf %f %f", &type, &s, &reduced, &least, &low, &high) != 6) return 2;
      print(what[0] == 'c' ? numeric::choose({low, high}, element(type), symmetry(s), reduced, least)
                           : numeric::choose_restricted({low, high}, least));
    } else if (!std::strcmp(what, "blocked")) {
      int outer, length, inner, block;
      if (std::scanf("%d %d %d %d %d %d", &type, &s, &outer, &length, &inner, &block) != 6) return 2;
      numeric::axis_view const v{outer, length, inner};
      auto const x = floats(static_cast<int>(v.size()));
      std::vector<grid> g(static_cast<std::size_t>(v.outer * numeric::blocks(v, block) * v.inner));
      numeric::choose_blocked(x, v, block, element(type), symmetry(s), g);
      for (auto one : g) print(one);
    } else if (!std::strcmp(what, "channels")) {
      int outer, length, inner;
      if (std::scanf("%d %d %d %d %d %d", &type, &s, &reduced, &outer, &length, &inner) != 6) return 2;
      auto const x = floats(outer * length * inner);
      std::vector<range> r(static_cast<std::size_t>(length));
      std::vector<grid> g(r.size());
      numeric::ranges_of(x, {outer, length, inner}, r);
      numeric::choose_each(r, element(type), symmetry(s), reduced, g);
      for (auto one : g) print(one);
    } else {  // bias: sizes of bias and weight scales, per channel, input scale, beta
      int n, scales, per_channel;
      float input_scale, beta;
      if (std::scanf("%d %d %d %f %f", &n, &scales, &per_channel, &input_scale, &beta) != 5) return 2;
      auto const b = floats(n);
      auto w = floats(scales);
      if (per_channel) numeric::widen_for_bias(b, input_scale, std::span{w});
      else numeric::widen_for_bias(b, input_scale, w[0]);
      std::vector<float> product(w.size());
      std::vector<std::int32_t> q(b.size());
      numeric::bias_scales(input_scale, w, product, beta);
      numeric::quantize_bias(b, product, q, beta);
      for (float x : w) std::printf("%a ", double{x});
      for (float x : product) std::printf("%a ", double{x});
      for (auto x : q) std::printf("%d ", x);
    }
    std::printf("\n");
  }
}
