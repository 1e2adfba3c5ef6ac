// The man page and what shells complete, from the same table as --help.
#include <octet/policy/target.hpp>
#include <octet/version.hpp>

#include "help.hpp"

namespace cli {
namespace {

/// Words that can follow an option, separated by blanks; empty where anything can.
std::string choices_of(option const& o) {
  if (o.name == "target") {
    std::string all;
    for (auto const* t : octet::shipped_targets) all += (all.empty() ? "" : " ") + std::string{t->name};
    return all;
  }
  if (o.value == "TYPE" && o.name != "default-tensor-type") return "int8 uint8 int16 uint16 int4 uint4";
  if (o.name == "method") return "minmax entropy percentile mse automatic";
  std::string all;
  if (o.value.find('|') != o.value.npos)
    for (auto const word : split(o.value, '|')) all += (all.empty() ? "" : " ") + std::string{word};
  return all;
}

template <class F>
void for_each_option(command const& c, F f) {
  for (auto const& group : c.groups)
    for (auto const& o : group.options) f(o);
  for (auto const& o : global_options()) f(o);
}

/// First words of commands, each once.
std::vector<std::string> families() {
  std::vector<std::string> all;
  for (auto const& c : commands())
    if (auto const word = std::string{split(c.name, ' ')[0]}; all.empty() || all.back() != word) all.push_back(word);
  return all;
}
std::string second_words(std::string const& family) {
  std::string all;
  for (auto const& c : commands())
    if (auto const words = split(c.name, ' '); words.size() == 2 && words[0] == family)
      all += (all.empty() ? "" : " ") + std::string{words[1]};
  return all;
}
std::string joined(std::vector<std::string> const& words) {
  std::string all;
  for (auto const& w : words) all += (all.empty() ? "" : " ") + w;
  return all;
}

/// Text as troff reads it.
std::string troff(std::string_view text) {
  std::string s;
  for (char const c : text) {
    if (c == '\\') s += "\\e";
    else if (c == '-') s += "\\-";
    else if ((c == '.' || c == '\'') && s.empty()) s += std::string{"\\&"} + c;
    else s += c;
  }
  return s;
}

std::string man_options(std::span<option const> options) {
  std::string s;
  for (auto const& o : options) {
    s += ".TP\n.B ";
    if (o.letter != 0) s += std::string{"\\-"} + o.letter + ", ";
    s += troff("--" + std::string{o.name}) + (o.is_flag() ? "" : " " + troff(o.value)) + '\n';
    std::string text{o.help};
    if (o.how == takes::list) text += " (list)";
    if (o.how == takes::repeat) text += " (repeat)";
    if (!o.otherwise.empty()) text += " [" + std::string{o.otherwise} + "]";
    if (!o.aliases.empty())
      for (auto const alias : split(o.aliases, ',')) text += "; also --" + std::string{alias};
    s += troff(text) + '\n';
  }
  return s;
}

/// A text in single quotes of a shell.
std::string quoted(std::string_view text) {
  std::string s = "'";
  for (char const c : text) s += c == '\'' ? "'\\''" : std::string{c};
  return s + "'";
}

std::string bash_completions() {
  std::string s =
      "# bash completion of octet; written by octet --completions bash\n_octet() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} first= second= options= i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n    case ${COMP_WORDS[i]} in\n      -*) ;;\n"
      "      *) if [ -z \"$first\" ]; then first=${COMP_WORDS[i]}; elif [ -z \"$second\" ]; then "
      "second=${COMP_WORDS[i]}; fi ;;\n    esac\n  done\n"
      "  if [ -z \"$first\" ] && [[ $cur != -* ]]; then\n    COMPREPLY=($(compgen -W " +
      quoted(joined(families())) + " -- \"$cur\"))\n    return\n  fi\n  case $first in\n";
  for (auto const& f : families())
    if (auto const more = second_words(f); !more.empty())
      s += "    " + f + ")\n      if [ -z \"$second\" ] && [[ $cur != -* ]]; then\n        COMPREPLY=($(compgen -W " +
           quoted(more) + " -- \"$cur\"))\n        return\n      fi\n      first=\"$first $second\" ;;\n";
  s += "  esac\n  case \"$first:$prev\" in\n";
  for (auto const& c : commands())
    for_each_option(c, [&](option const& o) {
      if (auto const words = choices_of(o); !words.empty())
        s += "    " + quoted(std::string{c.name} + ":--" + std::string{o.name}) + ") COMPREPLY=($(compgen -W " +
             quoted(words) + " -- \"$cur\")); return ;;\n";
    });
  s += "  esac\n  case $first in\n";
  for (auto const& c : commands()) {
    std::string all;
    for_each_option(c, [&](option const& o) { all += (all.empty() ? "--" : " --") + std::string{o.name}; });
    s += "    " + quoted(c.name) + ") options=" + quoted(all) + " ;;\n";
  }
  std::string global;
  for (auto const& o : global_options()) global += (global.empty() ? "--" : " --") + std::string{o.name};
  return s + "    *) options=" + quoted(global) +
         " ;;\n  esac\n  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"$options\" -- \"$cur\")); fi\n}\n"
         "complete -o default -F _octet octet\n";
}

std::string zsh_completions() {
  std::string s =
      "#compdef octet\n# zsh completion of octet; written by octet --completions zsh\n_octet() {\n"
      "  local first=$words[2] second=$words[3]\n  local -a options\n"
      "  if (( CURRENT == 2 )); then compadd -- " +
      joined(families()) + "; return; fi\n  case $first in\n";
  for (auto const& f : families())
    if (auto const more = second_words(f); !more.empty())
      s += "    " + f + ") if (( CURRENT == 3 )); then compadd -- " + more +
           "; return; fi; first=\"$first $second\" ;;\n";
  s += "  esac\n  case \"$first:$words[CURRENT-1]\" in\n";
  for (auto const& c : commands())
    for_each_option(c, [&](option const& o) {
      if (auto const words = choices_of(o); !words.empty())
        s += "    " + quoted(std::string{c.name} + ":--" + std::string{o.name}) + ") compadd -- " + words +
             "; return ;;\n";
    });
  s += "  esac\n  case $first in\n";
  for (auto const& c : commands()) {
    s += "    " + quoted(c.name) + ") options=(\n";
    for_each_option(c, [&](option const& o) {
      std::string help{o.help};
      for (std::size_t at = 0; (at = help.find(':', at)) != help.npos; at += 2) help.insert(at, "\\");
      s += "      " + quoted("--" + std::string{o.name} + ":" + help) + '\n';
    });
    s += "    ) ;;\n";
  }
  return s +
         "  esac\n  if [[ $words[CURRENT] == -* ]]; then _describe -o option options; else _files; fi\n}\n"
         "_octet \"$@\"\n";
}

}  // namespace

std::string man_page() {
  std::string s =
      ".\\\" Written by octet --manual man, from the table behind --help.\n.TH OCTET 1 \"\" \"octet " +
      std::string{octet::version_text} +
      "\" \"User Commands\"\n.SH NAME\noctet \\- quantize ONNX models\n.SH SYNOPSIS\n.B octet\n[GLOBAL] COMMAND "
      "[OPTIONS] ARGS...\n.SH DESCRIPTION\nMakes 8\\-bit models of float ones, runs, inspects and compares "
      "them.\nOptions stand anywhere after the command; \\fB_\\fR and \\fB\\-\\fR in their names are the "
      "same.\nA (list) takes commas and may be repeated, a (repeat) takes one value each time.\n.SH COMMANDS\n";
  for (auto const& c : commands()) {
    s += ".SS " + troff("octet " + std::string{c.name} + " " + std::string{c.usage}) + '\n' + troff(c.summary) + ".\n";
    for (auto const& group : c.groups) s += ".PP\n.I " + troff(group.title) + '\n' + man_options(group.options);
  }
  s += ".SH \"GLOBAL OPTIONS\"\n" + man_options(global_options());
  s += ".SH \"EXIT STATUS\"\n0 done, 1 a bug in octet, 2 usage, 3 invalid, 4 unsupported, 5 a model failed while it "
       "ran, "
       "6 files.\n";
  return s;
}

std::string completions(std::string const& shell) {
  if (shell == "bash") return bash_completions();
  return shell == "zsh" ? zsh_completions() : std::string{};
}

}  // namespace cli
