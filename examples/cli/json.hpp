// JSON as the command line reads and writes it: numbers that come back exactly, and Python's NaN and Infinity.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace cli {

using json = nlohmann::ordered_json;

/// One line. Numbers are the shortest that read back as the same double; NaN, Infinity and -Infinity are bare.
std::string dump(json const& value, int indent = -1);

/// Throws `invalid`, naming `where`, for what is not JSON; `NaN`, `Infinity` and `-Infinity` are accepted.
json parse_json(std::string_view text, std::string const& where);

/// The shortest text that reads back as `x`.
std::string number_text(double x);

/// All of a file, "-" for stdin; throws `io`.
std::string read_text(std::string const& path);

}  // namespace cli
