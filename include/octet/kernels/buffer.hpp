// Storage of packed operands and scratch.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include <octet/core/config.hpp>

namespace octet::kernels {

/// Elements without constructors, aligned to 64 bytes, with 64 bytes behind them that may be read. Not initialized.
template <class T>
class buffer {
 public:
  static_assert(std::is_trivially_copyable_v<T>);
  buffer() = default;
  OCTET_INLINE explicit buffer(std::ptrdiff_t n) { resize(n); }
  OCTET_INLINE buffer(buffer&& o) noexcept
      : data_{std::exchange(o.data_, nullptr)}, size_{std::exchange(o.size_, 0)}, room_{std::exchange(o.room_, 0)} {}
  OCTET_INLINE buffer& operator=(buffer&& o) noexcept {
    std::swap(data_, o.data_);
    std::swap(size_, o.size_);
    std::swap(room_, o.room_);
    return *this;
  }
  OCTET_INLINE ~buffer() {
    if (data_) ::operator delete(data_, alignment);
  }

  /// Forgets the elements; allocates only when there was never room for so many.
  OCTET_INLINE void resize(std::ptrdiff_t n) {
    OCTET_ASSERT(n >= 0);
    if (n > room_) {
      T* const fresh = static_cast<T*>(::operator new(static_cast<std::size_t>(n) * sizeof(T) + 64, alignment));
      if (data_) ::operator delete(data_, alignment);
      data_ = fresh;
      room_ = n;
    }
    size_ = n;
  }
  /// Sets every byte to zero.
  OCTET_INLINE void clear() {
    if (size_) std::memset(static_cast<void*>(data_), 0, static_cast<std::size_t>(size_) * sizeof(T));
  }

  OCTET_INLINE T* data() { return data_; }
  OCTET_INLINE T const* data() const { return data_; }
  OCTET_INLINE std::ptrdiff_t size() const { return size_; }
  OCTET_INLINE T& operator[](std::ptrdiff_t i) { return data_[i]; }
  OCTET_INLINE T const& operator[](std::ptrdiff_t i) const { return data_[i]; }

 private:
  static constexpr std::align_val_t alignment{64};
  T* data_ = nullptr;
  std::ptrdiff_t size_ = 0, room_ = 0;
};

}  // namespace octet::kernels
