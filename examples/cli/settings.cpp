// One place where each option of section 3 meets its field.
#include "settings.hpp"

#include <charconv>
#include <limits>

#include <octet/quantize/for_target.hpp>

namespace cli {
namespace {

using octet::element;
using octet::error;
using octet::error_kind;

struct type_row {
  std::string_view name;
  element type;
};
constexpr type_row types[] = {{"int8", element::s8},
                              {"uint8", element::u8},
                              {"int16", element::s16},
                              {"uint16", element::u16},
                              {"int4", element::s4},
                              {"uint4", element::u4},
                              {"float8e4m3fn", element::f8e4m3fn}};

element float_type(std::string const& word) {
  auto const w = lower(word);
  if (w == "float" || w == "float32" || w == "1") return element::f32;
  if (w == "float16" || w == "10") return element::f16;
  if (w == "bfloat16" || w == "16") return element::bf16;
  usage_error("option '--default-tensor-type' is float, float16, bfloat16 or their ONNX number, not '" + word + "'");
}

std::map<std::string, int, std::less<>> axes(std::vector<std::string> const& words) {
  std::map<std::string, int, std::less<>> all;
  for (auto const& word : words) {
    auto const equals = word.find('=');
    int axis = 0;
    auto const* const end = word.data() + word.size();
    if (equals == word.npos || std::from_chars(word.data() + equals + 1, end, axis).ptr != end)
      usage_error("option '--op-per-channel-axis' needs OP=AXIS, not '" + word + "'");
    all[word.substr(0, equals)] = axis;
  }
  return all;
}

void refuse_unsupported(arguments const& args) {
  if (args.flag("smooth-quant"))
    throw error{error_kind::unsupported, "'--smooth-quant' is for static quantization: there are no samples here"};
}

}  // namespace

element parse_type(std::string const& word, std::string const& what) {
  auto w = lower(word);
  if (w.starts_with("q")) w.erase(0, 1);
  for (auto const& t : types)
    if (t.name == w) return t.type;
  std::string list;
  for (auto const& t : types) list += (list.empty() ? "" : ", ") + std::string{t.name};
  usage_error(what + " is one of " + list + ", not '" + word + "'");
}

std::string type_name(element e) {
  for (auto const& t : types)
    if (t.type == e) return std::string{t.name};
  return octet::onnx_name(e);
}

octet::target_rules const* target_of(arguments const& args) {
  if (!args.has("target")) return nullptr;
  auto const name = lower(args.text("target"));
  if (auto const* t = octet::find_target(name)) return t;
  std::string list;
  for (auto const* t : octet::shipped_targets) list += (list.empty() ? "" : ", ") + std::string{t->name};
  usage_error("option '--target' is one of " + list + ", not '" + args.text("target") + "'");
}

std::vector<std::string> apply_target(arguments const& args, octet::scheme const& s, octet::quantize_options& o,
                                      bool dynamic) {
  auto const* t = target_of(args);
  if (t == nullptr) return {};
  if (args.maybe("quantize-bias").value_or(false) && !t->quantized_bias)
    throw error{error_kind::invalid, "rule float_bias of target " + std::string{t->name} + ": biases stay float",
                "options", "leave --quantize-bias out"};
  return octet::for_target(*t, s, o, dynamic);
}

octet::scheme scheme_of(arguments const& args) {
  octet::scheme s;
  auto const* aim = target_of(args);
  if (aim != nullptr) s = aim->recommended;
  if (args.has("activation-type") || aim == nullptr)
    s.activation = parse_type(args.text("activation-type", "int8"), "option '--activation-type'");
  if (args.has("weight-type") || aim == nullptr)
    s.weight = parse_type(args.text("weight-type", "int8"), "option '--weight-type'");
  for (auto const t : {s.activation, s.weight})
    if (t == element::f8e4m3fn) {
      if ((s.activation == t) != (s.weight == t))
        throw error{error_kind::invalid, "float8 is for activations and weights together, not for one of them"};
      throw error{error_kind::unsupported, "float8 is not supported yet"};
    }
  bool const symmetric = args.maybe("weight-symmetric").value_or(octet::is_signed(s.weight));
  s.weight_symmetry = symmetric ? octet::symmetry::symmetric : octet::symmetry::asymmetric;
  bool const centred = aim != nullptr && s.activation_symmetry == octet::symmetry::symmetric;
  s.activation_symmetry =
      args.flag("activation-symmetric", centred) ? octet::symmetry::symmetric : octet::symmetry::asymmetric;
  s.per_channel = args.flag("per-channel", s.per_channel);
  s.reduce_range = args.flag("reduce-range");
  return s;
}

octet::quantize_options options_of(arguments const& args, bool dynamic) {
  if (dynamic) refuse_unsupported(args);
  octet::quantize_options o;
  o.format =
      args.choice("format", {"qdq", "qoperator"}, dynamic ? 1 : 0) == 0 ? octet::format::qdq : octet::format::qoperator;
  o.op_types = args.all("op-types");
  o.only = args.all("node");
  o.except = args.all("exclude-node");
  o.enable_subgraph = args.flag("enable-subgraph");
  o.force_quantize_no_input_check = args.flag("force-quantize-no-input-check");
  o.matmul_const_b_only = args.flag("matmul-const-b-only", dynamic);
  o.add_qdq_pair_to_weight = args.flag("add-qdq-pair-to-weight");
  o.dedicated_qdq_pair = args.flag("dedicated-qdq-pair");
  o.quantize_bias = args.flag("quantize-bias", true);
  o.use_qdq_contrib_ops = args.flag("use-qdq-contrib-ops");
  o.keep_removable_activations = args.flag("keep-removable-activations");
  o.adjust_weight_for_bias = !args.flag("disable-weight-adjust-for-int32-bias");
  o.restricted_asymmetric = args.flag("activation-restricted-asymmetric");
  o.exclude_output_of = args.all("exclude-output-op-types");
  o.channel_axis = axes(args.all("op-per-channel-axis"));
  o.quantize_sensitive = args.flag("quantize-sensitive");
  o.minimum_real_range = args.number("minimum-real-range", 0, 0, std::numeric_limits<float>::max());
  o.sigmoid_nnapi = args.flag("sigmoid-nnapi");
  o.block_size = args.integer("block-size", 0, 0, std::int64_t{1} << 40);
  constexpr octet::product_form forms[] = {octet::product_form::separate, octet::product_form::to_float,
                                           octet::product_form::whole};
  if (dynamic) o.products = forms[args.choice("fuse", {"none", "matmulintegertofloat", "dynamicquantizematmul"}, 0)];
  if (o.products != octet::product_form::separate && o.format == octet::format::qdq)
    throw error{error_kind::invalid, "'--fuse' joins integer operators, which Q/DQ pairs are not", "options",
                "leave --format qdq out"};
  if (args.has("default-tensor-type")) o.default_tensor_type = float_type(args.text("default-tensor-type"));
  if (auto const* g = args.find("tensor-quant-overrides")) {
    auto const file = g->literal ? std::string{"TensorQuantOverrides"} : g->values.back();
    o.overrides = parse_overrides(g->literal ? *g->literal : read_text(file), file);
  }
  return o;
}

}  // namespace cli
