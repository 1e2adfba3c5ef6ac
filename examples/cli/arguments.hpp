// What was asked for: the command line and the config file behind it, by option name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <octet/core/error.hpp>

#include "json.hpp"
#include "table.hpp"

namespace cli {

/// The values of one option, in order. A config file may give JSON where the line gives a file.
struct given {
  std::vector<std::string> values{};
  std::optional<std::string> literal{};
  bool from_file = false;  ///< a list's values are whole: not to be split at commas
};

class arguments {
 public:
  cli::command const* command = nullptr;
  std::vector<std::string> positional{};
  std::string recipe{};  ///< the command line as a shell takes it

  /// What the line says wins over what a config file says.
  void set(std::string_view name, given g) { options_.insert_or_assign(std::string{name}, std::move(g)); }
  void set_default(std::string_view name, given g) { options_.try_emplace(std::string{name}, std::move(g)); }
  given const* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }

  std::optional<bool> maybe(std::string_view name) const;
  bool flag(std::string_view name, bool otherwise = false) const { return maybe(name).value_or(otherwise); }
  std::string text(std::string_view name, std::string otherwise = {}) const;
  /// Throws `usage` unless the value is a number from `least` to `most`.
  double number(std::string_view name, double otherwise, double least, double most) const;
  std::int64_t integer(std::string_view name, std::int64_t otherwise, std::int64_t least, std::int64_t most) const;
  /// Index of the value among `names`, case-insensitively; throws `usage` naming them.
  std::size_t choice(std::string_view name, std::vector<std::string> const& names, std::size_t otherwise) const;
  /// All values; those of a list are split at commas. Empty ones are dropped: --exclude-node= clears what a file says.
  std::vector<std::string> all(std::string_view name) const;
  /// The value of a required option; throws `usage` when it is missing.
  std::string required(std::string_view name) const;
  /// --threads; 0: as many as the machine has.
  unsigned threads() const { return static_cast<unsigned>(integer("threads", 0, 1, 4096)); }
  /// --limit; 0: all samples.
  std::size_t limit() const { return static_cast<std::size_t>(integer("limit", 0, 1, std::int64_t{1} << 40)); }
  /// Positional argument `i`; throws `usage` when it is missing.
  std::string const& argument(std::size_t i, std::string_view what) const;
  /// MODEL, or --input instead of it.
  std::string model() const;

 private:
  std::map<std::string, given, std::less<>> options_{};
};

[[noreturn]] void usage_error(std::string const& what, std::string hint = {});

std::string lower(std::string_view s);

/// Parses what follows the program's name. `command` stays null when only --help or --version was asked for.
/// Throws `usage`; `so_far` tells what was understood until then.
void parse(std::vector<std::string> const& line, arguments& so_far);

/// Adds what a config file ("-": stdin) says and the line does not.
void apply_config(arguments& args, std::string const& file);

/// Applies every -x NAME=JSON.
void apply_extras(arguments& args);

}  // namespace cli
