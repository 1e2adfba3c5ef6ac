// Standard operators that exporters spell out as chains: a normalization by length, squares of pixels as channels.
#pragma once

#include <octet/rewrite/index_trace.hpp>
#include <octet/rewrite/rules/activation.hpp>
#include <octet/rewrite/rules/normalization.hpp>

namespace octet::rewrite {

/// x / max(‖x‖, 1e-12) over the last axis, as torch's normalize.
inline constexpr rule fuse_lp_norm{
    "lp-norm",
    ops::Div(var::x, ops::Expand(ops::Clip(ops::ReduceL2(var::x, maybe(var::axes1)).as(var::mean1), maybe(var::low),
                                           maybe(var::high))
                                     .as(var::clip),
                                 var::shape)),
    [](match const& m, patch& p) {
      std::string why;
      auto const axis = normalized_axis(m, {&var::mean1}, why);
      if (axis == 0) return p.decline(why);
      if (axis != -1) return p.decline("more than the last axis is normalized");
      auto const b = bounds_of(m, m.at(var::clip));
      if (!b || std::abs(b->low - 1e-12) > 1e-13 || b->high != HUGE_VAL)
        return p.decline("the length is not bounded by 1e-12 alone");
      return p(ops::LpNormalization, {m[var::x]}, {{"axis", std::int64_t{-1}}, {"p", std::int64_t{2}}});
    }};

/// The block size when `x`, elements of a tensor `from` [N,C,H,W], is its SpaceToDepth; else 0.
inline std::int64_t depth_block(numbered const& x, shape const& from) {
  if (from.rank() != 4 || x.dims.rank() != 4 || x.dims[0] != from[0] || x.dims[2] <= 0) return 0;
  auto const c = from[1], h = x.dims[2], w = x.dims[3], block = from[2] / h;
  if (block < 2 || from[2] != h * block || from[3] != w * block || x.dims[1] != c * block * block) return 0;
  std::size_t i = 0;
  for (std::int64_t n = 0; n < from[0]; ++n)
    for (std::int64_t d = 0; d < x.dims[1]; ++d)
      for (std::int64_t r = 0; r < h; ++r)
        for (std::int64_t s = 0; s < w; ++s) {
          auto const row = r * block + d / c / block, column = s * block + d / c % block;
          if (x.at[i++] != ((n * c + d % c) * from[2] + row) * from[3] + column) return 0;
        }
  return block;
}

/// Reshapes and transposes of early YOLO exports, proved by following every element.
inline constexpr rule fuse_space_to_depth{
    "space-to-depth", ops::Reshape(ops::Transpose(var::x), var::target), [](match const& m, patch& p) {
      if (m.rank(m.root) != 4) return p.decline("the result has not four axes");
      tracer t{m.graph};
      auto const up = t.climb(m.root);
      for (std::size_t k = up.tops.size(); k-- > 1;) {
        auto const from = t.sizes(up.tops[k]);
        auto const x = from && from->rank() == 4 && up.scales[k] == 1 ? t.follow(up, k) : std::nullopt;
        auto const block = x ? depth_block(*x, *from) : 0;
        if (block == 0) continue;
        for (std::size_t i = 1; i < k; ++i)
          if (m.graph.use_count(up.tops[i]) != 1) return p.decline("a step in between is used elsewhere");
        return p(ops::SpaceToDepth, {up.tops[k]}, {{"blocksize", block}});
      }
      return p.decline("pixels do not become channels");
    }};

inline constexpr auto lp_norm_rules = rules(fuse_lp_norm);
inline constexpr auto space_to_depth_rules = rules(fuse_space_to_depth);

}  // namespace octet::rewrite
