// --help, docs/cli.md, the man page and shell completions, all from the table.
#pragma once

#include <string>

#include "table.hpp"

namespace cli {

std::string help();
std::string help(command const& c);
/// docs/cli.md.
std::string manual();
/// The page for man(1).
std::string man_page();
/// A completion script for bash or zsh; empty for another shell.
std::string completions(std::string const& shell);

}  // namespace cli
