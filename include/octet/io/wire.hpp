// Protobuf parses only the outline of a model: here payloads are taken out of the bytes before it, and put in after it.
// So weights are neither copied nor limited to protobuf's 2 GiB, and a file is written without being built in memory.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <octet/core/error.hpp>

namespace octet::detail {

static_assert(std::endian::native == std::endian::little, "octet: ONNX stores little-endian numbers");

using bytes_view = std::span<std::byte const>;

inline bytes_view as_view(std::string_view s) { return std::as_bytes(std::span{s.data(), s.size()}); }
inline std::string_view as_text(bytes_view b) { return {reinterpret_cast<char const*>(b.data()), b.size()}; }

/// The messages of ONNX that hold payloads somewhere below them.
enum class part : std::uint8_t { plain, payload, model, graph, function, node, attribute, tensor };

/// What field `number` of `in` holds. A payload is raw_data, or a message that is carried whole: a sparse tensor,
/// training info.
constexpr part part_of(part in, std::uint32_t number) {
  switch (in) {
    case part::model:
      return number == 7 ? part::graph : number == 25 ? part::function : number == 20 ? part::payload : part::plain;
    case part::graph:
      return number == 1 ? part::node : number == 5 ? part::tensor : number == 15 ? part::payload : part::plain;
    case part::function:
      return number == 7 ? part::node : number == 11 ? part::attribute : part::plain;
    case part::node:
      return number == 5 ? part::attribute : part::plain;
    case part::attribute:
      if (number == 5 || number == 10) return part::tensor;
      if (number == 6 || number == 11) return part::graph;
      return number == 22 || number == 23 ? part::payload : part::plain;
    case part::tensor:
      return number == 9 ? part::payload : part::plain;
    case part::plain:
    case part::payload:
      break;
  }
  return part::plain;
}

/// Stands in an outline where a payload belongs: where its bytes are in this process.
struct mark {
  std::uint64_t address = 0, length = 0;
};

inline mark mark_of(bytes_view b) { return {std::bit_cast<std::uintptr_t>(b.data()), b.size()}; }
inline std::string mark_text(bytes_view b) {
  auto const m = mark_of(b);
  std::string s(sizeof m, '\0');
  std::memcpy(s.data(), &m, sizeof m);
  return s;
}
inline bytes_view marked(bytes_view text) {
  mark m;
  if (text.size() != sizeof m) throw error{error_kind::internal, "a payload's mark was expected"};
  std::memcpy(&m, text.data(), sizeof m);
  return {reinterpret_cast<std::byte const*>(static_cast<std::uintptr_t>(m.address)),
          static_cast<std::size_t>(m.length)};
}

[[noreturn]] inline void broken(char const* what) {
  throw error{error_kind::invalid, std::string{"not an ONNX file, or a damaged one: "} + what};
}

/// One field: its tag, and its body without a length prefix.
struct wire_field {
  std::uint32_t number = 0, type = 0;
  bytes_view body{};
};

/// Reads the fields of a message one after another, trusting nothing.
class wire_reader {
 public:
  explicit wire_reader(bytes_view all) : rest_{all} {}
  bool done() const { return rest_.empty(); }

  wire_field next() {
    wire_field f;
    tag(f);
    if (f.type == 4) broken("a group ends that did not begin");
    auto const before = rest_;
    if (f.type == 2) {
      auto const n = varint();
      if (n > rest_.size()) broken("a length reaches beyond the end");
      f.body = take(static_cast<std::size_t>(n));
    } else {
      skip(f, 0);
      f.body = before.first(before.size() - rest_.size());
    }
    return f;
  }

  std::uint64_t varint() {
    std::uint64_t v = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (rest_.empty()) broken("the bytes end within a number");
      auto const b = std::to_integer<std::uint64_t>(take(1)[0]);
      v |= shift == 63 ? b << 63 : (b & 127) << shift;
      if (b < 128) return v;
    }
    broken("a number has more than ten bytes");
  }

