// The one exception of octet. What stops a job is thrown; what is normal (a rule that does not match, a node that stays
// float) is a value with a reason.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace octet {

/// Why a job stopped; the numbers are the command line's exit codes.
enum class error_kind : int {
  internal = 1,     ///< a bug in octet
  usage = 2,        ///< unknown option, malformed value
  invalid = 3,      ///< well-formed but wrong: contradictory options, broken model, no data
  unsupported = 4,  ///< valid, but octet or the format cannot do it
  runtime = 5,      ///< failed while a model was executed
  io = 6,           ///< a file cannot be opened, read or written
};

constexpr std::string_view name(error_kind kind) {
  switch (kind) {
    case error_kind::usage:
      return "usage";
    case error_kind::invalid:
      return "invalid";
    case error_kind::unsupported:
      return "unsupported";
    case error_kind::runtime:
      return "runtime";
    case error_kind::io:
      return "io";
    case error_kind::internal:
      break;
  }
  return "internal";
}

/// What every function of octet throws.
struct error : std::runtime_error {
  error_kind kind;
  std::string where;  ///< node, tensor or file; low layers leave it empty and `located` adds it
  std::string hint;   ///< what the user can do about it

  error(error_kind kind_, std::string const& what, std::string where_ = {}, std::string hint_ = {})
      : std::runtime_error{what}, kind{kind_}, where{std::move(where_)}, hint{std::move(hint_)} {}
};

namespace detail {
/// Throws an `error`; where exceptions are switched off (kernels alone), says why and aborts.
[[noreturn]] inline void raise(error_kind kind, std::string const& what, std::string hint = {}) {
#ifdef __cpp_exceptions
  throw error{kind, what, {}, std::move(hint)};
#else
  std::fprintf(stderr, "octet: %s\n%s\n", what.c_str(), hint.c_str());
  (void)kind;
  std::abort();
#endif
}
}  // namespace detail

#ifdef __cpp_exceptions
/// Runs `f`; an error that leaves it without a place gets `where`.
template <class F>
decltype(auto) located(std::string_view where, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (error const& e) {
    if (!e.where.empty()) throw;
    throw error{e.kind, e.what(), std::string{where}, e.hint};
  }
}
#endif

}  // namespace octet
