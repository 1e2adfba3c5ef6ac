// octet inspect: what is in a model, and how it is quantized.
#include <algorithm>

#include <nlohmann/json.hpp>

#include <octet/graph/walk.hpp>
#include <octet/quantize/lint.hpp>
#include <octet/quantize/recommend.hpp>
#include <octet/report/format.hpp>

#include "commands.hpp"
#include "models.hpp"
#include "settings.hpp"
#include "stage_texts.hpp"

namespace cli {
namespace {

using octet::element;
using octet::detail::bytes_text;
using octet::detail::padded;

std::string domain_name(std::string const& domain) { return domain.empty() ? "ai.onnx" : domain; }

json dims_json(octet::value_type const& t) {
  if (!t.dims) return nullptr;
  auto dims = json::array();
  for (auto const& d : *t.dims) {
    if (!d.symbol.empty()) dims.push_back(d.symbol);
    else if (d.known()) dims.push_back(d.size);
    else dims.push_back(nullptr);
  }
  return dims;
}

json values_json(octet::graph const& g, std::vector<octet::value_id> const& values) {
  auto all = json::array();
  for (auto const v : values) {
    json one{{"name", g[v].name}};
    auto const& t = g[v].type;
    one["type"] = !t ? json{} : t->is_tensor() ? json(octet::onnx_name(t->element)) : json("not a tensor");
    one["shape"] = t && t->is_tensor() ? dims_json(*t) : json{};
    if (g[v].initializer) one["has_default"] = true;
    all.push_back(std::move(one));
  }
  return all;
}

json initializers_json(octet::model const& m) {
  struct sums {
    std::size_t count = 0;
    std::uint64_t bytes = 0;
  } all, outside;
  std::map<std::string, sums> types;
  struct one {
    std::string name, type, shape;
    std::uint64_t bytes;
  };
  std::vector<one> largest;
  auto const see = [&](octet::stored_tensor const& t, std::string const& name) {
    auto const n = t.data.bytes().size();
    auto const type = octet::onnx_name(t.foreign ? static_cast<element>(t.foreign->type) : t.data.type());
    for (auto* s : {&all, &types[type]}) ++s->count, s->bytes += n;
    if (t.storage == octet::storage::external) ++outside.count, outside.bytes += n;
    largest.push_back({name, type, t.data.dims().text(), n});
  };
  octet::for_each_stored_tensor(m, see, [&](octet::stored_tensor const& t, std::string const& name) {
    if (t.data.bytes().size() >= 1024) see(t, name);  // Constant nodes that hold weights
  });
  std::stable_sort(largest.begin(), largest.end(), [](auto const& a, auto const& b) { return a.bytes > b.bytes; });
  if (largest.size() > 5) largest.resize(5);
  json j{{"count", all.count}, {"bytes", all.bytes}, {"by_type", json::object()}};
  for (auto const& [type, s] : types) j["by_type"][type] = {{"count", s.count}, {"bytes", s.bytes}};
  if (outside.count != 0) j["external"] = {{"count", outside.count}, {"bytes", outside.bytes}};
  j["largest"] = json::array();
  for (auto const& t : largest)
    j["largest"].push_back({{"name", t.name}, {"type", t.type}, {"shape", t.shape}, {"bytes", t.bytes}});
  return j;
}

/// How weights and activations are quantized, counted by type and granularity.
class quantization_census {
 public:
  json of(octet::model const& m) {
    octet::for_each_node_of(m, [&](octet::graph const& g, octet::node_id n) { see(g, g[n]); });
    auto const q = count("QuantizeLinear"), dq = count("DequantizeLinear");
    std::size_t linear = 0, integer = 0, dynamic = 0;
    for (auto const& [op, n] : ops_) {
      if (op.starts_with("QLinear") || op == "QGemm" || op == "QAttention" || op == "QEmbedLayerNormalization")
        linear += n;
      if (op.ends_with("Integer") || op == "DynamicQuantizeLSTM" || op == "DynamicQuantizeMatMul") integer += n;
      if (op.starts_with("DynamicQuantize") || op == "ComputeQuantizationParameters") dynamic += n;
    }
    std::string format = "none";
    if (dynamic != 0 && integer == 0) format = "dynamic QDQ";
    else if (integer != 0) format = "dynamic, integer operators";
    else if (linear != 0) format = "QOperator";
    else if (q + dq != 0) format = "QDQ";
    json j{{"format", format}};
    j["weights"] = json::object(), j["activations"] = json::object();
    for (auto const& [what, n] : weights_) j["weights"][what] = n;
    for (auto const& [what, n] : activations_) j["activations"][what] = n;
    return j;
  }

