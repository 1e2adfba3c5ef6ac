// octet preprocess: shapes, clean-up and fusions before quantization.
#include <charconv>
#include <limits>
#include <map>

#include <nlohmann/json.hpp>

#include <octet/calibrate/readers/folder.hpp>
#include <octet/quantize/io_layout.hpp>
#include <octet/quantize/preprocess.hpp>

#include "commands.hpp"
#include "models.hpp"
#include "stages.hpp"

namespace cli {
namespace {

using octet::error;
using octet::error_kind;

/// NAME=1,3,224,224: the shape of an input becomes fixed.
void fix_shape(octet::model& m, std::string const& word) {
  auto const equals = word.rfind('=');
  if (equals == word.npos || equals == 0)
    usage_error("option '--fix-input-shape' needs NAME=1,3,224,224, not '" + word + "'");
  auto const name = word.substr(0, equals);
  auto const v = m.main.find(name);
  if (v == octet::value_id::none || !m.main.is_input(v))
    throw error{error_kind::invalid, "the model has no input '" + name + "'", name};
  std::vector<octet::dimension> dims;
  for (auto const part : split(std::string_view{word}.substr(equals + 1), ',')) {
    std::int64_t n = 0;
    auto const r = std::from_chars(part.data(), part.data() + part.size(), n);
    if (r.ec != std::errc{} || r.ptr != part.data() + part.size() || n < 0)
      usage_error("option '--fix-input-shape' needs whole numbers, not '" + std::string{part} + "'");
    dims.emplace_back(n);
  }
  auto& type = m.main[v].type;
  if (!type || !type->is_tensor()) throw error{error_kind::invalid, "input '" + name + "' is not a tensor", name};
  if (type->dims) {
    bool fits = type->dims->size() == dims.size();
    for (std::size_t i = 0; fits && i < dims.size(); ++i) {
      auto const& had = (*type->dims)[i];
      fits = !had.known() || had.size == dims[i].size;
    }
    if (!fits)
      throw error{error_kind::invalid,
                  "input '" + name + "' is " + octet::text(*type) + ", which the given shape contradicts", name};
  }
  type->dims = std::move(dims);
}

void drop_initializer_inputs(octet::model& m) {
  std::erase_if(m.main.inputs, [&](octet::value_id v) { return m.main[v].initializer.has_value(); });
}

/// Channel-last inputs and outputs, and in QNN mode a name for each node; whether anything changed.
bool lay_out(arguments const& args, octet::model& m) {
  for (auto const& name : args.all("channel-last-input")) octet::channel_last_input(m, name);
  for (auto const& name : args.all("channel-last-output")) octet::channel_last_output(m, name);
  auto const named = args.flag("qnn") ? octet::name_nodes(m, "qnn_preproc_node_") : 0;
  return named != 0 || args.has("channel-last-input") || args.has("channel-last-output");
}

octet::preprocess_options options_of(arguments const& args) {
  octet::preprocess_options o;
  o.optimize = !args.flag("skip-optimization");
  o.shapes = !(args.flag("skip-onnx-shape") && args.flag("skip-symbolic-shape"));
  o.infer.merge = args.flag("auto-merge", true);
  o.inference = args.flag("inference");
  o.infer.int_max = args.integer("int-max", o.infer.int_max, 1, std::numeric_limits<std::int64_t>::max());
  o.infer.guess_output_rank = args.flag("guess-output-rank");
  o.except = args.all("disable");
  for (auto const& word : args.all("fuse")) {
    auto const w = lower(word);
    if (w != "gelu" && w != "layernorm" && w != "all" && w != "lpnorm" && w != "space-to-depth" && w != "attention")
      usage_error("option '--fuse' is gelu, layernorm, lpnorm, space-to-depth, attention or all, not '" + word + "'");
    o.attention = o.attention || w == "attention";
    bool const all = w == "all";
    o.contrib = o.contrib || all;
    o.gelu = o.gelu || all || w == "gelu";
    o.lp_norm = o.lp_norm || all || w == "lpnorm";
    o.space_to_depth = o.space_to_depth || all || w == "space-to-depth";
    o.layer_norm = o.layer_norm || all || w == "layernorm";
  }
  if (args.flag("qnn")) {
    o.gelu = o.lp_norm = o.space_to_depth = true;
    o.raise_opset = o.layer_norm;
    o.mark = false;
  }
  return o;
}

}  // namespace

/// --check, on the first samples of --data or on random ones.
std::optional<octet::self_check> check_of(arguments const& args, octet::model const& m) {
  if (!args.flag("check")) return std::nullopt;
  octet::self_check c;
  c.seed = static_cast<std::uint64_t>(args.integer("seed", 0, 0, std::numeric_limits<std::int64_t>::max()));
  if (!args.has("data")) return c;
  auto next = octet::open_data(args.all("data"), m, {.limit = args.limit() != 0 ? args.limit() : 4});
  while (auto sample = next()) c.samples.push_back(std::move(*sample));
  if (c.samples.empty()) throw error{error_kind::invalid, "No data is collected", "--data"};
  return c;
}

void run_preprocess(arguments const& args, console& out) {
  auto const path = args.model(), output = args.required("output");
  std::string const inputs[] = {path};
  check_output(output, inputs, out);
  external const x{
      .wanted = args.flag("external-data"),
      .one_file = args.flag("external-data-one-file") || args.has("external-data-file"),
      .threshold = static_cast<std::uint64_t>(args.integer("external-data-threshold", 1024, 0, std::int64_t{1} << 60)),
      .file = args.text("external-data-file"),
      .attributes = args.flag("external-data-attributes")};
  auto o = options_of(args);
  bool const sort_only = args.flag("topological-sort");
  bool sorted = false;
  auto m = load_model(path, &sorted);
  auto const before = m.main.order.size();
  bool modified = sort_only && sorted;
  if (args.flag("exclude-initializer-from-input")) {
    auto const n = m.main.inputs.size();
    drop_initializer_inputs(m);
    modified = n != m.main.inputs.size();
  }
  for (auto const& word : args.all("fix-input-shape")) fix_shape(m, word), modified = true;
  octet::preprocess_report r;
  o.check = check_of(args, m);
  if (!sort_only) r = cli::preprocess(m, o);
  if (!sort_only && lay_out(args, m)) modified = true;
  write_model(m, output, x);
  auto& j = out.result();
  j["output"] = output;
  j["modified"] = modified || r.modified();
  j["nodes_before"] = before, j["nodes_after"] = m.main.order.size();
  std::map<std::string, std::size_t> rules;
  for (auto const& s : r.log.steps)
    if (s.applied) ++rules[s.rule];
  j["rules"] = json::object();
  auto text = std::to_string(before) + " nodes -> " + std::to_string(m.main.order.size()) + " nodes";
  if (r.opset_before != r.opset_after)
    text += ", opset " + std::to_string(r.opset_before) + " -> " + std::to_string(r.opset_after);
  text += "\n";
  for (auto const& [rule, n] : rules) j["rules"][rule] = n, text += "  " + std::to_string(n) + " " + rule + "\n";
  if (r.folded + r.merged + r.dead != 0)
    text += "  folded " + std::to_string(r.folded) + ", merged " + std::to_string(r.merged) + ", dead " +
            std::to_string(r.dead) + "\n";
  if (r.checked != 0) {
    j["check"] = {{"samples", r.checked}, {"largest_difference", r.largest_difference}};
    char size[32];
    std::snprintf(size, sizeof size, "%.2g", r.largest_difference);
    text += "  outputs the same on " + std::to_string(r.checked) + (r.checked == 1 ? " sample" : " samples") +
            ", within " + size + " of their largest element\n";
  }
  for (auto const& s : r.log.steps)
    if (!s.applied) out.note("left alone by " + s.rule + ": " + s.value + ": " + s.reason);
  auto const asked = args.integer("symbolic-verbose", 0, 0, 100) != 0;
  for (auto const& a : r.assumptions) out.note("assumed: " + a, asked ? 0 : 1);
  for (auto const& a : r.refused) out.note("not folded: " + a);
  out.report(text);
}

}  // namespace cli
