// --help and docs/cli.md, both from the table.
#pragma once

#include <string>

#include "table.hpp"

namespace cli {

std::string help();
std::string help(command const& c);
/// docs/cli.md.
std::string manual();

}  // namespace cli
