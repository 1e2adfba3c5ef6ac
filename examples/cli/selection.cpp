// Which nodes the line means: regular expressions become names, FROM:TO becomes a pair of tensors.
#include <regex>

#include <octet/quantize/selection.hpp>

#include "settings.hpp"

namespace cli {
namespace {

using octet::error;
using octet::error_kind;

constexpr std::string_view prefix = "re:";

/// Replaces each re:PATTERN by those of `names` in which it is found.
void expand(std::vector<std::string>& patterns, std::vector<std::string> const& names, char const* option) {
  std::vector<std::string> all;
  for (auto const& p : patterns) {
    if (!p.starts_with(prefix)) {
      all.push_back(p);
      continue;
    }
    std::regex expression;
    try {
      expression.assign(p.substr(prefix.size()));
    } catch (std::regex_error const& e) {
      usage_error("option '--" + std::string{option} + "': '" + p + "' is not a regular expression: " + e.what());
    }
    auto const before = all.size();
    for (auto const& name : names)
      if (std::regex_search(name, expression)) all.push_back(name);
    if (all.size() == before) octet::detail::matches_nothing("the expression", p, names, "node");
  }
  patterns = std::move(all);
}

/// Tensor names may hold colons: the one that leaves two names of tensors counts.
octet::tensor_pair pair_of(std::string const& word, octet::graph const& g) {
  auto const known = [&](std::string const& name) { return name.empty() || g.find(name) != octet::value_id::none; };
  auto first = word.find(':');
  if (first == word.npos || word.size() == 1) usage_error("option '--between' needs FROM:TO, not '" + word + "'");
  for (auto at = first; at != word.npos; at = word.find(':', at + 1))
    if (known(word.substr(0, at)) && known(word.substr(at + 1))) return {word.substr(0, at), word.substr(at + 1)};
  return {word.substr(0, first), word.substr(first + 1)};
}

}  // namespace

void resolve_selection(arguments const& args, octet::model const& m, octet::quantize_options& o) {
  std::vector<std::string> names, types;
  octet::for_each_quantized_graph(m, o.enable_subgraph, [&](octet::graph const& g) {
    for (auto const n : g.order) {
      names.push_back(octet::label(g, g[n]));
      if (std::find(types.begin(), types.end(), g[n].op) == types.end()) types.push_back(g[n].op);
    }
  });
  expand(o.only, names, "node");
  expand(o.except, names, "exclude-node");
  expand(o.op_types, types, "op-types");
  expand(o.exclude_output_of, types, "exclude-output-op-types");
  for (auto const& word : args.all("between")) o.between.push_back(pair_of(word, m.main));
}

}  // namespace cli
