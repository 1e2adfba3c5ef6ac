// The driver of a product, once for integers and float: which part of A, B and C is in which cache when.
//   chunk of rows → block of panels → slice of k (B's part in L2) → tile of rows (A's part in L1) → panels →
//   micro-kernel
// Each output is one chain over k in order, carried through memory from one slice of k to the next: the same bits
// whatever the blocking, the tile or the number of threads. An epilogue that does not store accumulators themselves
// wants all of k at once: there tiles come before slices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <octet/core/serial.hpp>
#include <octet/kernels/epilogue.hpp>
#include <octet/kernels/tile.hpp>
#include <octet/kernels/transpose.hpp>

namespace octet::detail {

inline constexpr std::ptrdiff_t left_bytes = 24 * 1024, block_bytes = 512 * 1024, scratch_columns = 256,
                                copied_bytes = 512 * 1024, direct_tiles = 16;

/// Rows, or panels, of which a task computes the product.
struct section {
  std::ptrdiff_t begin, end;
};

/// A given as k × m: a step of some rows is one run of 4 bytes a row; the runs are put side by side.
OCTET_INLINE void gather_steps(left_source a, int rows, std::byte* to) {
  for (std::ptrdiff_t k = 0; k < a.steps; ++k)
    kernels::copy_part<128>(to + k * rows * 4, a.base + k * a.next, rows * 4);
}

/// From row to row of a copy of `bytes`: an odd number of cache lines, so that rows do not meet in the sets of L1.
OCTET_INLINE std::ptrdiff_t apart(std::ptrdiff_t bytes) { return (((bytes + 63) / 64) | 1) * 64; }

/// Rows whose stride maps them onto a few L1 sets, copied as they are.
OCTET_INLINE void spread_rows(left_source a, int rows, std::byte* to, std::ptrdiff_t stride) {
  for (int i = 0; i < rows; ++i)
    std::memcpy(to + i * stride, a.base + i * a.row, static_cast<std::size_t>(a.steps * 4 + a.tail));
}

/// A step of 4 bytes in 16 bits: k 0 and 2, then k 1 and 3.
OCTET_INLINE void widen_step(std::uint32_t x, std::uint32_t flip, std::byte* to) {
  x ^= flip;
  std::uint32_t const both[2] = {x & 0x00ff00ffu, x >> 8 & 0x00ff00ffu};
  std::memcpy(to, both, 8);
}
OCTET_INLINE void widen_four_steps(std::byte const* from, std::uint32_t flip, std::byte* to) {
  typedef std::uint32_t four __attribute__((vector_size(16)));
  four x;
  std::memcpy(&x, from, 16);
  x ^= flip;
  four const even = x & 0x00ff00ffu, odd = x >> 8 & 0x00ff00ffu;
  four const both[2] = {__builtin_shufflevector(even, odd, 0, 4, 1, 5), __builtin_shufflevector(even, odd, 2, 6, 3, 7)};
  std::memcpy(to, both, 32);
}
/// Rows of bytes as a widened dot product reads them, segment after segment.
template <class Dot>
void widen_rows(left_source a, int rows, std::byte* to, std::ptrdiff_t stride) {
  constexpr std::uint32_t flip = kernels::flip_of<Dot> * 0x01010101u;
  for (int i = 0; i < rows; ++i) {
    std::byte* out = to + i * stride;
    for (std::ptrdiff_t s = 0; s < a.segments; ++s) {
      std::byte const* const from = a.base + i * a.row + (a.segments > 1 ? a.offsets[s] : 0);
      std::ptrdiff_t k = 0;
      for (; k + 4 <= a.steps; k += 4, out += 32) widen_four_steps(from + 4 * k, flip, out);
      for (; k < a.steps; ++k, out += 8) {
        std::uint32_t x;
        std::memcpy(&x, from + 4 * k, 4);
        widen_step(x, flip, out);
      }
    }
    if (a.tail) widen_step(load_tail(a.base + i * a.row + a.steps * a.next, a.tail), flip, out);
  }
}

/// k in slices of about `depth` steps: some segments together, or pieces of one.
struct k_slices {
  std::ptrdiff_t together, pieces, count;

