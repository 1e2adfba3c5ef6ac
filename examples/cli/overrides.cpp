// TensorQuantOverrides from JSON; whether they fit the model is the library's to check.
#include <cmath>

#include <nlohmann/json.hpp>

#include "settings.hpp"

namespace cli {
namespace {

using octet::error;
using octet::error_kind;

/// Reads the keys of one JSON object and refuses those that nobody asked for.
class fields {
 public:
  fields(json const& object, std::string where) : object_{object}, where_{std::move(where)} {
    if (!object.is_object()) refuse("an override is an object");
  }

  [[noreturn]] void refuse(std::string const& what) const { throw error{error_kind::invalid, what, where_}; }

  json const* find(char const* key) {
    known_.emplace_back(key);
    auto const it = object_.find(key);
    return it == object_.end() || it->is_null() ? nullptr : &*it;
  }
  std::optional<double> number(char const* key) {
    auto const* v = find(key);
    if (v == nullptr) return {};
    if (v->is_array() && v->size() == 1) v = &v->front();
    if (!v->is_number()) refuse("'" + std::string{key} + "' must be a number");
    return v->get<double>();
  }
  std::optional<std::int32_t> integer(char const* key) {
    auto const x = number(key);
    if (!x) return {};
    if (*x != std::floor(*x) || std::fabs(*x) > 1e9) refuse("'" + std::string{key} + "' must be a whole number");
    return static_cast<std::int32_t>(*x);
  }
  std::optional<bool> flag(char const* key) {
    auto const* v = find(key);
    if (v == nullptr) return {};
    if (!v->is_boolean()) refuse("'" + std::string{key} + "' must be true or false");
    return v->get<bool>();
  }
  std::optional<octet::symmetry> symmetry() {
    auto const f = flag("symmetric");
    if (!f) return {};
    return *f ? octet::symmetry::symmetric : octet::symmetry::asymmetric;
  }
  std::optional<octet::element> type() {
    auto const* v = find("quant_type");
    if (v == nullptr) return {};
    if (!v->is_string()) refuse("'quant_type' must be a text such as \"QUInt8\"");
    try {
      return parse_type(v->get<std::string>(), "'quant_type'");
    } catch (error const& e) {
      refuse(e.what());
    }
  }
  void finish() const {
    for (auto const& item : object_.items())
      if (std::find(known_.begin(), known_.end(), item.key()) == known_.end()) {
        auto const near = closest(item.key(), known_);
        refuse("unknown key '" + item.key() + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?"));
      }
  }

 private:
  json const& object_;
  std::string where_;
  std::vector<std::string> known_{};
};

std::optional<float> narrow(std::optional<double> x) {
  if (!x) return {};
  return static_cast<float>(*x);
}

octet::grid_conversion conversion_of(json const& v, std::string const& where) {
  fields f{v, where};
  octet::grid_conversion c;
  if (auto const t = f.type()) c.type = *t;
  c.symmetry = f.symmetry();
  c.scale = narrow(f.number("scale")), c.zero_point = f.integer("zero_point");
  c.low = narrow(f.number("rmin")), c.high = narrow(f.number("rmax"));
  if (auto const* nodes = f.find("recv_nodes")) {
    if (!nodes->is_array()) f.refuse("'recv_nodes' must be a list of node names");
    for (auto const& n : *nodes) {
      if (!n.is_string()) f.refuse("'recv_nodes' must be a list of node names");
      c.readers.push_back(n.get<std::string>());
    }
  }
  f.finish();
  return c;
}

/// The first entry says what holds for the tensor; those of further channels may repeat it, but not differ.
void add_entry(octet::tensor_override& o, json const& v, bool first, std::string const& where) {
  fields f{v, where};
  auto const keep = [&](auto& field, auto value, char const* key) {
    if (!value) return;
    if (!first && field != value) f.refuse("'" + std::string{key} + "' differs between channels");
    field = value;
  };
  keep(o.type, f.type(), "quant_type");
  keep(o.symmetry, f.symmetry(), "symmetric");
  keep(o.reduce_range, f.flag("reduce_range"), "reduce_range");
  keep(o.axis, f.integer("axis"), "axis");
  auto const scale = f.number("scale"), low = f.number("rmin"), high = f.number("rmax");
  auto const zero_point = f.integer("zero_point");
  if (scale) o.scale.push_back(static_cast<float>(*scale));
  if (zero_point) o.zero_point.push_back(*zero_point);
  if (low) o.low.push_back(static_cast<float>(*low));
  if (high) o.high.push_back(static_cast<float>(*high));
  if (auto const* c = f.find("convert")) o.convert = conversion_of(*c, where + ", convert");
  f.finish();
}

}  // namespace

std::map<std::string, octet::tensor_override, std::less<>> parse_overrides(std::string const& text,
                                                                           std::string const& where) {
  std::map<std::string, octet::tensor_override, std::less<>> all;
  auto const root = parse_json(text, where);
  if (!root.is_object()) throw error{error_kind::invalid, "overrides are one JSON object", where};
  for (auto const& item : root.items()) {
    auto const place = "override of tensor '" + item.key() + "'";
    if (!item.value().is_array() || item.value().empty())
      throw error{error_kind::invalid, "the overrides of a tensor are a list of objects", place};
    auto& o = all[item.key()];
    bool first = true;
    for (auto const& entry : item.value()) add_entry(o, entry, first, place), first = false;
    o.entries = item.value().size();
  }
  return all;
}

}  // namespace cli
