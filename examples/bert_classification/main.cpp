// A BERT classifier from the exported model to int8: fusions, dynamic and static quantization, and what each costs and
// brings.
//   bert_classification FOLDER OUT     FOLDER holds model.onnx, calib/, eval/ and labels.txt; one that is missing is
//   made
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <octet/exec/onnxruntime.hpp>

#include "tiny_bert.hpp"

namespace {

struct task {
  std::vector<octet::feed> samples{};
  std::vector<int> labels{};
  std::string scores{};  ///< the output whose largest element is the class
};

task read_task(std::string const& folder, octet::model const& m) {
  task t;
  auto next = octet::open_data({folder + "/eval"}, m);
  while (auto s = next()) t.samples.push_back(std::move(*s));
  std::ifstream in{folder + "/labels.txt"};
  for (int label; in >> label;) t.labels.push_back(label);
  t.scores = m.main.find("logits") != octet::value_id::none ? "logits" : m.main[m.main.outputs[0]].name;
  return t;
}

struct result {
  std::vector<octet::feed> outputs{};
  int right = 0;
  double milliseconds = 0;  ///< per sample
};

template <class Session>
result run(Session& s, task const& t) {
  result r;
  s.run(t.samples[0]);  // prepares
  auto const start = std::chrono::steady_clock::now();
  for (auto const& sample : t.samples) r.outputs.push_back(s.run(sample));
  std::chrono::duration<double, std::milli> const took = std::chrono::steady_clock::now() - start;
  r.milliseconds = took.count() / static_cast<double>(t.samples.size());
  for (std::size_t i = 0; i < t.samples.size() && i < t.labels.size(); ++i) {
    auto const x = r.outputs[i].at(t.scores).as<float>();
    r.right += std::max_element(x.begin(), x.end()) - x.begin() == t.labels[i];
  }
  return r;
}

/// One row: accuracy and time in octet and, where it is installed, in ONNX Runtime.
void row(char const* name, octet::model const& m, task const& t, result const& whole) {
  octet::session own{m};
  auto const r = run(own, t);
  octet::accuracy a;
  for (std::size_t i = 0; i < t.samples.size(); ++i) a.add(whole.outputs[i], r.outputs[i]);
  auto const& scores =
      *std::find_if(a.outputs().begin(), a.outputs().end(), [&](auto const& o) { return o.name == t.scores; });
  auto const percent = [&](int right) { return 100.0 * right / static_cast<double>(t.samples.size()); };
  std::printf("%-18s %7.2f MB %8.1f %% %8.1f %%", name, static_cast<double>(octet::initializer_bytes(m.main)) / 1e6,
              percent(r.right), 100 * scores.agreement());
  if (std::isinf(scores.sqnr_db())) std::printf("      same");
  else std::printf(" %6.1f dB", scores.sqnr_db());
  std::printf(" %6.2f ms", r.milliseconds);
  try {
    octet::onnxruntime_session other{m};
    auto const o = run(other, t);
    std::printf(" | %6.1f %% %6.2f ms\n", percent(o.right), o.milliseconds);
  } catch (octet::error const& e) {
    if (e.kind != octet::error_kind::io) throw;  // io: it is not installed
    std::printf(" |        -         -\n");
  }
  std::fflush(stdout);
}

std::size_t count(octet::model const& m, std::string const& op) {
  return static_cast<std::size_t>(
      std::count_if(m.main.order.begin(), m.main.order.end(), [&](octet::node_id n) { return m.main[n].op == op; }));
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) throw octet::error{octet::error_kind::usage, "two arguments are needed", {}, "FOLDER OUT"};
  std::string const folder = argv[1], out = argv[2];
  if (!std::filesystem::exists(folder + "/model.onnx")) tiny_bert::write(folder);
  std::filesystem::create_directories(out);
  auto const exported = octet::load(folder + "/model.onnx");
  auto const t = read_task(folder, exported);

  auto model = exported;
  octet::preprocess(model, {.contrib = true});  // LayerNormalization, Gelu, attention as operators of ONNX Runtime
  std::printf("%zu nodes, after preprocessing %zu:", exported.main.order.size(), model.main.order.size());
  for (auto const* op :
       {"Attention", "SkipLayerNormalization", "LayerNormalization", "EmbedLayerNormalization", "BiasGelu", "Gelu"})
    if (auto const n = count(model, op); n != 0) std::printf(" %zu %s", n, op);
  std::printf("\n\n%-18s %10s %10s %10s %9s %9s | %18s\n", "", "weights", "accuracy", "agrees", "SQNR", "octet",
              "ONNX Runtime");

  octet::session original{exported};
  auto const whole = run(original, t);
  row("float", exported, t, whole);
  row("float, fused", model, t, whole);
  auto const save = [&](char const* name, octet::model const& m) {
    octet::save(m, out + '/' + name + ".onnx");
    row(name, m, t, whole);
  };
  auto q = model;
  octet::quantize_dynamic<octet::u8s8.per_channel()>(q);
  save("dynamic", q);
  auto options = octet::dynamic_options();
  options.format = octet::format::qdq;
  q = model;
  octet::quantize_dynamic<octet::u8s8.per_channel()>(q, options);
  save("dynamic-qdq", q);
  auto const ranges = octet::calibrate(model, octet::open_data({folder + "/calib"}, model));
  q = model;
  octet::quantize<octet::u8s8.per_channel()>(q, ranges);
  save("static-u8s8", q);
  q = model;
  octet::quantize<octet::s8s8.per_channel()>(q, ranges);
  save("static-s8s8", q);
} catch (octet::error const& e) {
  std::fprintf(stderr, "%s (%s) %s\n", e.what(), e.where.c_str(), e.hint.c_str());
  return static_cast<int>(e.kind);
}
