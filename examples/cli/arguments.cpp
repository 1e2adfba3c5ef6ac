// From words to options. CLI11 takes the line apart; names are brought to their one spelling before.
#include "arguments.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include <CLI/CLI.hpp>

namespace cli {
namespace {

/// Stands for an empty value, which CLI11 does not take.
constexpr std::string_view empty_value = "\n";

std::string dashed(std::string_view name) {
  std::string s{name};
  std::replace(s.begin(), s.end(), '_', '-');
  return s;
}

std::optional<bool> truth(std::string_view word) {
  auto const w = lower(word);
  if (w == "true" || w == "1" || w == "on" || w == "yes") return true;
  if (w == "false" || w == "0" || w == "off" || w == "no") return false;
  return std::nullopt;
}

[[noreturn]] void unknown_option(command const& c, std::string const& name) {
  auto const near = closest(dashed(name), option_names(c));
  usage_error("unknown option '--" + name + "'" + (near.empty() ? "" : "; did you mean '--" + near + "'?"),
              "octet " + (c.name.empty() ? "" : std::string{c.name} + " ") + "--help lists the options");
}

option const* by_letter(command const& c, char letter) {
  auto const search = [&](std::span<option const> all) -> option const* {
    for (auto const& o : all)
      if (o.letter == letter) return &o;
    return nullptr;
  };
  for (auto const& group : c.groups)
    if (auto const* o = search(group.options)) return o;
  return search(global_options());
}

/// The option that a long name means, and the value that the name itself implies ("--no-x": "false").
struct meaning {
  option const* what = nullptr;
  std::string implied{};
};

meaning meaning_of(command const& c, std::string const& written) {
  auto const name = dashed(written);
  if (auto const* o = find_option(c, name)) return {o, o->is_flag() ? "true" : ""};
  for (auto const& group : c.groups)
    for (auto const& o : group.options)
      if (!o.opposite.empty() && o.opposite == name) return {&o, "false"};
  if (name.starts_with("no-"))
    if (auto const* o = find_option(c, name.substr(3)); o != nullptr) {
      if (o->is_flag()) return {o, "false"};
      if (!o->no.empty()) return {o, std::string{o->no}};
    }
  unknown_option(c, written);
}

/// One long option in canonical form, "--name=value"; takes the next word where it is the value.
std::string canonical(command const& c, std::vector<std::string> const& line, std::size_t& i) {
  auto const& word = line[i];
  auto const equals = word.find('=');
  auto const written = word.substr(2, equals == word.npos ? word.npos : equals - 2);
  auto const [what, implied] = meaning_of(c, written);
  auto value = implied;
  if (equals != word.npos) {
    value = word.substr(equals + 1);
    if (what->is_flag()) {
      auto const t = truth(value);
      if (!t) usage_error("option '--" + written + "' is true or false, not '" + value + "'");
      value = (*t == (implied == "true")) ? "true" : "false";
    }
  } else if (value.empty()) {
    if (i + 1 == line.size()) usage_error("option '--" + written + "' needs a value: " + std::string{what->value});
    value = line[++i];
  }
  if (value.empty() && what->how == takes::one) usage_error("option '--" + written + "' has an empty value");
  return "--" + std::string{what->name} + "=" + (value.empty() ? std::string{empty_value} : value);
}

std::vector<std::string> normalized(command const& c, std::vector<std::string> const& line, std::size_t from) {
  std::vector<std::string> out;
  for (auto i = from; i < line.size(); ++i) {
    auto const& word = line[i];
    if (word == "--") {
      out.insert(out.end(), line.begin() + static_cast<std::ptrdiff_t>(i), line.end());
      break;
    }
    if (word.starts_with("--")) {
      out.push_back(canonical(c, line, i));
    } else if (word.size() > 1 && word[0] == '-') {
      auto const* o = by_letter(c, word[1]);
      if (o == nullptr)
        usage_error("unknown option '" + word + "'", "octet " + std::string{c.name} + " --help lists the options");
      if (o->is_flag()) {
        for (auto const letter : word.substr(1)) {
          auto const* each = by_letter(c, letter);
          if (each == nullptr || !each->is_flag())
            usage_error("unknown option '-" + std::string{letter} + "' in '" + word + "'");
          out.push_back("--" + std::string{each->name} + "=true");
        }
        continue;
      }
      auto value = word.substr(2);
      if (value.empty() && i + 1 == line.size())
        usage_error("option '" + word + "' needs a value: " + std::string{o->value});
      if (value.empty()) value = line[++i];
      out.push_back("--" + std::string{o->name} + "=" + value);
    } else {
      out.push_back(word);
    }
  }
  return out;
}

void take_apart(std::vector<std::string> words, arguments& args) {
  CLI::App app;
  app.set_help_flag();
  std::vector<std::pair<option const*, CLI::Option*>> all;
  auto const add = [&](std::span<option const> options) {
    for (auto const& o : options) {
      auto* const p = app.add_option("--" + std::string{o.name});
      p->expected(1)->type_size(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      all.emplace_back(&o, p);
    }
  };
  for (auto const& group : args.command->groups) add(group.options);
  add(global_options());
  app.allow_extras();
  std::reverse(words.begin(), words.end());
  try {
    app.parse(std::move(words));
  } catch (CLI::ParseError const& e) {
    usage_error(e.what());
  }
  for (auto const& [o, p] : all) {
    if (p->count() == 0) continue;
    given g{p->results()};
    if (o->how == takes::one && o->name != "verbose") g.values = {g.values.back()};
    args.set(o->name, std::move(g));
  }
  for (auto& extra : app.remaining())
    if (extra != "--") args.positional.push_back(std::move(extra));
  if (args.positional.size() > args.command->most_arguments && !args.has("help"))
    usage_error("unexpected argument '" + args.positional[args.command->most_arguments] + "'",
                "usage: octet " + std::string{args.command->name} + " " + std::string{args.command->usage});
}

/// Global options may stand before the command; here it begins, and `name` is what it is called.
std::size_t find_words(std::vector<std::string> const& line, std::string& name) {
  command const none{};
  for (std::size_t i = 0; i < line.size(); ++i) {
    auto const& word = line[i];
    if (word.starts_with("-") && word.size() > 1) {
      auto at = i;
      if (word.starts_with("--")) (void)canonical(none, line, at);
      else if (auto const* o = by_letter(none, word[1]); o == nullptr) unknown_option(none, word.substr(1));
      i = at;
      continue;
    }
    name = word;
    return i;
  }
  return line.size();
}

}  // namespace

void usage_error(std::string const& what, std::string hint) {
  throw octet::error{octet::error_kind::usage, what, {}, std::move(hint)};
}

std::string lower(std::string_view s) {
  std::string r{s};
  for (auto& c : r)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return r;
}

void parse(std::vector<std::string> const& line, arguments& so_far) {
  std::string name;
  auto const at = find_words(line, name);
  static command const nothing{};
  if (at == line.size()) {
    so_far.command = &nothing;
    take_apart(normalized(nothing, line, 0), so_far);
    so_far.command = nullptr;
    return;
  }
  auto used = at;
  if (auto const* c = find_command(name)) {
    so_far.command = c;
  } else {
    auto next = at + 1;
    while (next < line.size() && line[next].starts_with("-")) ++next;
    if (next < line.size()) so_far.command = find_command(name + " " + line[next]), used = next;
  }
  std::vector<std::string> names;
  for (auto const& c : commands()) names.emplace_back(c.name), names.push_back(std::string{split(c.name, ' ')[0]});
  if (so_far.command == nullptr) {
    bool const family = std::find(names.begin(), names.end(), name) != names.end();
    if (family && std::any_of(line.begin(), line.end(), [](auto& w) { return w == "--help" || w == "-h"; }))
      return so_far.set("help", {{"true"}});
    auto const tried = family && used != at ? name + " " + line[used] : name;
    auto const near = closest(tried, names);
    usage_error(family && tried == name
                    ? "'" + name + "' needs a subcommand"
                    : "unknown command '" + tried + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?"),
                "octet --help lists the commands");
  }
  if (so_far.command->run == nullptr) {  // nothing is known of its options
    auto const help = [](auto& w) { return w == "--help" || w == "-h"; };
    if (std::any_of(line.begin(), line.end(), help)) so_far.set("help", {{"true"}});
    return;
  }
  auto rest = line;
  if (used != at) rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(used));
  rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at));
  take_apart(normalized(*so_far.command, rest, 0), so_far);
}

