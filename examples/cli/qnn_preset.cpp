// The overrides that Qualcomm's accelerators need, as ONNX Runtime's get_qnn_qdq_config decides them.
#include <nlohmann/json.hpp>

#include <octet/graph/graph.hpp>

#include "json.hpp"
#include "qnn_preset.hpp"

namespace cli {
namespace {

bool has_bits(std::string const& type, std::string_view bits) { return type.ends_with(bits); }

class qnn_overrides {
 public:
  qnn_overrides(octet::graph const& g, json const& config, json& all) : g_{g}, all_{all} {
    activation_ = config["activation_type"], weight_ = config["weight_type"];
    symmetric_ = config["extra_options"]["WeightSymmetric"];
    per_channel_ = config.value("per_channel", false);
  }

  void add(octet::node const& n) {
    if (n.op == "MatMul" && per_channel_) per_tensor(n);
    else if ((n.op == "MatMul" || n.op == "LayerNormalization") && !per_channel_) own_weight_type(n);
    else if (n.op == "Sigmoid") fixed_grid(n, 65536, 0);
    else if (n.op == "Tanh") fixed_grid(n, 32768, 32768);
  }

 private:
  bool is_weight(octet::value_id v) const { return g_[v].initializer.has_value(); }
  json weight_override() const { return {{"quant_type", weight_}, {"symmetric", symmetric_}}; }
  json const* override_of(octet::value_id v) const {
    auto const it = all_.find(g_[v].name);
    return it == all_.end() || it->empty() ? nullptr : &it->front();
  }
  void merge(octet::value_id v, json const& values) {
    auto& entries = all_[g_[v].name];
    if (entries.empty()) entries = json::array({json::object()});
    for (auto& e : entries) e.update(values);
  }

  /// Products are not quantized per channel there.
  void per_tensor(octet::node const& n) {
    for (auto const v : n.inputs)
      if (v != octet::value_id::none && is_weight(v) && !all_.contains(g_[v].name)) merge(v, weight_override());
  }

  /// The type that a node reads, after conversions.
  std::string type_read(octet::value_id v, octet::node const& n) const {
    auto const* o = override_of(v);
    std::string const otherwise = is_weight(v) ? "" : activation_;
    if (o == nullptr) return otherwise;
    if (auto const c = o->find("convert"); c != o->end()) {
      auto const readers = c->find("recv_nodes");
      bool const reads = readers == c->end() || std::find(readers->begin(), readers->end(), n.name) != readers->end();
      if (reads && c->contains("quant_type")) return (*c)["quant_type"];
    }
    return o->value("quant_type", otherwise);
  }

  /// A constant beside a 16-bit activation gets the weights' type, not the activations'.
  void own_weight_type(octet::node const& n) {
    if (!has_bits(weight_, "Int8")) return;
    bool wide = false;
    auto weight = octet::value_id::none;
    for (std::size_t i = 0; i < 2 && i < n.inputs.size(); ++i) {
      auto const v = n.inputs[i];
      if (v == octet::value_id::none) continue;
      auto const* o = override_of(v);
      if (o != nullptr && o->contains("axis")) return;
      auto const type = type_read(v, n);
      if (!is_weight(v)) wide = wide || has_bits(type, "Int16");
      else if (o != nullptr && type == weight_ && o->contains("symmetric") && (*o)["symmetric"] == symmetric_) return;
      else weight = v;
    }
    if (!wide || weight == octet::value_id::none) return;
    if (all_.contains(g_[weight].name))
      for (auto const& e : all_[g_[weight].name])
        if (e.contains("quant_type") || e.contains("symmetric")) return;
    merge(weight, weight_override());
  }

  /// A 16-bit result of fixed range has a fixed grid; `steps` to 1, and the zero point of uint16.
  void fixed_grid(octet::node const& n, int steps, int zero_point) {
    auto const* o = override_of(n.outputs[0]);
    std::string const type = o == nullptr ? activation_ : o->value("quant_type", activation_);
    if (!has_bits(type, "Int16")) return;
    bool const u = type == "QUInt16";
    merge(n.outputs[0],
          {{"quant_type", type}, {"scale", 1.0 / (u ? steps : 32768)}, {"zero_point", u ? zero_point : 0}});
  }

  octet::graph const& g_;
  json& all_;
  std::string activation_{}, weight_{};
  bool symmetric_ = false, per_channel_ = false;
};

}  // namespace

void add_qnn_overrides(octet::graph const& g, std::vector<octet::node_id> const& nodes, json& config) {
  auto& extras = config["extra_options"];
  auto const set = [&](char const* key, json value) {
    if (!extras.contains(key)) extras[key] = std::move(value);
  };
  std::string const weight = config["weight_type"];
  set("MinimumRealRange", 0.0001);
  set("DedicatedQDQPair", false);
  set("QDQKeepRemovableActivations", false);
  set("ActivationSymmetric", false);
  set("WeightSymmetric", weight == "QInt8" || weight == "QInt16");
  auto overrides = extras.value("TensorQuantOverrides", json::object());
  qnn_overrides rules{g, config, overrides};
  for (auto const n : nodes) rules.add(g[n]);
  extras["TensorQuantOverrides"] = std::move(overrides);
}

}  // namespace cli
