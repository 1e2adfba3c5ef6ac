// A contiguous tensor. Copies share their bytes; the bytes may belong to somebody else, such as a mapped file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <octet/core/element.hpp>
#include <octet/core/shape.hpp>

namespace octet {

/// Bytes of `n` elements; throws `invalid` for a type without a size (text) and on overflow.
inline std::size_t byte_size(element e, std::int64_t n) {
  std::int64_t total = 0;
  if (bits(e) == 0) throw error{error_kind::unsupported, "tensors of type " + onnx_name(e) + " have no fixed size"};
  if (n < 0 || __builtin_mul_overflow(n, std::int64_t{bits(e)}, &total))
    throw error{error_kind::invalid, "a tensor of " + std::to_string(n) + " elements is too large"};
  return static_cast<std::size_t>(total / 8 + (total % 8 != 0));
}

/// Element type, shape and bytes in row-major order, little-endian, packed types low bits first (as ONNX raw_data).
/// Copying is cheap and shares the bytes: write only to a tensor that you have just made.
class tensor {
 public:
  static constexpr std::size_t alignment = 64;

  tensor() = default;
  tensor(tensor const&) = default;
  tensor& operator=(tensor const&) = default;
  tensor(tensor&& o) noexcept { swap(o); }
  tensor& operator=(tensor&& o) noexcept {
    tensor old{std::move(*this)};  // its bytes go last, and `o` is left empty
    swap(o);
    return *this;
  }
  ~tensor() = default;

  /// Owned bytes, not initialized, 64-byte aligned, with 64 bytes behind them that may be read.
  tensor(element type, shape dims) : type_{type}, shape_{std::move(dims)}, bytes_{byte_size(type, shape_.size())} {
    auto block = std::make_shared_for_overwrite<std::byte[]>(bytes_ + 2 * alignment);  // one allocation, unlike new
    auto const skip = (alignment - reinterpret_cast<std::uintptr_t>(block.get()) % alignment) % alignment;
    data_ = block.get() + skip;
    owner_ = std::move(block);
  }

  /// Bytes of somebody else, kept alive by `owner`; throws `invalid` when their number does not fit the shape.
  tensor(element type, shape dims, std::span<std::byte const> bytes, std::shared_ptr<void const> owner)
      : type_{type}, shape_{std::move(dims)}, bytes_{bytes.size()}, owner_{std::move(owner)}, data_{bytes.data()} {
    if (auto const want = byte_size(type_, shape_.size()); want != bytes_)
      throw error{error_kind::invalid, "a tensor of shape " + shape_.text() + " and type " + onnx_name(type_) +
                                           " needs " + std::to_string(want) + " bytes and has " +
                                           std::to_string(bytes_)};
  }

  /// A tensor of strings.
  tensor(shape dims, std::vector<std::string> strings) : type_{element::text}, shape_{std::move(dims)} {
    auto const all = std::make_shared<std::vector<std::string>>(std::move(strings));
    if (shape_.size() != static_cast<std::int64_t>(all->size()))
      throw error{error_kind::invalid,
                  "a tensor of shape " + shape_.text() + " has " + std::to_string(all->size()) + " strings"};
    strings_ = all.get();
    owner_ = all;
  }

  /// A sequence of tensors as one value of a model: it has no elements of its own, and type `undefined`.
  static tensor sequence(std::vector<tensor> items) {
    tensor t;
    t.owner_ = std::make_shared<std::vector<tensor>>(std::move(items));
    return t;
  }

  template <class T>
  static tensor of(shape dims, std::vector<T> const& values) {
    tensor t{element_of<T>(), std::move(dims)};
    if (t.size() != static_cast<std::int64_t>(values.size()))
      throw error{error_kind::invalid,
                  "a tensor of shape " + t.shape_.text() + " has " + std::to_string(values.size()) + " values"};
    std::copy(values.begin(), values.end(), t.mutable_as<T>().begin());
    return t;
  }
  template <class T>
  static tensor scalar(T value) {
    tensor t{element_of<T>(), {}};
    t.mutable_as<T>()[0] = value;
    return t;
  }