 private:
  std::size_t count(char const* op) const {
    auto const it = ops_.find(op);
    return it == ops_.end() ? 0 : it->second;
  }
  void weight(octet::graph const& g, octet::node const& n, std::size_t data, std::size_t scale) {
    if (!n.has_input(data)) return;
    auto const* w = g.constant(n.inputs[data]);
    if (w == nullptr || w->type() == element::s32) return;  // int32: a bias
    auto const* s = n.has_input(scale) ? g.constant(n.inputs[scale]) : nullptr;
    bool const blocked = n.get<std::int64_t>("block_size", 0) > 0;
    ++weights_[type_name(w->type()) + (blocked                         ? " blocked"
                                       : s != nullptr && s->size() > 1 ? " per channel"
                                                                       : " per tensor")];
  }
  void see(octet::graph const& g, octet::node const& n) {
    ++ops_[n.op];
    if (n.op == "DequantizeLinear") weight(g, n, 0, 1);
    if (n.op == "QLinearConv" || n.op == "QLinearMatMul" || n.op == "QGemm") weight(g, n, 3, 4);
    if (n.op == "MatMulInteger" || n.op == "ConvInteger") weight(g, n, 1, 3);
    if (n.op == "DynamicQuantizeMatMul") weight(g, n, 1, 2);
    if (n.op == "QuantizeLinear") {
      auto const* z = n.has_input(2) ? g.constant(n.inputs[2]) : nullptr;
      ++activations_[z == nullptr ? "uint8" : type_name(z->type())];
    }
    if (n.op == "DynamicQuantizeLinear") ++activations_["uint8 at run time"];
  }