given const* arguments::find(std::string_view name) const {
  auto const it = options_.find(name);
  return it == options_.end() ? nullptr : &it->second;
}

std::optional<bool> arguments::maybe(std::string_view name) const {
  auto const* g = find(name);
  if (g == nullptr || g->values.empty()) return std::nullopt;
  auto const t = truth(g->values.back());
  if (!t) usage_error("option '--" + std::string{name} + "' is true or false, not '" + g->values.back() + "'");
  return t;
}

std::string arguments::text(std::string_view name, std::string otherwise) const {
  auto const* g = find(name);
  return g == nullptr || g->values.empty() ? std::move(otherwise) : g->values.back();
}

double arguments::number(std::string_view name, double otherwise, double least, double most) const {
  if (!has(name)) return otherwise;
  auto const word = text(name);
  char* end = nullptr;
  double const x = std::strtod(word.c_str(), &end);
  if (word.empty() || *end != '\0' || std::isnan(x))
    usage_error("option '--" + std::string{name} + "' needs a number, not '" + word + "'");
  if (x < least || x > most)
    usage_error("option '--" + std::string{name} + "' is " + word + ", outside of " + number_text(least) + " to " +
                number_text(most));
  return x;
}

std::int64_t arguments::integer(std::string_view name, std::int64_t otherwise, std::int64_t least,
                                std::int64_t most) const {
  if (!has(name)) return otherwise;
  auto const word = text(name);
  std::int64_t n = 0;
  auto const* const end = word.data() + word.size();
  auto const r = std::from_chars(word.data(), end, n);
  if (r.ec != std::errc{} || r.ptr != end)
    usage_error("option '--" + std::string{name} + "' needs a whole number, not '" + word + "'");
  if (n < least || n > most)
    usage_error("option '--" + std::string{name} + "' is " + word + ", outside of " + std::to_string(least) + " to " +
                std::to_string(most));
  return n;
}

