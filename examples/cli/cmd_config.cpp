// octet config: the options of a static quantization under ONNX Runtime's names.
#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include <octet/graph/walk.hpp>
#include <octet/infer/infer.hpp>
#include <octet/quantize/mixed_precision.hpp>

#include "commands.hpp"
#include "models.hpp"
#include "qnn_preset.hpp"
#include "settings.hpp"

namespace cli {
namespace {

using octet::element;
using octet::error;
using octet::error_kind;

/// QInt8, QUInt8, …
std::string runtime_type(element e) {
  std::string s = type_name(e);
  auto const at = s[0] == 'u' ? 1u : 0u;
  s[at] = static_cast<char>(s[at] - 'a' + 'A');
  if (at == 1) s[0] = 'U';
  return "Q" + s;
}

/// The value of an extra option as its type wants it.
json extra_value(arguments const& args, option const& o) {
  auto const& g = *args.find(o.name);
  if (o.name == "tensor-quant-overrides") {
    auto const file = g.literal ? std::string{"TensorQuantOverrides"} : g.values.back();
    return parse_json(g.literal ? *g.literal : read_text(file), file);
  }
  if (o.is_flag()) return args.flag(o.name);
  if (o.name == "op-per-channel-axis") {
    auto axes = json::object();
    for (auto const& word : args.all(o.name)) {
      auto const equals = word.find('=');
      if (equals == word.npos) usage_error("option '--op-per-channel-axis' needs OP=AXIS, not '" + word + "'");
      axes[word.substr(0, equals)] = parse_json(word.substr(equals + 1), "--op-per-channel-axis");
    }
    return axes;
  }
  if (o.how != takes::one) return args.all(o.name);
  auto const word = args.text(o.name);
  try {
    return parse_json(word, o.name.data());
  } catch (error const&) {
    return word;
  }
}

void add_given(arguments const& args, json& j) {
  options_of(args, false);  // malformed values are found here
  auto const names = [&](char const* key, char const* option) {
    if (args.has(option)) j[key] = args.all(option);
  };
  if (args.has("format")) j["quant_format"] = args.choice("format", {"qdq", "qoperator"}, 0) == 0 ? "QDQ" : "QOperator";
  for (auto const& [key, option] : {std::pair{"activation_type", "activation-type"}, {"weight_type", "weight-type"}})
    if (args.has(option))
      j[key] = runtime_type(parse_type(args.text(option), "option '--" + std::string{option} + "'"));
  names("op_types_to_quantize", "op-types");
  names("nodes_to_quantize", "node");
  names("nodes_to_exclude", "exclude-node");
  for (auto const& [key, option] : {std::pair{"per_channel", "per-channel"},
                                    {"reduce_range", "reduce-range"},
                                    {"use_external_data_format", "external-data"}})
    if (auto const f = args.maybe(option)) j[key] = *f;
  if (args.has("method")) {
    constexpr char const* methods[] = {"MinMax", "Entropy", "Percentile", "mse", "automatic", "Distribution"};
    j["calibrate_method"] =
        methods[args.choice("method", {"minmax", "entropy", "percentile", "mse", "automatic", "distribution"}, 0)];
  }
  if (args.has("calibration-cache")) j["calibration_cache_path"] = args.text("calibration-cache");
  names("data", "data");
  if (args.has("ranges")) j["ranges"] = args.text("ranges");
  auto extras = json::object();
  for (auto const& group : args.command->groups)
    for (auto const& o : group.options)
      if (!o.extra.empty() && args.has(o.name)) extras[std::string{o.extra}] = extra_value(args, o);
  if (!extras.empty()) j["extra_options"] = std::move(extras);
}

void set_missing(json& to, char const* key, json value) {
  if (!to.contains(key)) to[key] = std::move(value);
}

void set_types(bool qnn, json& j) {
  set_missing(j, "quant_format", "QDQ");
  set_missing(j, "activation_type", "QUInt8");
  set_missing(j, "weight_type", qnn ? "QUInt8" : "QInt8");
  set_missing(j, "calibrate_method", "MinMax");
}

/// Adds what ONNX Runtime's get_qdq_config and get_qnn_qdq_config decide by themselves; the types are set.
void add_preset(arguments const& args, octet::model const& m, std::string const& path, bool qnn, json& j) {
  std::set<std::string> ops;
  std::vector<octet::node_id> nodes;
  auto const excluded = args.all("exclude-node"), types = args.all("op-types");
  for (auto const n : m.main.order) {
    auto const& x = m.main[n];
    bool const wanted = types.empty() || std::find(types.begin(), types.end(), x.op) != types.end();
    if (octet::matches_any(excluded, x.name) || !wanted) continue;
    nodes.push_back(n);
    if (x.op != "Cast" && (qnn || (x.op != "QuantizeLinear" && x.op != "DequantizeLinear"))) ops.insert(x.op);
  }
  set_missing(j, "op_types_to_quantize", std::vector<std::string>(ops.begin(), ops.end()));
  bool external = file_bytes(path, m) >= (std::uint64_t{1} << 31);
  octet::for_each_stored_tensor(
      m, [&](auto const& t, auto const&) { external = external || t.storage == octet::storage::external; },
      [](auto const&, auto const&) {});
  set_missing(j, "use_external_data_format", external);
  auto& extras = j["extra_options"];
  if (extras.is_null()) extras = json::object();
  if (qnn) add_qnn_overrides(m.main, nodes, j);
  else set_missing(extras, "ForceQuantizeNoInputCheck", true);
  auto const text = dump(j);
  bool const narrow = text.find("Int4\"") != text.npos, wide = text.find("Int16\"") != text.npos;
  if (m.opset_version() < 21 && (qnn ? narrow || wide : narrow && !wide)) set_missing(extras, "UseQDQContribOps", true);
}

/// Adds to the overrides what mixed precision needs.
void fix_overrides(arguments const& args, octet::model m, json& j) {
  auto s = scheme_of(args);
  if (j.contains("activation_type")) s.activation = parse_type(j["activation_type"].get<std::string>(), "the preset");
  auto o = options_of(args, false);
  if (o.overrides.empty()) return;
  octet::infer(m);
  octet::fix_mixed_precision(m, s, o);
  auto& all = j["extra_options"]["TensorQuantOverrides"];
  auto const add = [](json& to, element type, std::optional<octet::symmetry> symmetry) {
    if (type != element::undefined && !to.contains("quant_type")) to["quant_type"] = runtime_type(type);
    if (symmetry && !to.contains("symmetric")) to["symmetric"] = *symmetry == octet::symmetry::symmetric;
  };
  for (auto const& [name, fixed] : o.overrides) {
    auto& entries = all[name];
    if (entries.empty()) entries = json::array({json::object()});
    add(entries[0], fixed.type.value_or(element::undefined), fixed.symmetry);
    if (!fixed.convert) continue;
    auto& convert = entries[0]["convert"];
    add(convert, fixed.convert->type, fixed.convert->symmetry);
    if (!fixed.convert->readers.empty()) convert["recv_nodes"] = fixed.convert->readers;
  }
}

}  // namespace

void run_config(arguments const& args, console& out) {
  auto const path = args.argument(0, "MODEL");
  auto const output = args.text("output");
  auto const preset = args.choice("preset", {"none", "qdq", "qnn"}, 0);
  std::string const inputs[] = {path};
  if (!output.empty()) check_output(output, inputs, out);
  auto m = load_model(path);
  auto j = json::object();
  add_given(args, j);
  bool const qnn = preset == 2;
  if (preset != 0) set_types(qnn, j);
  if (args.maybe("fix-mixed-precision").value_or(qnn)) fix_overrides(args, m, j);
  if (preset != 0) add_preset(args, m, path, qnn, j);
  if (!output.empty()) {
    write_text(dump(j, 2) + "\n", output);
    out.result()["output"] = output;
  } else if (out.json_wanted()) {
    out.only(std::move(j));
  } else {
    out.text(dump(j, 2) + "\n");
  }
}

}  // namespace cli