  std::map<std::string, std::size_t> ops_{}, weights_{}, activations_{};
};

std::string values_text(char const* title, json const& values) {
  std::string s = "\n" + std::string{title} + "\n";
  std::size_t wide = 0;
  for (auto const& v : values) wide = std::max(wide, octet::detail::columns(v["name"].get_ref<std::string const&>()));
  for (auto const& v : values) {
    s += "  " + padded(v["name"].get<std::string>(), wide) + "  " +
         (v["type"].is_null() ? "?" : v["type"].get<std::string>());
    if (!v["shape"].is_null()) {
      s += " [";
      for (auto const& d : v["shape"])
        s += (s.back() == '[' ? "" : ", ") + (d.is_null() ? "?" : d.is_string() ? d.get<std::string>() : d.dump());
      s += "]";
    }
    s += '\n';
  }
  return s;
}

std::string target_text(json const& j) {
  auto const word = [](json const& x, char const* key) { return x[key].get<std::string>(); };
  std::string s;
  if (j.contains("violations")) {
    s += "\nFor " + word(j, "target") + ": " + std::to_string(j["violations"].size()) + " violations\n";
    for (auto const* list : {"violations", "advice"})
      for (auto const& f : j[list])
        s += "  " + word(f, "node") + ": " + word(f, "what") + (*list == 'v' ? " (rule " : " (advice ") +
             word(f, "rule") + "); use " + word(f, "remedy") + '\n';
    return s;
  }
  s += "\nRecommended for " + word(j, "target") + '\n';
  for (auto const& r : j["recommendations"])
    s += "  " + padded(word(r, "choice"), 18) + "  " + padded(word(r, "options"), 60) + "  " + word(r, "reason") + '\n';
  return s;
}

std::string text_of(json const& j) {
  std::string s = j["model"].get<std::string>() + "\n  IR " + j["ir_version"].dump() + ", opsets";
  for (auto const& o : j["opsets"].items()) s += " " + o.key() + " " + o.value().dump();
  if (auto const& p = j["producer"].get_ref<std::string const&>(); !p.empty()) s += ", by " + p;
  s += "\n" + values_text("Inputs", j["inputs"]) + values_text("Outputs", j["outputs"]);
  s += "\nOperators (" + j["nodes"].dump() + " nodes)\n";
  std::size_t wide = 0;
  std::vector<std::pair<std::string, std::size_t>> ops;
  for (auto const& o : j["ops"].items())
    ops.emplace_back(o.key(), o.value().get<std::size_t>()), wide = std::max(wide, o.key().size());
  std::stable_sort(ops.begin(), ops.end(), [](auto const& a, auto const& b) { return a.second > b.second; });
  for (auto const& [op, n] : ops) s += "  " + padded(op, wide) + padded(std::to_string(n), 7, true) + '\n';
  auto const& w = j["initializers"];
  s += "\nInitializers (" + w["count"].dump() + ", " + bytes_text(w["bytes"].get<std::uint64_t>()) + ")\n";
  for (auto const& t : w["by_type"].items())
    s += "  " + padded(t.key(), 10) + padded(t.value()["count"].dump(), 6, true) +
         padded(bytes_text(t.value()["bytes"].get<std::uint64_t>()), 10, true) + '\n';
  for (auto const& t : w["largest"])
    s += "    " + padded(bytes_text(t["bytes"].get<std::uint64_t>()), 9, true) + "  " + t["name"].get<std::string>() +
         " " + t["shape"].get<std::string>() + '\n';
  auto const& q = j["quantization"];
  s += "\nQuantization: " + q["format"].get<std::string>() + '\n';
  for (auto const* what : {"weights", "activations"})
    for (auto const& item : q[what].items())
      s += "  " + padded(what, 12) + padded(item.value().dump(), 5, true) + "  " + item.key() + '\n';
  if (j.contains("target")) s += target_text(j);
  if (!j["metadata"].empty()) s += "\nMetadata\n";
  for (auto const& item : j["metadata"].items())
    s += "  " + item.key() + " = " + item.value().get<std::string>().substr(0, 80) + '\n';
  return s;
}

/// What the target says of a quantized model, or how it would have a float one quantized.
void add_target(octet::model const& m, octet::target_rules const& t, json& j) {
  j["target"] = t.name;
  if (j["quantization"]["format"] == "none") {
    j["recommendations"] = json::array();
    for (auto const& r : octet::recommend(m, t))
      j["recommendations"].push_back({{"choice", r.choice}, {"options", r.options}, {"reason", r.reason}});
    return;
  }
  j["violations"] = json::array(), j["advice"] = json::array();
  for (auto const& f : octet::lint(m, t))
    j[f.broken ? "violations" : "advice"].push_back(
        {{"node", f.node}, {"rule", f.rule}, {"what", f.what}, {"remedy", f.remedy}});
}

}  // namespace

void run_inspect(arguments const& args, console& out) {
  auto const path = args.model();
  auto m = load_model(path);
  json j{{"model", path}, {"ir_version", m.ir_version}};
  j["producer"] = m.producer_name + (m.producer_version.empty() ? "" : " " + m.producer_version);
  j["opsets"] = json::object();
  for (auto const& o : m.opsets) j["opsets"][domain_name(o.domain)] = o.version;
  j["inputs"] = values_json(m.main, m.main.inputs);
  j["outputs"] = values_json(m.main, m.main.outputs);
  std::map<std::string, std::size_t> ops;
  std::size_t nodes = 0;
  octet::for_each_node_of(m, [&](octet::graph const& g, octet::node_id n) { ++ops[g[n].op], ++nodes; });
  j["nodes"] = nodes;
  j["ops"] = json::object();
  for (auto const& [op, n] : ops) j["ops"][op] = n;
  if (!m.functions.empty()) {
    j["functions"] = json::array();
    for (auto const& f : m.functions) j["functions"].push_back(domain_name(f.domain) + "." + f.name);
  }
  j["initializers"] = initializers_json(m);
  j["quantization"] = quantization_census{}.of(m);
  j["metadata"] = json::object();
  for (auto const& p : m.metadata) j["metadata"][p.key] = p.value;
  if (auto const* t = target_of(args)) add_target(m, *t, j);
  if (args.has("stages")) j["stages"] = write_stages(args, out, std::move(m));
  if (!out.json_wanted()) out.text(text_of(j));
  auto const broken = j.contains("violations") ? j["violations"].size() : 0;
  out.result() = std::move(j);
  if (broken != 0) {
    out.keep_result();
    throw octet::error{
        octet::error_kind::invalid,
        std::to_string(broken) + " violations of the rules of target " + std::string{target_of(args)->name}, path};
  }
}

}  // namespace cli
