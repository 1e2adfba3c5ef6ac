// What the command line accepts, as one table: parsing, --help, docs/cli.md and config files are made from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

class console;
class arguments;

/// How an option takes values.
enum class takes : std::uint8_t {
  one,     ///< the last one on the line wins; so of flags: --x, --no-x, --x=true
  list,    ///< comma-separated, may be repeated
  repeat,  ///< one value each time, which may hold commas
};

struct option {
  std::string_view name;
  std::string_view value = "";  ///< placeholder; empty for a flag
  std::string_view help = "";
  std::string_view otherwise = "";  ///< the default, in words
  takes how = takes::one;
  std::string_view aliases = "";  ///< comma-separated
  std::string_view extra = "";    ///< ONNX Runtime's name of the extra option
  char letter = 0;
  std::string_view no = "";        ///< what --no-NAME stands for, where that is a value
  std::string_view opposite = "";  ///< a name that means --no-NAME

  bool is_flag() const { return value.empty(); }
};

struct option_group {
  std::string_view title;
  std::span<option const> options;
};

/// A command, its options and the function behind it.
struct command {
  std::string_view name;  ///< one or two words
  std::string_view usage;
  std::string_view summary;
  std::vector<option_group> groups;
  std::size_t most_arguments = 1;
  void (*run)(arguments const&, console&) = nullptr;  ///< null: not built yet
};

std::span<command const> commands();
std::span<option const> global_options();
/// The options that say how samples are read.
std::span<option const> reading_options();

/// The command that the words name, or null.
command const* find_command(std::string_view name);

/// The option of `c` (or a global one) with that name or alias; '_' and '-' are the same.
option const* find_option(command const& c, std::string_view name);
/// The option that stands for an extra option of ONNX Runtime.
option const* find_extra(command const& c, std::string_view name);

/// Names and aliases of all options of `c`, without dashes.
std::vector<std::string> option_names(command const& c);

/// The one of `names` that is closest to `word`, empty when none is close.
std::string closest(std::string_view word, std::span<std::string const> names);

std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace cli