  OCTET_INLINE k_slices(left_source const& a, std::ptrdiff_t depth)
      : together{a.steps > 0 && a.steps < depth ? kernels::least(a.segments, depth / a.steps) : 1},
        pieces{a.steps > depth ? (a.steps + depth - 1) / depth : 1},
        count{(a.segments + together - 1) / together * pieces} {}

  /// Slice `i` of a tile, and the step with which it begins.
  OCTET_INLINE left_source part(left_source const& a, std::ptrdiff_t i, std::ptrdiff_t& k0) const {
    std::ptrdiff_t const segment = i / pieces * together, piece = i % pieces;
    std::ptrdiff_t const begin = a.steps * piece / pieces, end = a.steps * (piece + 1) / pieces;
    left_source some = a;
    some.base += begin * a.next;
    some.steps = end - begin;
    some.tail = i + 1 == count ? a.tail : 0;
    some.segments = kernels::least(together, a.segments - segment);
    if (a.segments > 1 && some.segments == 1) some.base += a.offsets[segment];
    else if (a.segments > 1) some.offsets += segment;
    k0 = segment * a.steps + begin;
    return some;
  }
};

/// Rows of a matrix in tiles of equal height: 15 rows are 8 + 7.
template <class Dot>
struct matrix_rows {
  left_source a;
  section rows;
  std::ptrdiff_t tiles, least, taller;  ///< the first `taller` tiles have least + 1 rows: no division for each tile

  OCTET_INLINE matrix_rows(left_source all, section of)
      : a{all},
        rows{of},
        tiles{(of.end - of.begin + Dot::rows - 1) / Dot::rows},
        least{tiles > 0 ? (of.end - of.begin) / tiles : 0},
        taller{tiles > 0 ? (of.end - of.begin) % tiles : 0} {}
  OCTET_INLINE std::ptrdiff_t first(std::ptrdiff_t t) const {
    return rows.begin + t * least + kernels::least(t, taller);
  }
  OCTET_INLINE int height(std::ptrdiff_t t) const { return static_cast<int>(first(t + 1) - first(t)); }
  OCTET_INLINE left_source tile(std::ptrdiff_t t) const {
    return {a.base + first(t) * a.row, a.row, a.next, a.steps, a.tail};
  }
  OCTET_INLINE bool single() const { return rows.end - rows.begin == 1; }
  OCTET_INLINE bool copies() const { return rows.end - rows.begin > 4 && (a.row % 2048 == 0 || a.next != 4); }
};

/// A rectangle of C. `Rows` tells where the tiles of A lie.
template <class Dot, class T, class Rows, class B, class Output>
class rectangle {
 public:
  OCTET_INLINE rectangle(Rows const& rows, B const& b, start<T> s, Output const& output, section panels)
      : rows_{rows},
        b_{b},
        s_{s},
        output_{output},
        panels_{panels},
        a_{as_read(rows.a)},
        slices_{a_, rows.single() ? b.k + 1 : depth} {
    block_ = block_bytes / (b.panel_bytes() / (Output::direct ? slices_.count : 1) + 1);
    block_ = block_ < 4 ? 4 : block_ & ~std::ptrdiff_t{3};
    if (!Output::direct && block_ > most) block_ = most;
  }

  void run() {
    bool const copy = widened || rows_.copies(), spread = a_.next == 4;
    bool const chunked = copy || (Output::direct && slices_.count > 1);
    std::ptrdiff_t const row = widened ? a_.row : apart(a_.steps * 4 + a_.tail), bytes = Dot::rows * row,
                         chunk = chunked ? kernels::least(copy ? copied_bytes / bytes + 1 : direct_tiles, rows_.tiles)
                                         : rows_.tiles;
    kernels::buffer<std::byte> copied(copy ? chunk * bytes : 0);
    for (std::ptrdiff_t t0 = 0; t0 < rows_.tiles; t0 += chunk) {
      section const tiles{t0, kernels::least(t0 + chunk, rows_.tiles)};
      for (std::ptrdiff_t t = t0; copy && t < tiles.end; ++t)
        if constexpr (widened)
          widen_rows<Dot>(rows_.tile(t), rows_.height(t), copied.data() + (t - t0) * bytes, a_.row);
        else if (spread) spread_rows(rows_.tile(t), rows_.height(t), copied.data() + (t - t0) * bytes, row);
        else gather_steps(rows_.tile(t), rows_.height(t), copied.data() + (t - t0) * bytes);
      auto const left = [&](std::ptrdiff_t t) OCTET_INLINE_LAMBDA {
        if (!copy) return rows_.tile(t);
        std::byte const* const from = copied.data() + (t - t0) * bytes;
        if constexpr (widened) return left_source{from, a_.row, a_.next, a_.steps, 0};
        else if (spread) return left_source{from, row, 4, a_.steps, a_.tail};
        else return left_source{from, 4, rows_.height(t) * 4, a_.steps, 0};
      };
      for (std::ptrdiff_t p0 = panels_.begin; p0 < panels_.end; p0 += block_)
        block(tiles, {p0, kernels::least(p0 + block_, panels_.end)}, left);
    }
  }

