// Names to numbers without keeping a second copy of any name: models have one for each of tens of thousands of tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace octet {

/// An open-addressing table of numbers with distinct names. Who uses it keeps the names: `name_of(number)` returns that
/// of an entry, which must not change while it is in the table.
class name_index {
 public:
  static constexpr std::int32_t none = -1;

  /// The number of that name, or `none`.
  template <class NameOf>
  std::int32_t find(std::string_view name, NameOf&& name_of) const {
    auto const at = place(name, name_of);
    return at == slots_.size() ? none : slots_[at].number;
  }
  /// Takes in `number`, whose name must not be in the table.
  void insert(std::string_view name, std::int32_t number) {
    if (3 * (filled_ + 1) > 2 * slots_.size()) grow();
    filled_ += put({hash_of(name), number}), ++size_;
  }
  template <class NameOf>
  void erase(std::string_view name, NameOf&& name_of) {
    if (auto const at = place(name, name_of); at != slots_.size()) slots_[at].number = erased, --size_;
  }

 private:
  static constexpr std::int32_t erased = -2;  // a search goes on behind it
  struct slot {
    std::uint32_t hash = 0;
    std::int32_t number = none;
  };
  static std::uint32_t hash_of(std::string_view name) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(name));
  }

  template <class NameOf>
  std::size_t place(std::string_view name, NameOf&& name_of) const {
    if (slots_.empty()) return 0;
    auto const hash = hash_of(name);
    auto const mask = slots_.size() - 1;
    for (auto i = hash & mask;; i = (i + 1) & mask) {
      auto const& s = slots_[i];
      if (s.number == none) return slots_.size();
      if (s.hash == hash && s.number >= 0 && name_of(s.number) == name) return i;
    }
  }
  /// True when it filled a slot that had always been empty.
  bool put(slot s) {
    auto const mask = slots_.size() - 1;
    auto i = s.hash & mask;
    while (slots_[i].number >= 0) i = (i + 1) & mask;
    bool const fresh = slots_[i].number == none;
    slots_[i] = s;
    return fresh;
  }
  void grow() {
    std::size_t wanted = 16;
    while (wanted < 3 * (size_ + 1)) wanted *= 2;
    auto const old = std::exchange(slots_, std::vector<slot>(wanted));
    filled_ = size_;
    for (auto const& s : old)
      if (s.number >= 0) put(s);
  }

  std::vector<slot> slots_{};  ///< none, or a power of two of them
  std::size_t size_ = 0, filled_ = 0;
};

}  // namespace octet
