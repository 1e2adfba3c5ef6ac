// nlohmann-json writes null for what is not finite and refuses to read it; both are mended here.
#include "json.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>
#include <octet/io/file.hpp>

namespace cli {
namespace {

// A string no file has: control characters must be escaped in JSON.
constexpr std::string_view not_finite[] = {"\x01NaN", "\x01Infinity", "\x01-Infinity"};
constexpr double values_of[] = {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                                -std::numeric_limits<double>::infinity()};

/// `text` with each bare NaN, Infinity and -Infinity replaced by a string that `restore` knows.
std::string quoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      auto end = i + 1;
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, text.size());
      out += text.substr(i, end - i);
      i = end;
      continue;
    }
    bool found = false;
    for (auto const word : not_finite)
      if (auto const bare = word.substr(1); text.substr(i, bare.size()) == bare) {
        out += "\"\\u0001" + std::string{bare} + '"';
        i += bare.size();
        found = true;
        break;
      }
    if (!found) out += text[i++];
  }
  return out;
}

void restore(json& j) {
  if (j.is_structured()) {
    for (auto& child : j) restore(child);
  } else if (j.is_string()) {
    for (std::size_t i = 0; i < 3; ++i)
      if (j.get_ref<std::string const&>() == not_finite[i]) {
        j = values_of[i];
        break;
      }
  }
}

void write(json const& j, int indent, int depth, std::string& out) {
  auto const line = [&](int d) {
    if (indent >= 0) out += '\n' + std::string(static_cast<std::size_t>(indent * d), ' ');
  };
  if (j.is_number_float()) {
    out += number_text(j.get<double>());
  } else if (j.is_structured() && !j.empty()) {
    out += j.is_array() ? '[' : '{';
    bool const flat = j.is_array() && !j.front().is_structured();
    bool first = true;
    for (auto const& item : j.items()) {
      if (!first) out += indent >= 0 && !flat ? "," : ", ";
      first = false;
      if (!flat) line(depth + 1);
      if (j.is_object()) out += json(item.key()).dump(-1, ' ', false, json::error_handler_t::replace) + ": ";
      write(item.value(), indent, depth + 1, out);
    }
    if (!flat) line(depth);
    out += j.is_array() ? ']' : '}';
  } else {
    out += j.dump(-1, ' ', false, json::error_handler_t::replace);
  }
}

}  // namespace

std::string number_text(double x) {
  if (std::isnan(x)) return "NaN";
  if (std::isinf(x)) return x > 0 ? "Infinity" : "-Infinity";
  char buffer[40];
  auto const end = std::to_chars(buffer, buffer + sizeof buffer, x).ptr;
  std::string s{buffer, end};
  if (s.find_first_of(".en") == std::string::npos) s += ".0";
  return s;
}

std::string dump(json const& value, int indent) {
  std::string out;
  write(value, indent, 0, out);
  return out;
}

json parse_json(std::string_view text, std::string const& where) {
  try {
    auto j = json::parse(quoted(text));
    restore(j);
    return j;
  } catch (json::exception const& e) {
    throw octet::error{octet::error_kind::invalid, std::string{"not valid JSON: "} + e.what(), where};
  }
}

std::string read_text(std::string const& path) {
  auto const source = octet::detail::open_source(path);
  return std::string{reinterpret_cast<char const*>(source.bytes.data()), source.bytes.size()};
}

}  // namespace cli