 private:
  // Protobuf keeps 32 bits of a tag: a longer one would mean one field here and another one there.
  void tag(wire_field& f) {
    auto const size = rest_.size();
    auto const t = varint();
    if (t > 0xffffffffu || size - rest_.size() > 5 || t < 8) broken("a field has an impossible number");
    f.number = static_cast<std::uint32_t>(t >> 3), f.type = t & 7;
  }
  bytes_view take(std::size_t n) {
    if (n > rest_.size()) broken("the bytes end within a field");
    auto const b = rest_.first(n);
    rest_ = rest_.subspan(n);
    return b;
  }
  void skip(wire_field const& f, int depth) {
    if (depth > 100) broken("groups are nested too deeply");
    switch (f.type) {
      case 0:
        varint();
        return;
      case 1:
        take(8);
        return;
      case 5:
        take(4);
        return;
      case 2: {
        auto const n = varint();
        if (n > rest_.size()) broken("a length reaches beyond the end");
        take(static_cast<std::size_t>(n));
        return;
      }
      case 3:
        for (;;) {
          wire_field inner;
          tag(inner);
          if (inner.type != 4) skip(inner, depth + 1);
          else if (inner.number == f.number) return;
          else broken("a group ends that did not begin");
        }
      default:
        broken("a field has an impossible type");
    }
  }

  bytes_view rest_;
};

constexpr std::size_t varint_size(std::uint64_t v) {
  return v < 128 ? 1 : static_cast<std::size_t>(std::bit_width(v) + 6) / 7;
}

/// Copies a message to `out`, a callable that takes bytes, exchanging each payload for its mark (`Outward` false) or
/// each mark for its payload (true). The lengths around them are computed first, in the order in which they are
/// written.
template <bool Outward, class Out>
class rewriter {
 public:
  rewriter(bytes_view message, part kind, Out& out) : message_{message}, kind_{kind}, out_{out} {
    measure(message, kind, 0);
  }
  std::uint64_t size() const { return sizes_.front(); }
  void run() { emit(message_, kind_), flush(); }

 private:
  static std::uint64_t payload_size(bytes_view body) { return Outward ? marked(body).size() : sizeof(mark); }

  std::uint64_t measure(bytes_view all, part kind, int depth) {
    if (depth > 100) broken("messages are nested deeper than 100");
    auto const at = sizes_.size();
    sizes_.push_back(0);
    std::uint64_t total = 0;
    for (wire_reader r{all}; !r.done();) {
      auto const f = r.next();
      total += varint_size(std::uint64_t{f.number} << 3);
      if (f.type != 2) {
        total += f.body.size();
        continue;
      }
      auto const inner = part_of(kind, f.number);
      auto const n = inner == part::plain     ? f.body.size()
                     : inner == part::payload ? payload_size(f.body)
                                              : measure(f.body, inner, depth + 1);
      total += varint_size(n) + n;
    }
    return sizes_[at] = total;
  }

  void emit(bytes_view all, part kind) {
    ++next_;
    for (wire_reader r{all}; !r.done();) {
      auto const f = r.next();
      number(std::uint64_t{f.number} << 3 | f.type);
      auto const inner = f.type == 2 ? part_of(kind, f.number) : part::plain;
      if (inner == part::payload) {
        number(payload_size(f.body));
        if constexpr (Outward) put(marked(f.body));
        else put(as_view(mark_text(f.body)));
      } else if (inner == part::plain) {
        if (f.type == 2) number(f.body.size());
        put(f.body);
      } else {
        number(sizes_[next_]);
        emit(f.body, inner);
      }
    }
  }

  void number(std::uint64_t v) {
    std::byte b[10];
    std::size_t n = 0;
    for (; v >= 128; v >>= 7) b[n++] = static_cast<std::byte>(v | 128);
    b[n++] = static_cast<std::byte>(v);
    put({b, n});
  }
  void put(bytes_view b) {
    bool const large = b.size() >= 1u << 15;
    if (large || b.size() + buffer_.size() > 1u << 16) flush();
    if (large) out_(b);
    else buffer_.append(as_text(b));
  }
  void flush() {
    if (!buffer_.empty()) out_(as_view(buffer_));
    buffer_.clear();
  }

  bytes_view message_;
  part kind_;
  Out& out_;
  std::vector<std::uint64_t> sizes_{};
  std::size_t next_ = 0;
  std::string buffer_{};
};

/// The message with marks instead of payloads; they point into `message`, which must stay.
inline std::string collapse(bytes_view message, part kind) {
  std::string s;
  auto out = [&](bytes_view b) { s.append(as_text(b)); };
  rewriter<false, decltype(out)>{message, kind, out}.run();
  return s;
}

/// The message with the payloads that its marks point to.
inline std::string expand(bytes_view outline, part kind) {
  std::string s;
  auto out = [&](bytes_view b) { s.append(as_text(b)); };
  rewriter<true, decltype(out)>{outline, kind, out}.run();
  return s;
}

}  // namespace octet::detail
