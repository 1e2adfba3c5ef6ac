// Arithmetic on the known elements of small tensors: what shape computations of exporters are made of.
#pragma once

#include <octet/infer/inference.hpp>

namespace octet::detail {

using maybe_quantity = std::optional<quantity>;

inline quantity real_quantity(double x) { return quantity_of(x); }

inline quantity reduced(expression top, std::int64_t bottom) {
  std::int64_t common = bottom;
  for (auto const& t : top.terms()) common = std::gcd(common, t.coefficient);
  quantity q{common > 1 ? floor_div(top, common) : std::move(top)};
  q.bottom = common > 1 ? bottom / common : bottom;
  return q;
}

/// A double operation when one of the numbers is not a fraction; nothing when the other one is symbolic.
template <class F>
maybe_quantity with_reals(quantity const& a, quantity const& b, F f) {
  auto const x = a.number(), y = b.number();
  if (!x || !y) return std::nullopt;
  return real_quantity(f(*x, *y));
}

inline maybe_quantity add_values(quantity const& a, quantity const& b, bool) {
  if (a.real || b.real) return with_reals(a, b, [](double x, double y) { return x + y; });
  return reduced(a.top * b.bottom + b.top * a.bottom, checked_product(a.bottom, b.bottom));
}
inline maybe_quantity subtract_values(quantity const& a, quantity const& b, bool) {
  if (a.real || b.real) return with_reals(a, b, [](double x, double y) { return x - y; });
  return reduced(a.top * b.bottom - b.top * a.bottom, checked_product(a.bottom, b.bottom));
}
inline maybe_quantity multiply_values(quantity const& a, quantity const& b, bool) {
  if (a.real || b.real) return with_reals(a, b, [](double x, double y) { return x * y; });
  return reduced(a.top * b.top, checked_product(a.bottom, b.bottom));
}

/// Integers: towards zero. Real numbers: exact or nothing.
inline maybe_quantity divide_values(quantity const& a, quantity const& b, bool integer) {
  if (integer) {
    if (!a.whole() || !b.whole() || b.top.is(0)) return std::nullopt;
    if (a.top.is_number() && b.top.is_number()) {
      if (b.top.is(-1)) return quantity{-a.top};
      return quantity{a.top.constant() / b.top.constant()};
    }
    if (a.top.range().low < 0 || b.top.range().low < 0) return std::nullopt;
    return quantity{floor_div(a.top, b.top)};
  }
  if (a.real || b.real) return with_reals(a, b, [](double x, double y) { return x / y; });
  if (b.top.is_number()) {
    auto const n = b.top.constant();
    if (n == 0 || n == lowest) return std::nullopt;
    bool const power_of_two = (std::abs(n) & (std::abs(n) - 1)) == 0;
    if (a.top.is_number() && !power_of_two) return with_reals(a, b, [](double x, double y) { return x / y; });
    auto const top = a.top * b.bottom;
    return reduced(n < 0 ? -top : top, checked_product(a.bottom, std::abs(n)));
  }
  if (auto const exact = divided(a.top * b.bottom, b.top)) return reduced(*exact, a.bottom);
  return std::nullopt;
}

inline maybe_quantity floor_value(quantity const& a) {
  if (a.real) return real_quantity(std::floor(*a.real));
  return quantity{floor_div(a.top, a.bottom)};
}
inline maybe_quantity ceil_value(quantity const& a) {
  if (a.real) return real_quantity(std::ceil(*a.real));
  return quantity{ceil_div(a.top, a.bottom)};
}
inline maybe_quantity truncated_value(quantity const& a) {
  if (a.whole()) return a;
  if (auto const x = a.number()) {
    if (!(std::abs(*x) < 9e15)) return std::nullopt;
    return quantity{static_cast<std::int64_t>(*x)};
  }
  return a.top.range().low >= 0 ? floor_value(a) : std::nullopt;
}
inline maybe_quantity round_value(quantity const& a) {
  if (a.whole()) return a;
  if (auto const x = a.number()) return real_quantity(std::nearbyint(*x));
  return std::nullopt;
}
inline maybe_quantity negate_value(quantity const& a) { return subtract_values(quantity{0}, a, false); }
inline maybe_quantity abs_value(quantity const& a) {
  if (auto const x = a.number(); x && !a.whole()) return real_quantity(std::abs(*x));
  if (a.top.range().low >= 0) return a;
  return a.top.range().high <= 0 ? negate_value(a) : std::nullopt;
}
inline maybe_quantity sqrt_value(quantity const& a) {
  auto const x = a.number();
  return x && *x >= 0 ? maybe_quantity{real_quantity(std::sqrt(*x))} : std::nullopt;
}
inline maybe_quantity log_value(quantity const& a) {
  auto const x = a.number();
  return x && *x > 0 ? maybe_quantity{real_quantity(std::log(*x))} : std::nullopt;
}
inline maybe_quantity same_value(quantity const& a) { return a; }

inline maybe_quantity power_values(quantity const& a, quantity const& b, bool integer) {
  if (b.whole() && b.top.is(1)) return a;
  if (b.whole() && b.top.is(2)) return multiply_values(a, a, integer);
  return with_reals(a, b, [](double x, double y) { return std::pow(x, y); });
}
inline maybe_quantity modulo_values(quantity const& a, quantity const& b, bool) {
  if (!a.whole() || !b.whole() || b.top.is(0)) return std::nullopt;
  return quantity{modulo(a.top, b.top)};
}
inline maybe_quantity max_values(quantity const& a, quantity const& b, bool) {
  if (a.whole() && b.whole()) return quantity{max(a.top, b.top)};
  return with_reals(a, b, [](double x, double y) { return std::max(x, y); });
}
inline maybe_quantity min_values(quantity const& a, quantity const& b, bool) {
  if (a.whole() && b.whole()) return quantity{min(a.top, b.top)};
  return with_reals(a, b, [](double x, double y) { return std::min(x, y); });
}

/// The range of a − b; for real numbers only its sign is meant.
inline std::optional<interval> difference(quantity const& a, quantity const& b) {
  if (a.real || b.real) {
    auto const x = a.number(), y = b.number();
    if (!x || !y) return std::nullopt;
    std::int64_t const sign = (*x > *y) - (*x < *y);
    return interval{sign, sign};
  }
  return (a.top * b.bottom - b.top * a.bottom).range();
}
inline maybe_quantity truth(bool yes, bool no) {
  return yes || no ? maybe_quantity{quantity{std::int64_t{yes}}} : std::nullopt;
}
inline maybe_quantity equal_values(quantity const& a, quantity const& b, bool) {
  auto const d = difference(a, b);
  return d ? truth(*d == interval{0, 0}, d->low > 0 || d->high < 0) : std::nullopt;
}
inline maybe_quantity less_values(quantity const& a, quantity const& b, bool) {
  auto const d = difference(a, b);
  return d ? truth(d->high < 0, d->low >= 0) : std::nullopt;
}
inline maybe_quantity at_most_values(quantity const& a, quantity const& b, bool) {
  auto const d = difference(a, b);
  return d ? truth(d->high <= 0, d->low > 0) : std::nullopt;
}
inline maybe_quantity greater_values(quantity const& a, quantity const& b, bool) { return less_values(b, a, false); }
inline maybe_quantity at_least_values(quantity const& a, quantity const& b, bool) {
  return at_most_values(b, a, false);
}
inline maybe_quantity and_values(quantity const& a, quantity const& b, bool) { return min_values(a, b, true); }
inline maybe_quantity or_values(quantity const& a, quantity const& b, bool) { return max_values(a, b, true); }
inline maybe_quantity not_value(quantity const& a) {
  return a.whole() ? maybe_quantity{quantity{1 - a.top}} : std::nullopt;
}

using binary_value = maybe_quantity (*)(quantity const&, quantity const&, bool integer);
using unary_value = maybe_quantity (*)(quantity const&);

constexpr bool is_integer(element e) {
  using enum element;
  return is_signed(e) || e == u8 || e == u16 || e == u32 || e == u64 || e == boolean || e == u4 || e == u2;
}

/// For each element of a tensor of shape `out`: the index of the element that an operand of shape `in` gives it.
inline std::vector<std::size_t> broadcast_indices(shape const& in, shape const& out) {
  std::vector<std::size_t> all(static_cast<std::size_t>(out.size()), 0);
  auto const step = strides(in);
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto rest = static_cast<std::int64_t>(i);
    std::int64_t at = 0;
    for (std::size_t a = out.rank(); a-- != 0; rest /= out[a])
      if (a + in.rank() >= out.rank())
        if (auto const k = a + in.rank() - out.rank(); in[k] != 1) at += rest % out[a] * step[k];
    all[i] = static_cast<std::size_t>(at);
  }
  return all;
}

