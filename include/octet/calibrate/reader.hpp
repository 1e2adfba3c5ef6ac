// Where samples come from: anything that is called for the next one, or a range of them.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <octet/exec/feed.hpp>

namespace octet {

/// A callable that returns the next sample, or nothing at the end.
template <class R>
concept data_callable = requires(R& r) {
  { r() } -> std::convertible_to<std::optional<feed>>;
};

/// A range of samples: a vector, a generator, a view.
template <class R>
concept data_range = requires(R& r) {
  { *r.begin() } -> std::convertible_to<feed>;
  { r.begin() != r.end() } -> std::convertible_to<bool>;
};

template <class R>
concept data_reader = data_callable<std::remove_reference_t<R>> || data_range<std::remove_reference_t<R>>;

/// Any data reader behind one type.
class reader {
 public:
  using next_function = std::function<std::optional<feed>()>;

  /// `size`: how many samples there are, where that is known (for progress).
  explicit reader(next_function next, std::optional<std::size_t> size = {}) : next_{std::move(next)}, size_{size} {}

  std::optional<feed> operator()() { return next_(); }
  std::optional<std::size_t> size() const { return size_; }

 private:
  next_function next_;
  std::optional<std::size_t> size_;
};

/// A reader over `r`; one that is an lvalue is not copied and must outlive the result.
template <data_reader R>
reader as_reader(R&& r) {
  using plain = std::remove_cvref_t<R>;
  if constexpr (std::is_same_v<plain, reader> && !std::is_lvalue_reference_v<R>) {
    return std::move(r);
  } else if constexpr (data_callable<std::remove_reference_t<R>>) {
    std::optional<std::size_t> size;
    if constexpr (requires {
                    { r.size() } -> std::convertible_to<std::optional<std::size_t>>;
                  })
      size = r.size();
    if constexpr (std::is_lvalue_reference_v<R>) {
      return reader{[&r]() -> std::optional<feed> { return r(); }, size};
    } else {  // shared: a std::function copies, a reader need not
      return reader{[p = std::make_shared<plain>(std::move(r))]() -> std::optional<feed> { return (*p)(); }, size};
    }
  } else {
    std::shared_ptr<std::remove_reference_t<R>> all;
    if constexpr (std::is_lvalue_reference_v<R>) all = {std::shared_ptr<void>{}, &r};
    else all = std::make_shared<plain>(std::move(r));
    std::optional<std::size_t> size;
    if constexpr (requires {
                    { r.size() } -> std::convertible_to<std::size_t>;
                  })
      size = all->size();
    using iterator = decltype(all->begin());
    return reader{[all, at = std::optional<iterator>{}]() mutable -> std::optional<feed> {
                    if (!at) at = all->begin();
                    else if (*at != all->end()) ++*at;
                    if (!(*at != all->end())) return std::nullopt;
                    return feed(**at);
                  },
                  size};
  }
}

}  // namespace octet
