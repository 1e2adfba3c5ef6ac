// Self-attention as exporters spell it out, in several dialects.
#pragma once

#include <support/builder.hpp>

namespace support {

/// Which dialect: where the scale is, what the mask is, whether batch and heads are one axis, one projection or three.
/// `past`: two earlier keys and values come first, and all of them are outputs; `later`: `where` shows one key too
/// many.
struct attention_form {
  bool scale_query = false, heads_in_batch = false, packed = false, where = false, padding = false, windows = false,
       equal = false, weights_read = false, past = false, later = false;
  bool merged = true;
  double scale = 0.5, hidden = -3.4028234663852886e38;  ///< `hidden` takes the place of scores
};

inline builder attention_model(attention_form const& f, std::int64_t opset = 13) {
  using namespace octet::ops;
  using list = std::vector<std::int64_t>;
  builder g{opset};
  auto const x = g.input("x", {2, 3, 8});
  octet::value_id packed = octet::value_id::none;
  if (f.packed) packed = g(Add, {g(MatMul, {x, noise({8, 24}, 9)}), noise({24}, 8)});
  auto const projection = [&](int i) {
    if (f.packed) return g(Slice, {packed, ints({8 * i}), ints({8 * i + 8}), ints({2})});
    auto const seed = static_cast<std::uint32_t>(i);
    return g(Add, {g(MatMul, {x, noise({8, 8}, seed)}), noise({8}, seed + 10)});
  };
  auto const split = [&](octet::value_id v) {
    auto const h = g(Transpose, {g(Reshape, {v, ints({2, 3, 2, 4})})}, {{"perm", list{0, 2, 1, 3}}});
    return f.heads_in_batch ? g(Reshape, {h, ints({4, 3, 4})}) : h;
  };
  auto const grown = [&](octet::value_id v, char const* name) {
    if (!f.past) return v;
    auto const all = g(Concat, {g.input(name, {2, 2, 2, 4}), v}, {{"axis", -2}}, std::string{"present_"} + name);
    g.output(all);
    return all;
  };
  int const keys = f.past ? 5 : 3;
  auto q = projection(0);
  if (f.scale_query) q = g(Mul, {q, f.scale});
  auto const k =
      g(Transpose, {grown(split(projection(1)), "k")}, {{"perm", f.heads_in_batch ? list{0, 2, 1} : list{0, 1, 3, 2}}});
  auto s = g(MatMul, {split(q), k});
  if (!f.scale_query) s = g(Mul, {s, f.scale});
  if (f.where) {
    octet::tensor lower{octet::element::boolean, {1, 1, 3, keys}};
    for (int i = 0; i < 3 * keys; ++i)
      lower.mutable_as<std::uint8_t>()[static_cast<std::size_t>(i)] = i % keys <= i / keys + keys - 3 + f.later;
    s = g(Where, {lower, s, f.hidden});
  }
  if (f.windows)  // the batch is one picture of two windows, each with a mask of its own
    s = g(Reshape, {g(Add, {g(Reshape, {s, ints({1, 2, 2, 3, 3})}), noise({1, 2, 1, 3, 3}, 20)}), ints({2, 2, 3, 3})});
  if (f.equal) {
    auto const mask = g.input("mask", {2, 3}, octet::element::s64);
    octet::tensor none{octet::element::s64, {}};
    none.mutable_as<std::int64_t>()[0] = 0;
    auto const gone = g(Unsqueeze, {g(Equal, {mask, none}), ints({1, 2})});
    s = g(Where, {g(Expand, {gone, ints({2, 2, 3, 3})}), f.hidden, s});
  }
  if (f.padding) {
    auto const mask = g.input("mask", {2, 3}, octet::element::s64);
    auto const wide = g(Cast, {g(Unsqueeze, {mask, ints({1, 2})})}, {{"to", 1}});
    s = g(Add, {s, g(Mul, {g(Sub, {1.0, wide}), -10000.0})});
  }
  auto const p = g(Softmax, {s}, {{"axis", -1}});
  auto const c = g(MatMul, {p, grown(split(projection(2)), "v")});
  auto const apart = f.heads_in_batch ? g(Reshape, {c, ints({2, 2, 3, 4})}) : c;
  if (!f.merged) g.output(g(Neg, {apart}));
  else g.output(g(Reshape, {g(Transpose, {apart}, {{"perm", list{0, 2, 1, 3}}}), ints({2, 3, 8})}));
  if (f.weights_read) g.output(g(Neg, {p}));
  return g;
}

}  // namespace support
