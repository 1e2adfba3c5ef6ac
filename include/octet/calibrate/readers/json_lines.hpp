// Samples as text: one JSON object a line, values by input name; an empty line begins a new sequence.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/calibrate/json_text.hpp>
#include <octet/calibrate/readers/signature.hpp>
#include <octet/core/convert.hpp>
#include <octet/io/file.hpp>

namespace octet {
namespace detail {

/// The lines of a file that hold samples.
class json_lines {
 public:
  struct line {
    std::string_view text{};
    std::size_t number = 0;  ///< in the file, from 1
    bool begins = false;     ///< a sequence: it is the first, or comes after an empty line
  };

  json_lines(source s, std::string name) : source_{std::move(s)}, name_{std::move(name)} {
    std::string_view rest{reinterpret_cast<char const*>(source_.bytes.data()), source_.bytes.size()};
    bool begins = true;
    for (std::size_t number = 1; !rest.empty(); ++number) {
      auto const end = std::min(rest.find('\n'), rest.size());
      auto const text = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      bool const blank = text.find_first_not_of(" \t\r") == text.npos;
      if (!blank) lines_.push_back({text, number, begins});
      begins = blank;
    }
  }

  std::size_t size() const { return lines_.size(); }
  line const& operator[](std::size_t i) const { return lines_[i]; }
  std::string place(std::size_t i) const { return name_ + ", line " + std::to_string(lines_[i].number); }

 private:
  source source_;
  std::string name_;
  std::vector<line> lines_{};
};

/// Nested lists of one kind of scalar, as they are read.
struct json_values {
  std::vector<std::int64_t> dims{}, whole{};
  std::vector<double> real{};
  std::vector<std::string> words{};
  bool fractions = false;  ///< some number is no integer of 64 bits: `whole` does not tell all
};

inline void read_json_values(json_reader& in, json_values& v, std::size_t depth, std::size_t& rank) {
  char const c = in.peek();
  if (c == '[') {
    std::int64_t n = 0;
    bool const known = v.dims.size() > depth;
    if (!known) v.dims.push_back(-1);
    in.array([&] { read_json_values(in, v, depth + 1, rank), ++n; });
    if (v.dims[depth] >= 0 && v.dims[depth] != n) in.fail("lists differ in length");
    v.dims[depth] = n;
    if (n == 0) rank = std::max(rank, depth + 1);
    return;
  }
  if (rank != 0 && rank - 1 != depth) in.fail("lists differ in depth");
  rank = depth + 1;
  if (c == '"') {
    v.words.push_back(in.string());
  } else if (std::int64_t n = 0; c == 't' || c == 'f') {
    v.whole.push_back(in.boolean() ? 1 : 0), v.real.push_back(static_cast<double>(v.whole.back()));
  } else if (in.integer(n)) {
    v.whole.push_back(n), v.real.push_back(static_cast<double>(n));
  } else {
    v.fractions = true, v.whole.push_back(0), v.real.push_back(in.number());
  }
}

template <class T>
tensor whole_tensor(json_reader const& in, json_values const& v, element type, shape dims) {
  tensor t{type, std::move(dims)};
  for (std::size_t i = 0; i < v.whole.size(); ++i) {
    if (!std::in_range<T>(v.whole[i])) in.fail("a number does not fit the type");
    auto const n = static_cast<T>(v.whole[i]);
    std::memcpy(t.mutable_bytes().data() + i * sizeof(T), &n, sizeof(T));
  }
  return t;
}

inline tensor integer_tensor(json_reader const& in, json_values const& v, element type, shape const& dims) {
  if (v.fractions) in.fail("an integer is missing");
  switch (type) {
    case element::s8:
      return whole_tensor<std::int8_t>(in, v, type, dims);
    case element::u8:
      return whole_tensor<std::uint8_t>(in, v, type, dims);
    case element::s16:
      return whole_tensor<std::int16_t>(in, v, type, dims);
    case element::u16:
      return whole_tensor<std::uint16_t>(in, v, type, dims);
    case element::s32:
      return whole_tensor<std::int32_t>(in, v, type, dims);
    case element::u32:
      return whole_tensor<std::uint32_t>(in, v, type, dims);
    case element::s64:
      return whole_tensor<std::int64_t>(in, v, type, dims);
    case element::u64:
      return whole_tensor<std::uint64_t>(in, v, type, dims);
    case element::boolean:
      for (auto const n : v.whole)
        if (n != 0 && n != 1) in.fail("a boolean is missing");
      return whole_tensor<std::uint8_t>(in, v, type, dims);
    default:
      throw error{error_kind::unsupported, "JSON holds no " + onnx_name(type)};
  }
}

/// The tensor that is next, of the type that the input wants: where that is open, INT64 if all numbers are integers,
/// else FLOAT. A list that has one dimension less than the input is a batch of one.
inline tensor read_json_tensor(json_reader& in, model_input const* wanted) {
  json_values v;
  std::size_t rank = 0;
  read_json_values(in, v, 0, rank);
  if (!v.words.empty() && !v.whole.empty()) in.fail("numbers and strings are mixed");
  auto type = v.fractions ? element::f32 : element::s64;
  if (wanted != nullptr && wanted->type && wanted->type->is_tensor()) {
    auto const& t = *wanted->type;
    if (t.element != element::undefined) type = t.element;
    if (t.dims && t.dims->size() == v.dims.size() + 1 && (!(*t.dims)[0].known() || (*t.dims)[0].size == 1))
      v.dims.insert(v.dims.begin(), 1);
  }
  shape const dims{std::span<std::int64_t const>{v.dims}};
  if (!v.words.empty()) return {dims, std::move(v.words)};
  if (type == element::f64) return tensor::of(dims, v.real);
  if (!fits_f32(type)) return integer_tensor(in, v, type, dims);
  tensor t{element::f32, dims};
  for (std::size_t i = 0; i < v.real.size(); ++i) t.mutable_as<float>()[i] = static_cast<float>(v.real[i]);
  return from_f32(t, type);
}

/// The sample in one line: an object of values by input name, or the values alone where the model has one input.
inline feed read_json_line(std::string_view text, std::vector<model_input> const& inputs, model_input const* only) {
  json_reader in{text, "a sample"};
  feed sample;
  auto const add = [&](std::string const& name) {
    model_input const* wanted = nullptr;
    for (auto const& i : inputs)
      if (i.name == name) wanted = &i;
    if (!sample.emplace(name, located("tensor '" + name + "'", [&] { return read_json_tensor(in, wanted); })).second)
      in.fail("a name stands there twice");
  };
  if (in.peek() == '{') in.object(add);
  else if (only != nullptr) add(only->name);
  else in.fail("an object of values by input name is missing");
  if (!in.done()) in.fail("something follows the sample");
  return sample;
}

}  // namespace detail
}  // namespace octet