 private:
  using arch = typename Dot::arch;
  static constexpr int w = kernels::width<Dot>;
  static constexpr bool widened = kernels::is_widened<Dot>;
  static constexpr std::ptrdiff_t depth = left_bytes / ((widened ? 8 : 4) * Dot::rows), most = scratch_columns / w;

  /// The left operand as micro-kernels see it. Rows of widened steps lie an odd number of cache lines apart.
  static OCTET_INLINE left_source as_read(left_source a) {
    if constexpr (!widened) return a;
    std::ptrdiff_t const steps = a.segments * a.steps + (a.tail != 0);
    return {nullptr, apart(steps * 8), 8, steps, 0};
  }

  /// Some tiles against a block of panels: all of k.
  template <class Left>
  OCTET_INLINE void block(section tiles, section p, Left const& left) const {
    alignas(64) T scratch[Dot::rows * (Output::direct ? w * 4 : scratch_columns)];
    std::ptrdiff_t const j = p.begin * w, columns = kernels::least(b_.n, p.end * w) - j;
    if constexpr (Output::direct) {
      for (std::ptrdiff_t slice = 0; slice < slices_.count; ++slice)
        for (std::ptrdiff_t t = tiles.begin; t < tiles.end; ++t) {
          std::ptrdiff_t const i = rows_.first(t);
          int const r = rows_.height(t);
          if constexpr (requires { output_.fetch(i, r, j, columns); })
            if (slice + 1 == slices_.count) output_.fetch(i, r, j, columns);
          slice_of_k(left(t), slice, i, r, p, scratch);
          if (slice + 1 == slices_.count) output_.template finish<arch>(i, r, j, columns);
        }
    } else {
      for (std::ptrdiff_t t = tiles.begin; t < tiles.end; ++t) {
        std::ptrdiff_t const i = rows_.first(t);
        int const r = rows_.height(t);
        kernels::fetch_rows<true>(output_.c.data + i * output_.c.stride + j, output_.c.stride, r, columns);
        for (std::ptrdiff_t slice = 0; slice < slices_.count; ++slice) slice_of_k(left(t), slice, i, r, p, scratch);
        output_.template apply<arch>(scratch, (p.end - p.begin) * w, i, r, j, columns);
      }
    }
  }

  OCTET_INLINE void slice_of_k(left_source left, std::ptrdiff_t slice, std::ptrdiff_t i, int r, section p,
                               T* scratch) const {
    std::ptrdiff_t k0 = 0;
    left_source const some = slices_.count > 1 ? slices_.part(left, slice, k0) : left;
    block_of_k(some, k0, slice, i, r, p, scratch);
  }

