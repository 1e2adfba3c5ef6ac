// The shipped calibrators as one run-time value, and its text form: what a command line or a file names.
#pragma once

#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <octet/calibrate/automatic.hpp>
#include <octet/calibrate/entropy.hpp>
#include <octet/calibrate/min_max.hpp>
#include <octet/calibrate/mse.hpp>
#include <octet/calibrate/percentile.hpp>

namespace octet {

using shipped_calibrator = std::variant<min_max, moving_average, percentile, entropy, mse, automatic>;

inline calibrator_ref ref(shipped_calibrator const& c) {
  return std::visit([](auto const& one) { return ref(one); }, c);
}

namespace detail {
[[noreturn]] inline void bad_calibrator(std::string_view text, std::string const& why) {
  throw error{error_kind::usage,
              "calibrator '" + std::string{text} + "': " + why,
              {},
              "use minmax, moving-average, percentile[:PERCENT[:asymmetric]], entropy[:BINS[:LEVELS]], mse[:symmetric]"
              " or automatic[:CLIPPING]"};
}

inline std::vector<std::string> split_at_colons(std::string_view text) {
  std::vector<std::string> parts{{}};
  for (char const c : text) {
    if (c == ':') parts.emplace_back();
    else if (c != '-' && c != '_') parts.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    else if (parts.size() > 1) parts.back() += c;
  }
  return parts;
}

inline double calibrator_number(std::string_view text, std::string const& word, double least, double most) {
  char* end = nullptr;
  double const x = std::strtod(word.c_str(), &end);
  if (word.empty() || *end != '\0' || !(x >= least && x <= most))
    bad_calibrator(text, "'" + word + "' is not a number from " + std::to_string(static_cast<int>(least)) + " to " +
                             std::to_string(static_cast<int>(most)));
  return x;
}
}  // namespace detail

/// The calibrator that a text such as "minmax", "percentile:99.99" or "entropy:2048:128" names; case, '-' and '_' do
/// not matter. Throws `usage`.
inline shipped_calibrator parse_calibrator(std::string_view text) {
  auto const words = detail::split_at_colons(text);
  auto const& name = words[0];
  auto const at_most = [&](std::size_t n) {
    if (words.size() > n + 1) detail::bad_calibrator(text, "too many parts");
  };
  auto const flag = [&](std::string const& word, std::string_view yes, std::string_view no) {
    if (word != yes && word != no)
      detail::bad_calibrator(text,
                             "'" + word + "' is neither '" + std::string{yes} + "' nor '" + std::string{no} + "'");
    return word == yes;
  };
  if (name == "minmax") return at_most(0), min_max{};
  if (name == "movingaverage") return at_most(0), moving_average{};
  if (name == "percentile") {
    at_most(2);
    percentile p;
    if (words.size() > 1) p.percent = detail::calibrator_number(text, words[1], 0, 100);
    if (words.size() > 2) p.symmetric = flag(words[2], "symmetric", "asymmetric");
    return p;
  }
  if (name == "entropy") {
    at_most(2);
    entropy e;
    if (words.size() > 1) e.bins = static_cast<int>(detail::calibrator_number(text, words[1], 2, 1 << 20));
    if (words.size() > 2) e.quantized_bins = static_cast<int>(detail::calibrator_number(text, words[2], 1, 1 << 20));
    return e;
  }
  if (name == "mse") {
    at_most(1);
    mse m;
    if (words.size() > 1) m.symmetric = flag(words[1], "symmetric", "asymmetric");
    return m;
  }
  if (name == "automatic") {
    at_most(1);
    automatic a;
    if (words.size() > 1) a.clipping = detail::calibrator_number(text, words[1], 1, 1000);
    return a;
  }
  detail::bad_calibrator(text, "unknown");
}

}  // namespace octet
