// Builds an LSTM classifier, quantizes it dynamically, and compares both.
//   rnn_dynamic FLOAT INT8     both are written
#include <cmath>
#include <cstdio>
#include <random>

#include <octet/octet.hpp>

namespace {

octet::tensor random(octet::shape dims, float reach, unsigned seed) {
  std::mt19937 bits{seed};
  octet::tensor t{octet::element::f32, std::move(dims)};
  for (auto& x : t.mutable_as<float>()) x = reach * (static_cast<float>(bits() % 20001) / 10000 - 1);
  return t;
}

/// x [steps, 1, 40] → LSTM of 64 → the last state → 10 scores.
octet::model classifier() {
  constexpr std::int64_t inputs = 40, hidden = 64, classes = 10;
  octet::model m;
  m.ir_version = 8;
  m.import_opset("", 17);
  auto& g = m.main;
  g.name = "classifier";
  octet::value_type sequence{.element = octet::element::f32};
  sequence.dims.emplace({octet::dimension{std::string{"steps"}}, octet::dimension{1}, octet::dimension{inputs}});
  auto const x = g.add_input("x", sequence);
  auto const w = g.add_initializer("W", random({1, 4 * hidden, inputs}, 0.2f, 1));
  auto const r = g.add_initializer("R", random({1, 4 * hidden, hidden}, 0.2f, 2));
  auto const b = g.add_initializer("B", random({1, 8 * hidden}, 0.1f, 3));
  auto const lstm =
      g.add_node("LSTM", {x, w, r, b}, {"", "last"}, {{.name = "hidden_size", .value = hidden}}, "", "lstm");
  auto const zero = g.add_initializer("axis", octet::tensor::of<std::int64_t>({1}, {0}));
  auto const flat = g.add_node("Squeeze", {g[lstm].outputs[1], zero}, {"state"}, {}, "", "squeeze");
  auto const v = g.add_initializer("V", random({hidden, classes}, 0.3f, 4));
  auto const y = g.add_node("MatMul", {g[flat].outputs[0], v}, {"scores"}, {}, "", "head");
  g.outputs = {g[y].outputs[0]};
  g[g.outputs[0]].type = octet::tensor_type(octet::element::f32, {1, classes});
  return m;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) throw octet::error{octet::error_kind::usage, "two arguments are needed", {}, "FLOAT INT8"};
  auto const before = classifier();
  octet::save(before, argv[1]);

  auto after = octet::load(argv[1]);
  auto const report = octet::quantize_dynamic<octet::u8s8.per_channel()>(after);
  octet::save(after, argv[2]);

  octet::feed const sample{{"x", random({49, 1, 40}, 1, 5)}};
  auto const want = octet::session{before}.run(sample).at("scores"),
             got = octet::session{after}.run(sample).at("scores");
  double signal = 0, noise = 0;
  for (std::size_t i = 0; i < want.as<float>().size(); ++i) {
    double const a = want.as<float>()[i], e = got.as<float>()[i] - a;
    signal += a * a, noise += e * e;
  }
  std::printf("SQNR %.1f dB\n", 10 * std::log10(signal / noise));
  std::printf("weights: %llu bytes, before %llu\n", static_cast<unsigned long long>(report.bytes_after),
              static_cast<unsigned long long>(report.bytes_before));
  for (auto const& node : report.nodes)
    if (!node.how.empty()) std::printf("%s: %s\n", node.node.c_str(), node.how.c_str());
} catch (octet::error const& e) {
  std::fprintf(stderr, "%s (%s) %s\n", e.what(), e.where.c_str(), e.hint.c_str());
  return static_cast<int>(e.kind);
}