  OCTET_INLINE void block_of_k(left_source left, std::ptrdiff_t k0, std::ptrdiff_t slice, std::ptrdiff_t i, int r,
                               section all, T* scratch) const {
    constexpr auto& kernels_of = tiles_of<Dot, T>;
    int const many = kernels::panels_for<Dot>(r);
    for (std::ptrdiff_t p = all.begin, count; p < all.end; p += count) {
      count = p + many <= all.end ? many : 1;
      std::byte const* const right = b_.panel(p) + k0 * w * 4;
      std::ptrdiff_t const j = p * w, columns = kernels::least(b_.n - j, count * w);
      bool const narrow = columns * Dot::vectors <= w;
      auto const kernel = narrow ? kernels_of.narrow[r] : count == many ? kernels_of.many[r] : kernels_of.one[r];
      start<T> from{s_.offsets + j, s_.row_terms ? s_.row_terms + i : nullptr,
                    s_.column_terms ? s_.column_terms + j : nullptr, slice > 0 || s_.resume};
      if constexpr (requires { output_.limit(from); })
        if (slice + 1 == slices_.count) output_.limit(from);
      if constexpr (!Output::direct) {
        kernel(left, right, b_.panel_bytes(), from, scratch + (p - all.begin) * w, (all.end - all.begin) * w);
      } else if (T* const to = output_.c.data + i * output_.c.stride + j;
                 columns == (narrow ? w / Dot::vectors : count * w)) {
        if (slice == 0) kernels::fetch_rows<true>(to, output_.c.stride, r, columns);
        kernel(left, right, b_.panel_bytes(), from, to, output_.c.stride);
      } else {  // the last panel: through scratch
        if (from.resume) copy_rows(to, output_.c.stride, scratch, count * w, r, columns);
        kernel(left, right, b_.panel_bytes(), from, scratch, count * w);
        copy_rows(scratch, count * w, to, output_.c.stride, r, columns);
      }
    }
  }

  Rows const& rows_;
  B const& b_;
  start<T> s_;
  Output const& output_;
  section panels_;
  left_source a_;
  k_slices slices_;
  std::ptrdiff_t block_ = 0;
};

/// How C is cut into tasks: enough to share out, and of such cuts the one that reads the least again. Every task down
/// reads a part of B, every task across a part of A.
struct task_grid {
  std::ptrdiff_t down = 1, across = 1;
  static constexpr std::ptrdiff_t enough = 8, panels_each = 2;

  static task_grid of(std::ptrdiff_t lines, std::ptrdiff_t left, std::ptrdiff_t panels, std::ptrdiff_t right) {
    task_grid best;
    std::ptrdiff_t most = 0, cost = 0;
    for (std::ptrdiff_t across = 1; across <= enough && (across == 1 || across * panels_each <= panels); across *= 2) {
      std::ptrdiff_t const down = kernels::least(lines, enough / across), again = down * right + across * left;
      if (down * across > most || (down * across == most && again < cost))
        best.down = down, best.across = across, most = down * across, cost = again;
    }
    return best;
  }

  /// f(lines, panels) for each task, of `all` lines and panels.
  template <class Pool, class F>
  void run(Pool& pool, std::ptrdiff_t all, std::ptrdiff_t panels, F const& f) const {
    auto const task = [&](std::ptrdiff_t t) {
      std::ptrdiff_t const i = t / across, j = t % across;
      f(section{all * i / down, all * (i + 1) / down}, section{panels * j / across, panels * (j + 1) / across});
    };
    if (down * across == 1) task(0);
    else pool.run(down * across, task);
  }
};

/// One panel is not worth a widened copy of A.
template <class Dot>
inline constexpr bool gains_by_widening = kernels::widening_dot<Dot> && !kernels::is_widened<Dot>;

/// Cuts C into tasks by shape alone, never by the number of threads, where the product is large enough to pay for it.
template <class Dot, class T, class B, class Output, class Pool>
void run_grid(left_source a, std::ptrdiff_t m, B const& b, start<T> s, Output const& output, Pool& pool) {
  if (m <= 0 || b.n <= 0) return;
  if constexpr (gains_by_widening<Dot>)
    if (b.panels() > 1) return run_grid<kernels::widened<Dot>>(a, m, b, s, output, pool);
  std::ptrdiff_t const panels = b.panels(), work = m * b.n * (b.k + 1);
  task_grid grid;
  if (!std::is_same_v<std::remove_const_t<Pool>, serial> && work > (1 << 17))
    grid = task_grid::of((m + Dot::rows - 1) / Dot::rows, m * a.steps * 4, panels, panels * b.panel_bytes());
  grid.run(pool, m, panels, [&](section down, section across) {
    matrix_rows<Dot> const rows{a, down};
    rectangle<Dot, T, matrix_rows<Dot>, B, Output>{rows, b, s, output, across}.run();
  });
}

}  // namespace octet::detail
