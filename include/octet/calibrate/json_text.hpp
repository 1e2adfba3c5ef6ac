// The JSON of range files: written as Python's json module writes it, read piece by piece, so that a file of histograms
// needs no tree in memory.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <octet/core/error.hpp>

namespace octet::detail {

/// A number as Python's repr writes it: the shortest digits that read back the same; NaN and infinities bare.
inline std::string python_number(double x) {
  if (std::isnan(x)) return "NaN";
  if (std::isinf(x)) return x < 0 ? "-Infinity" : "Infinity";
  char buffer[40];
  auto const end = std::to_chars(buffer, buffer + sizeof buffer, x, std::chars_format::scientific).ptr;
  std::string_view const text{buffer, static_cast<std::size_t>(end - buffer)};
  auto const e = text.find('e');
  int exponent = 0;
  auto const* digits = text.data() + e + 1;
  std::from_chars(*digits == '+' ? digits + 1 : digits, end, exponent);
  if (exponent < -4 || exponent >= 16) return std::string{text};
  auto const fixed = std::to_chars(buffer, buffer + sizeof buffer, x, std::chars_format::fixed).ptr;
  std::string s{buffer, fixed};
  return s.find('.') == std::string::npos ? s + ".0" : s;
}

/// A string in quotes, everything beyond ASCII escaped.
inline std::string json_string(std::string_view s) {
  std::string out = "\"";
  auto const unit = [&](unsigned u) {
    constexpr char digits[] = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += digits[u >> shift & 15];
  };
  for (std::size_t i = 0; i < s.size(); ++i) {
    auto const c = static_cast<unsigned char>(s[i]);
    int const more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : -1;
    if (more == 0) {
      if (c == '"' || c == '\\') out += '\\', out += s[i];
      else if (c == '\n') out += "\\n";
      else if (c < 0x20 || c == 0x7f) unit(c);
      else out += s[i];
      continue;
    }
    unsigned point = more < 0 ? 0xfffd : c & (0x3fu >> more);  // what is no UTF-8 becomes the replacement character
    for (int k = 0; k < more; ++k)
      point = i + 1 < s.size() ? point << 6 | (static_cast<unsigned char>(s[++i]) & 0x3fu) : 0xfffd;
    if (point >= 0x10000) unit(0xd7c0 + (point >> 10)), unit(0xdc00 + (point & 0x3ff));
    else unit(point);
  }
  return out + '"';
}

/// Reads JSON from front to back: each call takes the value that is next.
class json_reader {
 public:
  /// `kind` is what the text should be, for errors.
  explicit json_reader(std::string_view text, std::string_view kind = "a range file") : text_{text}, kind_{kind} {}

  [[noreturn]] void fail(char const* what) const {
    throw error{error_kind::invalid, "not " + std::string{kind_} + ": " + what + " at byte " + std::to_string(at_)};
  }
  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool done() { return peek() == '\0' && at_ == text_.size(); }

  /// Calls f(key) for each member; f takes the value.
  template <class F>
  void object(F&& f) {
    open('{');
    if (!accept('}')) {
      do {
        auto const key = string();
        expect(':');
        f(key);
      } while (accept(','));
      expect('}');
    }
    --depth_;
  }
  /// Calls f() for each element; f takes it.
  template <class F>
  void array(F&& f) {
    open('[');
    if (!accept(']')) {
      do f();
      while (accept(','));
      expect(']');
    }
    --depth_;
  }
  double number() {
    peek();
    for (auto const& [word, value] : {std::pair{"NaN", std::numeric_limits<double>::quiet_NaN()},
                                      std::pair{"Infinity", std::numeric_limits<double>::infinity()},
                                      std::pair{"-Infinity", -std::numeric_limits<double>::infinity()}})
      if (text_.substr(at_).starts_with(word)) {
        at_ += std::string_view{word}.size();
        return value;
      }
    double x = 0;
    auto const [end, code] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), x);
    if (code == std::errc::invalid_argument) fail("a number is missing");
    at_ = static_cast<std::size_t>(end - text_.data());
    return x;
  }
  /// Takes the number that is next if it is written as an integer and 64 bits hold it.
  bool integer(std::int64_t& n) {
    peek();
    auto const* const last = text_.data() + text_.size();
    auto const [end, code] = std::from_chars(text_.data() + at_, last, n);
    if (code != std::errc{} || (end != last && (*end == '.' || *end == 'e' || *end == 'E'))) return false;
    at_ = static_cast<std::size_t>(end - text_.data());
    return true;
  }
  bool boolean() {
    peek();
    for (bool const b : {true, false})
      if (std::string_view const word = b ? "true" : "false"; text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return b;
      }
    fail("true or false is missing");
  }
  std::string string();
  void skip() {
    switch (peek()) {
      case '{':
        return object([&](std::string const&) { skip(); });
      case '[':
        return array([&] { skip(); });
      case '"':
        string();
        return;
      case 't':
      case 'f':
        boolean();
        return;
      case 'n':
        if (!text_.substr(at_).starts_with("null")) fail("null is misspelt");
        at_ += 4;
        return;
      default:
        number();
    }
  }

 private:
  bool accept(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    char const what[] = {'\'', c, '\'', ' ', 'i', 's', ' ', 'm', 'i', 's', 's', 'i', 'n', 'g', '\0'};
    if (!accept(c)) fail(what);
  }
  void open(char c) {
    expect(c);
    if (++depth_ > 64) fail("nesting deeper than 64");
  }
  unsigned unit() {
    unsigned u = 0;
    if (text_.size() - at_ < 4) fail("an escape is cut off");
    auto const [end, code] = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, u, 16);
    if (code != std::errc{} || end != text_.data() + at_ + 4) fail("an escape is wrong");
    at_ += 4;
    return u;
  }

  std::string_view text_, kind_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

inline std::string json_reader::string() {
  expect('"');
  std::string s;
  for (;;) {
    if (at_ >= text_.size()) fail("a string has no end");
    char const c = text_[at_++];
    if (c == '"') return s;
    if (c != '\\') {
      s += c;
      continue;
    }
    if (at_ >= text_.size()) fail("a string has no end");
    constexpr std::string_view names = "\"\\/bfnrt", values = "\"\\/\b\f\n\r\t";
    char const e = text_[at_++];
    if (auto const i = names.find(e); i != std::string_view::npos) {
      s += values[i];
      continue;
    }
    if (e != 'u') fail("an escape is wrong");
    unsigned p = unit();
    if (p >= 0xd800 && p < 0xdc00 && text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      p = 0x10000 + ((p - 0xd800) << 10) + ((unit() - 0xdc00) & 0x3ff);
    }
    int const more = p < 0x80 ? 0 : p < 0x800 ? 1 : p < 0x10000 ? 2 : 3;
    s += static_cast<char>(more == 0 ? p : (0xff00u >> (more + 1) & 0xff) | p >> (6 * more));
    for (int k = more; k-- != 0;) s += static_cast<char>(0x80 | (p >> (6 * k) & 0x3f));
  }
}

}  // namespace octet::detail
