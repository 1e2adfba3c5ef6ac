// Numbers and texts as reports show them.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace octet::detail {

/// `x` with so many digits behind the point.
inline std::string fixed_text(double x, int digits) {
  if (std::isnan(x)) return "NaN";
  if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
  char buffer[64];
  int const n = std::snprintf(buffer, sizeof buffer, "%.*f", digits, x);
  return {buffer, static_cast<std::size_t>(n > 0 && n < 64 ? n : 0)};
}

/// "824 B", "207 KB", "24.1 MB": powers of 1000, three digits.
inline std::string bytes_text(std::uint64_t n) {
  constexpr std::string_view units[] = {" B", " KB", " MB", " GB", " TB"};
  double x = static_cast<double>(n);
  std::size_t u = 0;
  while (x >= 999.5 && u + 1 < std::size(units)) x /= 1000, ++u;
  return fixed_text(x, u == 0 || x >= 99.95 ? 0 : x >= 9.995 ? 1 : 2) + std::string{units[u]};
}

/// "0.4 ms", "12 ms", "3.1 s".
inline std::string seconds_text(double s) {
  if (s < 0.0095) return fixed_text(s * 1e3, 1) + " ms";
  if (s < 0.9995) return fixed_text(s * 1e3, 0) + " ms";
  return fixed_text(s, s < 99.5 ? 1 : 0) + " s";
}

inline std::string decibel_text(double db) { return std::isinf(db) && db > 0 ? "exact" : fixed_text(db, 1) + " dB"; }

inline std::string percent_text(double share) {
  return fixed_text(share * 100, share == 1 || share == 0 ? 0 : 1) + " %";
}

/// Columns that a UTF-8 text takes in a terminal.
inline std::size_t columns(std::string_view s) {
  std::size_t n = 0;
  for (char const c : s) n += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return n;
}

inline std::string padded(std::string_view s, std::size_t width, bool right = false) {
  auto const n = columns(s);
  std::string const space(n < width ? width - n : 0, ' ');
  return right ? space + std::string{s} : std::string{s} + space;
}

/// "a, b, c and 4 more".
inline std::string listed(std::vector<std::string> const& names, std::size_t most) {
  std::string s;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) s += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > most) s += " and " + std::to_string(names.size() - most) + " more";
  return s;
}

/// Lines of at most `width` columns, each indented, broken at spaces.
inline std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string const space(indent, ' ');
  std::string out = space;
  std::size_t column = 0;
  while (!text.empty()) {
    auto const end = text.find(' ');
    auto const word = text.substr(0, end);
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    if (column != 0 && indent + column + 1 + columns(word) > width) out += '\n' + space, column = 0;
    if (column != 0) out += ' ', ++column;
    out += word;
    column += columns(word);
  }
  return out + '\n';
}

/// A JSON string, quoted; bytes that are not UTF-8 are replaced.
inline std::string json_text(std::string_view s) {
  std::string out = "\"";
  for (std::size_t i = 0; i < s.size(); ++i) {
    auto const c = static_cast<unsigned char>(s[i]);
    if (c == '"' || c == '\\') out += '\\', out += s[i];
    else if (c < 0x20) {
      char buffer[8];
      std::snprintf(buffer, sizeof buffer, "\\u%04x", c);
      out += buffer;
    } else if (c < 0x80) {
      out += s[i];
    } else {
      std::size_t const n = c >= 0xf0 && c < 0xf5 ? 3 : c >= 0xe0 ? 2 : c >= 0xc2 ? 1 : 0;
      bool good = n != 0 && c < 0xf5 && i + n < s.size();
      for (std::size_t k = 1; good && k <= n; ++k) good = (static_cast<unsigned char>(s[i + k]) & 0xc0) == 0x80;
      out += good ? std::string{s.substr(i, n + 1)} : "\xef\xbf\xbd";
      if (good) i += n;
    }
  }
  return out + '"';
}

/// The shortest number that reads back as `x`; NaN and infinities as Python writes them.
inline std::string json_number(double x) {
  if (std::isnan(x)) return "NaN";
  if (std::isinf(x)) return x > 0 ? "Infinity" : "-Infinity";
  char buffer[40];
  std::string s{buffer, std::to_chars(buffer, buffer + sizeof buffer, x).ptr};
  if (s.find_first_of(".e") == s.npos) s += ".0";
  return s;
}

/// Text for HTML, inside of an element or a quoted attribute.
inline std::string html_text(std::string_view s) {
  std::string out;
  for (char const c : s) {
    if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

}  // namespace octet::detail
