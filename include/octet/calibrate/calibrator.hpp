// What a calibrator is: a value that chooses the range of a tensor from what was observed of it. The shipped ones and a
// user's own are alike.
#pragma once

#include <concepts>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <octet/calibrate/sketch.hpp>

namespace octet {

/// Chooses a range from a sketch; never called for one without finite values. Optional members: `static constexpr
/// sketch_parts parts` (what it reads; all parts otherwise), `name` (ONNX Runtime's of the method, for the range file).
template <class C>
concept calibrator = requires(C const& c, sketch const& s) {
  { c.choose(s) } -> std::convertible_to<range>;
};

/// A calibrator that the sketch is not enough for: it keeps a state a tensor, which must merge without showing the
/// order.
template <class C>
concept observing_calibrator =
    requires(C const& c, typename C::state& s, typename C::state const& t, sketch const& k, std::span<float const> x) {
      typename C::state;
      c.observe(s, x);
      c.merge(s, t);
      { c.choose(k, t) } -> std::convertible_to<range>;
    };

template <class C>
concept any_calibrator = calibrator<C> || observing_calibrator<C>;

/// Whether a calibrator may be part of a job's type: `calibrate<percentile{99.99}>(…)`.
template <auto C>
concept usable_calibrator = any_calibrator<std::remove_cvref_t<decltype(C)>>;

/// A calibrator behind function pointers, so that collecting is compiled once. It must outlive this.
struct calibrator_ref {
  void const* self = nullptr;
  sketch_parts parts = sketch_parts::extremes;
  std::string_view name = "MinMax";
  range (*choose)(void const* self, sketch const&, void const* state) = nullptr;
  std::shared_ptr<void> (*make_state)() = nullptr;  ///< null: the sketch is enough
  void (*observe)(void const* self, void* state, std::span<float const>) = nullptr;
  void (*merge)(void const* self, void* into, void const* from) = nullptr;
};

template <any_calibrator C>
calibrator_ref ref(C const& c) {
  calibrator_ref r{.self = &c};
  if constexpr (requires { C::parts; }) r.parts = C::parts;
  else r.parts = sketch_parts::histogram | sketch_parts::sums | sketch_parts::samples;
  if constexpr (requires { C::name; }) r.name = C::name;
  if constexpr (observing_calibrator<C>) {
    using state = typename C::state;
    r.make_state = []() -> std::shared_ptr<void> { return std::make_shared<state>(); };
    r.observe = [](void const* self, void* s, std::span<float const> x) {
      static_cast<C const*>(self)->observe(*static_cast<state*>(s), x);
    };
    r.merge = [](void const* self, void* a, void const* b) {
      static_cast<C const*>(self)->merge(*static_cast<state*>(a), *static_cast<state const*>(b));
    };
    r.choose = [](void const* self, sketch const& k, void const* s) -> range {
      return static_cast<C const*>(self)->choose(k, *static_cast<state const*>(s));
    };
  } else {
    r.choose = [](void const* self, sketch const& k, void const*) -> range {
      return static_cast<C const*>(self)->choose(k);
    };
  }
  return r;
}

/// A calibrator that is a template argument: one object for the whole program.
template <auto C>
  requires usable_calibrator<C>
inline constexpr auto calibrator_object = C;

/// `r` within the observed extremes; all of them where nothing is left.
constexpr range within(range r, range extremes) {
  range const cut{r.low > extremes.low ? r.low : extremes.low, r.high < extremes.high ? r.high : extremes.high};
  return cut.empty() ? extremes : cut;
}

/// [−a, a] with the larger magnitude of both ends.
constexpr range symmetric(range r) {
  float const low = r.low < 0 ? -r.low : r.low, high = r.high < 0 ? -r.high : r.high, a = low > high ? low : high;
  return {-a, a};
}

}  // namespace octet
