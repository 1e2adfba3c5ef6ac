// Config files and -x: ONNX Runtime's parameter names, brought to those of the options.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "arguments.hpp"

namespace cli {
namespace {

using octet::error_kind;

std::string text_of(json const& v) {
  if (v.is_string()) return v.get<std::string>();
  return dump(v);
}

/// The values of one option as a config file gives them.
given given_of(option const& o, json const& v, std::string const& key, std::string const& where) {
  given g;
  g.from_file = true;
  auto const refuse = [&](char const* what) {
    throw octet::error{error_kind::invalid, "'" + key + "' must be " + what, where};
  };
  if (o.name == "tensor-quant-overrides" && v.is_object()) {
    g.literal = dump(v);
    return g;
  }
  if (o.is_flag()) {
    if (v.is_number_integer() && (v == 0 || v == 1)) g.values = {v == 1 ? "true" : "false"};
    else if (v.is_boolean()) g.values = {v.get<bool>() ? "true" : "false"};
    else refuse("true or false");
  } else if (o.how == takes::one) {
    if (v.is_structured()) refuse("one value");
    g.values = {text_of(v)};
  } else if (v.is_object() && o.value.find('=') != o.value.npos) {
    for (auto const& item : v.items()) g.values.push_back(item.key() + "=" + text_of(item.value()));
  } else if (v.is_array()) {
    for (auto const& item : v) {
      if (item.is_structured()) refuse("a list of texts");
      g.values.push_back(text_of(item));
    }
  } else if (v.is_object()) {
    refuse("a list");
  } else {
    g.values = {text_of(v)};
  }
  return g;
}

void apply_extra(arguments& args, std::string const& name, json const& v, std::string const& where, bool from_line) {
  auto const* o = find_extra(*args.command, name);
  if (o == nullptr) {
    std::vector<std::string> names;
    for (auto const& group : args.command->groups)
      for (auto const& each : group.options)
        if (!each.extra.empty()) names.emplace_back(each.extra);
    auto const near = closest(name, names);
    throw octet::error{from_line ? error_kind::usage : error_kind::invalid,
                       "unknown extra option '" + name + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?"),
                       where};
  }
  if (v.is_null()) return;
  auto g = given_of(*o, v, name, where);
  from_line ? args.set(o->name, std::move(g)) : args.set_default(o->name, std::move(g));
}

}  // namespace

void apply_config(arguments& args, std::string const& file) {
  auto const& where = file;
  auto const config = parse_json(read_text(file), file);
  if (!config.is_object()) throw octet::error{error_kind::invalid, "a config file holds one JSON object", where};
  for (auto const& item : config.items()) {
    if (item.key() == "extra_options") {
      if (item.value().is_null()) continue;
      if (!item.value().is_object())
        throw octet::error{error_kind::invalid, "'extra_options' must be an object", where};
      for (auto const& extra : item.value().items()) apply_extra(args, extra.key(), extra.value(), where, false);
      continue;
    }
    if (item.key() == "calibration_providers") continue;
    auto const* o = find_option(*args.command, item.key());
    if (o == nullptr || o->name == "config" || o->name == "help" || o->name == "version") {
      auto names = option_names(*args.command);
      for (auto& n : names) std::replace(n.begin(), n.end(), '-', '_');
      auto const near = closest(item.key(), names);
      throw octet::error{error_kind::invalid,
                         "unknown key '" + item.key() + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?"),
                         where};
    }
    if (item.value().is_null()) continue;
    auto g = given_of(*o, item.value(), item.key(), where);
    if (g.values.empty() && !g.literal) continue;  // an empty list is the default
    args.set_default(o->name, std::move(g));
  }
}

void apply_extras(arguments& args) {
  for (auto const& text : args.all("extra")) {
    auto const equals = text.find('=');
    if (equals == text.npos) usage_error("-x needs NAME=JSON, not '" + text + "'");
    auto const name = text.substr(0, equals), value = text.substr(equals + 1);
    json v;
    auto const word = lower(value);
    if (word == "true" || word == "false") {
      v = word == "true";  // Python writes True
    } else {
      try {
        v = parse_json(value, "-x " + name);
      } catch (octet::error const&) {
        v = value;
      }
    }
    apply_extra(args, name, v, "-x " + name, true);
  }
}

}  // namespace cli