/// The elements of `f` seen in shape `out`; nothing when they are not known.
inline std::optional<quantities> broadcast_values(tensor_facts const& f, shape const& out) {
  if (!f.values || !f.dims) return std::nullopt;
  auto const in = fixed_shape(*f.dims);
  if (!in || in->rank() > out.rank() || in->size() != static_cast<std::int64_t>(f.values->size())) return std::nullopt;
  quantities v;
  for (auto const i : broadcast_indices(*in, out)) {
    if (i >= f.values->size()) return std::nullopt;
    v.push_back((*f.values)[i]);
  }
  return v;
}

/// The shape when it is small enough for values.
inline std::optional<shape> value_shape(std::optional<dimensions> const& dims) {
  if (!dims) return std::nullopt;
  auto s = fixed_shape(*dims);
  if (!s) return std::nullopt;
  std::int64_t n = 1;
  for (auto const d : *s)
    if (d < 0 || d > value_limit || (n *= std::max<std::int64_t>(d, 1)) > value_limit) return std::nullopt;
  return s;
}

inline std::optional<quantities> combine_values(tensor_facts const& a, tensor_facts const& b, shape const& out,
                                                binary_value f, bool integer) {
  auto const x = broadcast_values(a, out), y = broadcast_values(b, out);
  if (!x || !y) return std::nullopt;
  quantities v(x->size());
  for (std::size_t i = 0; i < v.size(); ++i)
    if ((*x)[i] && (*y)[i]) v[i] = f(*(*x)[i], *(*y)[i], integer);
  return v;
}

}  // namespace octet::detail
