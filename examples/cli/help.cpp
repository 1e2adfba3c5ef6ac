// Help for people at a terminal, and the same table as a document.
#include "help.hpp"

#include <octet/version.hpp>

namespace cli {
namespace {

std::string left_of(option const& o) {
  std::string s = o.letter != 0 ? std::string{"-"} + o.letter + ", " : "    ";
  s += "--" + std::string{o.name};
  if (!o.is_flag()) s += " " + std::string{o.value};
  return s;
}

std::string right_of(option const& o) {
  std::string s{o.help};
  if (o.how == takes::list) s += " (list)";
  if (o.how == takes::repeat) s += " (repeat)";
  if (!o.otherwise.empty()) s += " [" + std::string{o.otherwise} + "]";
  return s;
}

/// `text` in lines of at most `width` columns, all but the first indented.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = 0;
  for (auto const word : split(text, ' ')) {
    if (column != 0 && column + 1 + word.size() > width) out += '\n' + std::string(indent, ' '), column = 0;
    if (column != 0) out += ' ', ++column;
    out += word;
    column += word.size();
  }
  return out;
}

std::string lines_of(std::span<option const> options) {
  constexpr std::size_t indent = 36, width = 74;
  std::string s;
  for (auto const& o : options) {
    auto left = "  " + left_of(o);
    if (left.size() + 2 > indent) s += left + '\n' + std::string(indent, ' ');
    else s += left + std::string(indent - left.size(), ' ');
    s += wrapped(right_of(o), indent, width) + '\n';
  }
  return s;
}

std::string escaped(std::string_view text) {
  std::string s;
  for (char const c : text) {
    if (c == '|') s += '\\';
    s += c;
  }
  return s;
}

std::string rows_of(std::span<option const> options) {
  std::string s = "| option | default | meaning |\n| --- | --- | --- |\n";
  for (auto const& o : options) {
    s += "| `";
    if (o.letter != 0) s += std::string{"-"} + o.letter + "`, `";
    s += "--" + std::string{o.name} + (o.is_flag() ? "" : " " + escaped(o.value)) + '`';
    for (auto const alias : split(o.aliases, ','))
      if (!alias.empty()) s += ", `--" + std::string{alias} + '`';
    s += " | " + escaped(o.otherwise) + " | " + escaped(o.help);
    if (o.how == takes::list) s += " (list)";
    if (o.how == takes::repeat) s += " (repeat)";
    if (!o.extra.empty()) s += "; `-x " + std::string{o.extra} + "=…`";
    if (!o.opposite.empty()) s += "; off: `--" + std::string{o.opposite} + '`';
    s += " |\n";
  }
  return s;
}

constexpr std::string_view rules = R"(Options stand anywhere after the command, global ones also before it.
`--opt VALUE` and `--opt=VALUE` are the same, and so are `_` and `-` in names, so that command lines of ONNX Runtime's
scripts carry over. `--flag`, `--no-flag` and `--flag=false` work; the last one wins. A (list) takes commas and may be
repeated, a (repeat) takes one value each time. `--` ends options. A model is a file, or `-` for stdin; `-o -` is
stdout.

Types: `int8 uint8 int16 uint16 int4 uint4` (or `QInt8` …), in any case.

Without `--json`, commands that write a file print nothing on stdout; messages and the report go to stderr. With
`--json` stdout holds one object: `{"status": "ok", "command": …, "output": …, "warnings": […], …}` or
`{"status": "error", "command": …, "error": {"kind": …, "message": …}, "warnings": […]}`.

| exit code | kind | when |
| --- | --- | --- |
| 0 | | done |
| 1 | `internal` | a bug in octet |
| 2 | `usage` | unknown option or command, missing argument, malformed value |
| 3 | `invalid` | well-formed but wrong: contradictory options, no calibration data, broken model, broken rule (below) |
| 4 | `unsupported` | valid, but octet or the format cannot do it |
| 5 | `runtime` | failed while a model was executed |
| 6 | `io` | a file cannot be opened or written |

`octet inspect --target` prints what it found, then ends with code 3 where the model breaks rules of the target. Each is
in `violations` of the JSON object with `node`, `rule`, `what` and `remedy`; `advice` lists what only costs time.

On any error no output file is left behind: files are written under a temporary name and renamed.
)";

}  // namespace

std::string help() {
  std::string s = "octet " + std::string{octet::version_text} +
                  ": quantizes ONNX models\n\nusage: octet [GLOBAL] COMMAND [OPTIONS] ARGS...\n\nCommands\n";
  for (auto const& c : commands())
    s += "  " + std::string{c.name} + std::string(20 - c.name.size(), ' ') + wrapped(c.summary, 22, 80) + '\n';
  return s + "\nGlobal options\n" + lines_of(global_options()) + "\n'octet COMMAND --help' tells more.\n";
}

std::string help(command const& c) {
  auto s = "usage: octet " + std::string{c.name} + " " + std::string{c.usage} + "\n\n" + std::string{c.summary} + ".\n";
  for (auto const& group : c.groups) s += "\n" + std::string{group.title} + "\n" + lines_of(group.options);
  return s + "\nGlobal options\n" + lines_of(global_options());
}

std::string manual() {
  std::string s =
      "# The command line\n\n<!-- Written by `octet --manual`, from the table behind --help; a test compares them. "
      "-->\n\n"
      "    octet [GLOBAL] COMMAND [OPTIONS] ARGS...\n\n";
  s += rules;
  s += "\n## Global options\n\n" + rows_of(global_options());
  for (auto const& c : commands()) {
    s += "\n## octet " + std::string{c.name} + "\n\n    octet " + std::string{c.name} + " " + std::string{c.usage} +
         "\n\n" + std::string{c.summary} + ".\n";
    for (auto const& group : c.groups) s += "\n**" + std::string{group.title} + "**\n\n" + rows_of(group.options);
  }
  return s;
}

}  // namespace cli