  element type() const { return type_; }
  shape const& dims() const { return shape_; }
  std::size_t rank() const { return shape_.rank(); }
  std::int64_t size() const { return shape_.size(); }
  /// False for a tensor that was default-constructed: an absent optional input.
  explicit operator bool() const { return owner_ != nullptr || data_ != nullptr; }

  std::span<std::byte const> bytes() const { return {data_, bytes_}; }
  std::span<std::byte> mutable_bytes() { return {const_cast<std::byte*>(data_), bytes_}; }

  /// The elements as T; T must store the element type (16-bit floats: std::uint16_t). Throws `invalid` otherwise.
  template <class T>
  std::span<T const> as() const {
    check<T>();
    return {reinterpret_cast<T const*>(data_), bytes_ / sizeof(T)};
  }
  template <class T>
  std::span<T> mutable_as() {
    check<T>();
    return {reinterpret_cast<T*>(const_cast<std::byte*>(data_)), bytes_ / sizeof(T)};
  }
  std::span<std::string const> strings() const {
    if (strings_ == nullptr)
      throw error{error_kind::invalid, "a tensor of type " + onnx_name(type_) + " holds no strings"};
    return *strings_;
  }

  bool is_sequence() const { return type_ == element::undefined && owner_ != nullptr; }
  /// The tensors of a sequence; throws `invalid` for anything else.
  std::span<tensor const> items() const {
    if (!is_sequence()) throw error{error_kind::invalid, "a tensor of type " + onnx_name(type_) + " is not a sequence"};
    return *static_cast<std::vector<tensor> const*>(owner_.get());
  }

  /// Whether the bytes lie as a C++ object of the element type must; mapped files place them anywhere.
  bool aligned() const {
    auto const size = static_cast<std::size_t>(bits(type_) / 8);
    return size < 2 || reinterpret_cast<std::uintptr_t>(data_) % std::min<std::size_t>(size, 8) == 0;
  }
  /// This tensor, or an aligned copy of it where it is not.
  tensor align() const { return aligned() ? *this : copy(); }

  tensor copy() const {
    if (strings_ != nullptr || is_sequence()) return *this;
    tensor t{type_, shape_};
    if (bytes_ != 0) std::memcpy(t.mutable_bytes().data(), data_, bytes_);
    return t;
  }

  /// The same bytes under another shape of the same size, or another type of the same width.
  tensor reshaped(shape dims) const {
    if (dims.size() != size())
      throw error{error_kind::invalid, "shape " + shape_.text() + " does not become " + dims.text()};
    tensor t = *this;
    t.shape_ = std::move(dims);
    return t;
  }
  tensor viewed_as(element type) const {
    if (bits(type) != bits(type_)) throw error{error_kind::internal, "a view changes the width of elements"};
    tensor t = *this;
    t.type_ = type;
    return t;
  }
  /// True when nobody else can see the bytes: an operator may then write its result over its input.
  bool unique() const { return owner_.use_count() == 1; }
  /// What keeps the bytes alive.
  std::shared_ptr<void const> const& owner() const { return owner_; }

 private:
  void swap(tensor& o) noexcept {
    std::swap(type_, o.type_), std::swap(shape_, o.shape_), std::swap(bytes_, o.bytes_);
    owner_.swap(o.owner_), std::swap(data_, o.data_), std::swap(strings_, o.strings_);
  }
  template <class T>
  void check() const {
    if (bits(type_) != static_cast<int>(sizeof(T)) * 8 && !(bits(type_) < 8 && bits(type_) > 0 && sizeof(T) == 1))
      throw error{error_kind::invalid, "a tensor of type " + onnx_name(type_) + " was read as elements of " +
                                           std::to_string(sizeof(T)) + " bytes"};
    constexpr element want = element_of<T>();
    if constexpr (want == element::f32 || want == element::f64)
      if (type_ != want)
        throw error{error_kind::invalid, "a tensor of type " + onnx_name(type_) + " was read as " + onnx_name(want)};
  }

  element type_ = element::undefined;
  shape shape_{0};
  std::size_t bytes_ = 0;
  std::shared_ptr<void const> owner_{};
  std::byte const* data_ = nullptr;
  std::vector<std::string> const* strings_ = nullptr;
};

}  // namespace octet
