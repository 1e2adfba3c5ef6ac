// Memory of a session: the buffers of tensors that nobody uses any more serve the next ones.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <utility>

#include <octet/core/tensor.hpp>

namespace octet {

/// A pool of 64-byte aligned buffers with a limit on their sum. Tensors made here keep the pool's store alive.
class buffers {
 public:
  explicit buffers(std::size_t limit = std::size_t(-1)) : store_{std::make_shared<store>()} { store_->limit = limit; }

  /// A tensor, not initialized, with 64 readable bytes behind it. Throws `runtime` over the memory limit.
  tensor make(element type, shape const& dims) {
    auto const bytes = byte_size(type, dims.size());
    auto const [p, capacity] = store_->take(rounded(bytes));
    std::shared_ptr<void> owner{p, [s = store_, n = capacity](void* q) { s->give(q, n); }};
    return {type, dims, std::span{static_cast<std::byte const*>(p), bytes}, std::move(owner)};
  }

  std::size_t peak() const { return store_->peak; }  ///< most bytes that were in use or kept at once
  void clear() { store_->clear(); }                  ///< frees what is not in use

 private:
  static constexpr std::size_t align = tensor::alignment;
  static std::size_t rounded(std::size_t n) { return (n / align + 2) * align; }

  struct store {
    std::multimap<std::size_t, void*> free{};
    std::size_t held = 0, peak = 0, limit = 0;
    std::mutex mutex{};

    ~store() { clear(); }
    std::pair<void*, std::size_t> take(std::size_t n) {
      std::lock_guard const lock{mutex};
      if (auto const it = free.lower_bound(n); it != free.end() && it->first <= 2 * n + 4096) {
        std::pair<void*, std::size_t> const found{it->second, it->first};
        free.erase(it);
        return found;
      }
      if (held + n > limit || held + n < held) drop();
      if (held + n > limit || held + n < held)
        throw error{error_kind::runtime,
                    "a tensor of " + std::to_string(n) + " bytes exceeds the memory limit",
                    {},
                    "raise the limit, or run with smaller inputs"};
      void* const p = ::operator new(n, std::align_val_t{align}, std::nothrow);
      if (p == nullptr)
        throw error{error_kind::runtime, "out of memory for a tensor of " + std::to_string(n) + " bytes"};
      held += n;
      peak = held > peak ? held : peak;
      return {p, n};
    }
    void give(void* p, std::size_t n) {
      std::lock_guard const lock{mutex};
      free.emplace(n, p);
    }
    void drop() {
      for (auto const& [n, p] : free) ::operator delete(p, std::align_val_t{align}), held -= n;
      free.clear();
    }
    void clear() {
      std::lock_guard const lock{mutex};
      drop();
    }
  };
  std::shared_ptr<store> store_;
};

}  // namespace octet
