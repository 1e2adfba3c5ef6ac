// Damages one layer of a quantized model, as a faulty tool or a hand edit would, and lets octet find it.
//   debugging MODEL DATA OUT [LAYER [scale|channels|range|none]]     DATA holds calib/ and eval/; OUT is the damaged
//   model
#include <algorithm>
#include <cmath>
#include <cstdio>

#include <octet/octet.hpp>

namespace {

using octet::value_id;

/// The convolutions and the like that have an integer weight, in the order of the graph.
std::vector<octet::node_id> layers_with_weights(octet::graph const& g) {
  std::vector<octet::node_id> all;
  for (auto const n : g.order) {
    auto const* dequantize = g[n].inputs.size() > 1 ? g.producer(g[n].inputs[1]) : nullptr;
    if (dequantize != nullptr && dequantize->is("DequantizeLinear") && g.constant(dequantize->inputs[0]) != nullptr)
      all.push_back(n);
  }
  return all;
}

octet::node_id find_layer(octet::graph const& g, std::string const& name) {
  auto const all = layers_with_weights(g);
  for (auto const n : all)
    if (g[n].name == name) return n;
  if (name.empty() && !all.empty()) return all[all.size() / 2];
  std::string names;
  for (auto const n : all) names += (names.empty() ? "" : ", ") + g[n].name;
  throw octet::error{octet::error_kind::invalid, "no layer '" + name + "' has an integer weight", name, names};
}

void multiply(octet::graph& g, value_id scale, float factor) {
  auto& stored = g[scale].initializer->data;
  stored = stored.copy();  // the bytes may be shared
  for (auto& x : stored.mutable_as<float>()) x *= factor;
}

/// The first and the last channel change places.
void swap_channels(octet::graph& g, value_id weight) {
  auto& stored = g[weight].initializer->data;
  stored = stored.copy();
  auto const bytes = stored.mutable_as<std::int8_t>();
  auto const one = static_cast<std::ptrdiff_t>(stored.size() / stored.dims()[0]);
  std::swap_ranges(bytes.begin(), bytes.begin() + one, bytes.end() - one);
}

/// The scale of the grid on which the layer's output is rounded, behind its activation.
value_id output_scale(octet::graph const& g, octet::node_id layer) {
  for (auto v = g[layer].outputs[0]; g[v].uses.size() == 1;) {
    auto const& reader = g[g[v].uses[0].node];
    if (reader.is("QuantizeLinear")) return reader.inputs[1];
    v = reader.outputs[0];
  }
  throw octet::error{octet::error_kind::invalid, "the output is not quantized", g[layer].name};
}

void damage(octet::graph& g, octet::node_id layer, std::string const& kind) {
  auto const& dequantize = *g.producer(g[layer].inputs[1]);
  if (kind == "scale") multiply(g, dequantize.inputs[1], 8);
  else if (kind == "channels") swap_channels(g, dequantize.inputs[0]);
  else if (kind == "range") multiply(g, output_scale(g, layer), 0.125f);
  else if (kind != "none") throw octet::error{octet::error_kind::usage, "'" + kind + "' is no damage"};
}

double worst_db(octet::model const& before, octet::model const& after, std::string const& data) {
  octet::session a{before}, b{after};
  octet::accuracy all;
  auto next = octet::open_data({data}, before, {.limit = 8});
  while (auto const sample = next()) all.add(a.run(*sample), b.run(*sample));
  return all.worst_db();
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 4 || argc > 6)
    throw octet::error{octet::error_kind::usage, "three to five arguments are needed", {}, "MODEL DATA OUT LAYER KIND"};
  std::string const data = argv[2], eval = data + "/eval", kind = argc > 5 ? argv[5] : "scale";
  auto before = octet::load(argv[1]);
  octet::preprocess(before);  // compared with what was quantized, weights tell by how much they are wrong
  auto after = before;
  octet::quantize<octet::s8s8>(after, octet::calibrate(after, octet::open_data({data + "/calib"}, after)));
  std::printf("quantized: %.1f dB\n", worst_db(before, after, eval));

  auto const layer = find_layer(after.main, argc > 4 ? argv[4] : "");
  damage(after.main, layer, kind);
  octet::save(after, argv[3]);
  std::printf("damaged (%s of %s): %.1f dB\n\n", kind.c_str(), after.main[layer].name.c_str(),
              worst_db(before, after, eval));

  auto const found = octet::debug::layers(before, after, octet::open_data({eval}, before, {.limit = 3}));
  std::printf("own error  so far  layer\n");
  for (std::size_t i = 0; i < found.size() && i < 5; ++i)
    std::printf("%6.1f dB %5.1f dB  %s: %s\n", found[i].own_db, found[i].accumulated_db, found[i].node.c_str(),
                std::string{text(found[i].cause)}.c_str());
  if (found.empty() || octet::debug::gravity(found[0].cause) == 0) {
    std::printf("\nno layer is at fault\n");
    return 0;
  }
  std::printf("\nat fault: %s: %s\n  %s\n  %s\n", found[0].node.c_str(), std::string{text(found[0].cause)}.c_str(),
              found[0].detail.c_str(), found[0].advice.c_str());
} catch (octet::error const& e) {
  std::fprintf(stderr, "%s (%s) %s\n", e.what(), e.where.c_str(), e.hint.c_str());
  return static_cast<int>(e.kind);
}
