// octet: quantizes ONNX models from the command line. Finds the command, and turns whatever goes wrong into its exit
// code.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <limits>
#include <new>
#include <string>
#include <vector>

#ifdef OCTET_DISPATCH
#include <octet/kernels/dispatch.hpp>
#else
#include <octet/kernels/instruction_set.hpp>
#endif
#include <octet/version.hpp>

#include "arguments.hpp"
#include "console.hpp"
#include "help.hpp"

namespace {

/// OCTET_ARCH chooses kernels; a wrong one is told before any work.
void check_instruction_set() {
#ifdef OCTET_DISPATCH
  octet::kernels::chosen_kernels();
#else
  constexpr octet::instruction_set own[] = {octet::compiled_for()};
  octet::choose(own, std::getenv("OCTET_ARCH"));
#endif
}

[[noreturn]] void refuse(cli::command const& c) {
  throw octet::error{octet::error_kind::unsupported, "'octet " + std::string{c.name} + "' is not supported yet"};
}

/// The line as a shell takes it.
std::string recipe_of(std::vector<std::string> const& line) {
  std::string text = "octet";
  for (auto const& word : line) {
    bool const plain =
        !word.empty() &&
        word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%") == word.npos;
    text += ' ';
    if (plain) {
      text += word;
      continue;
    }
    text += '\'';
    for (char const c : word) c == '\'' ? text += "'\\''" : text += c;
    text += '\'';
  }
  return text;
}

void run(std::vector<std::string> const& line, cli::arguments& args, cli::console& out) {
  cli::parse(line, args);
  if (args.command != nullptr && args.command->run == nullptr && !args.has("help")) refuse(*args.command);
  args.recipe = recipe_of(line);
  out.configure(args);
  if (args.has("version")) return out.text("octet " + std::string{octet::version_text} + "\n");
  if (args.flag("help")) return out.text(args.command != nullptr ? cli::help(*args.command) : cli::help());
  if (args.command == nullptr) cli::usage_error("a command is missing", "octet --help lists the commands");
  check_instruction_set();
  args.threads(), args.integer("seed", 0, 0, std::numeric_limits<std::int64_t>::max());
  if (auto const file = args.text("config"); !file.empty()) cli::apply_config(args, file);
  cli::apply_extras(args);
  args.command->run(args, out);
  out.finish(args.command->name);
}

/// What --manual, --manual man and --completions SHELL write: for those who install octet, not for its users.
std::string document(std::vector<std::string> const& line) {
  if (line == std::vector<std::string>{"--manual"}) return cli::manual();
  if (line == std::vector<std::string>{"--manual", "man"}) return cli::man_page();
  return line.size() == 2 && line[0] == "--completions" ? cli::completions(line[1]) : std::string{};
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> const line(argv + 1, argv + argc);
  cli::arguments args;
  cli::console out;
  auto const name = [&] { return args.command != nullptr ? args.command->name : std::string_view{}; };
  if (auto const text = document(line); !text.empty()) return std::fputs(text.c_str(), stdout) < 0;
  for (auto const& word : line) {  // a malformed line still gets its JSON
    if (word == "--") break;
    if (word == "--json") out.want_json();
  }
  try {
    run(line, args, out);
    return 0;
  } catch (octet::error const& e) {
    return out.fail(name(), e);
  } catch (std::bad_alloc const&) {
    return out.fail(name(), {octet::error_kind::runtime, "not enough memory"});
  } catch (std::exception const& e) {
    return out.fail(name(), {octet::error_kind::internal, e.what(), {}, "this is a bug in octet"});
  }
}