std::size_t arguments::choice(std::string_view name, std::vector<std::string> const& names,
                              std::size_t otherwise) const {
  if (!has(name)) return otherwise;
  auto const word = lower(text(name));
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == word) return i;
    list += (i == 0 ? "" : ", ") + names[i];
  }
  usage_error("option '--" + std::string{name} + "' is one of " + list + ", not '" + text(name) + "'");
}

std::vector<std::string> arguments::all(std::string_view name) const {
  auto const* g = find(name);
  if (g == nullptr) return {};
  auto const* o = find_option(*command, name);
  std::vector<std::string> parts;
  if (o == nullptr || o->how != takes::list || g->from_file) {
    for (auto const& v : g->values)
      if (v != empty_value) parts.push_back(v);
    return parts;
  }
  for (auto const& v : g->values)
    for (auto const part : split(v, ','))
      if (!part.empty() && part != empty_value) parts.emplace_back(part);
  return parts;
}

std::string arguments::required(std::string_view name) const {
  if (!has(name))
    usage_error("option '--" + std::string{name} + "' is required",
                "usage: octet " + std::string{command->name} + " " + std::string{command->usage});
  return text(name);
}

std::string const& arguments::argument(std::size_t i, std::string_view what) const {
  if (i >= positional.size())
    usage_error(std::string{what} + " is missing",
                "usage: octet " + std::string{command->name} + " " + std::string{command->usage});
  return positional[i];
}

std::string arguments::model() const {
  if (!has("input")) return argument(0, "MODEL");
  if (!positional.empty()) usage_error("both MODEL and --input were given");
  return text("input");
}

}  // namespace cli
