// A growing list whose elements never move: std::deque with more than one large element to an allocation.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <utility>

namespace octet {

/// T must be default-constructible: a chunk of `Each` elements is made at once.
template <class T, std::size_t Each = 16>
class chunked {
 public:
  chunked() = default;
  chunked(chunked const&) = default;
  chunked(chunked&& o) noexcept : chunks_{std::move(o.chunks_)}, size_{std::exchange(o.size_, 0)} {}
  chunked& operator=(chunked o) noexcept {
    chunks_.swap(o.chunks_);
    std::swap(size_, o.size_);
    return *this;
  }
  ~chunked() = default;

  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return chunks_[i / Each][i % Each]; }
  T const& operator[](std::size_t i) const { return chunks_[i / Each][i % Each]; }
  /// A new last element, default-constructed. References to others stay valid.
  T& grow() {
    if (size_ == chunks_.size() * Each) chunks_.emplace_back();
    return (*this)[size_++];
  }

 private:
  std::deque<std::array<T, Each>> chunks_{};
  std::size_t size_ = 0;
};

}  // namespace octet
