// A summary with something of everything.
#pragma once

#include <octet/report/summary.hpp>

inline octet::summary example_summary() {
  using octet::fate;
  octet::summary s;
  s.command = "quantize static";
  s.settings = "int8 x int8, QDQ";
  s.model = "a.onnx", s.output = "b.onnx";
  s.file_before = 4000, s.file_after = 1000;
  auto& r = s.quantization;
  r.nodes = {{"conv_1", "Conv", fate::quantized, ""},
             {"conv_2", "Conv", fate::kept, "weight is not constant"},
             {"relu", "Relu", fate::absorbed, ""},
             {"n<1>", "Foo", fate::kept, "weight is not constant"},
             {"bar", "Bar", fate::kept, "no \"range\""}};
  r.ops = {{"Conv", 2}, {"QuantizeLinear", 3}};
  r.warnings = {"the first, with a consequence"};
  r.bytes_before = 3000, r.bytes_after = 800, r.samples = 32;
  r.plan = "weight w INT8\n";
  s.warnings = {"the second"};
  s.accuracy.add({{"y", octet::tensor::of<float>({1, 2}, {3, 4})}}, {{"y", octet::tensor::of<float>({1, 2}, {3, 3})}});
  s.stages = {{"load", 0.0012}, {"calibrate", 1.5}};
  return s;
}

/// The same with all that a job with --report and a bound on the error adds.
inline octet::summary examined_summary() {
  auto s = example_summary();
  s.layers = {{.tensor = "t<2>",
               .node = "conv_1",
               .op = "Conv",
               .nodes = {"conv_1"},
               .own_db = 7,
               .local_db = 6,
               .accumulated_db = 5,
               .cause = octet::debug::layer_cause::clipped_range,
               .detail = "values 0 … 9, grid 0 … 1",
               .advice = "calibrate anew"},
              {.tensor = "u", .node = "relu", .op = "Relu", .nodes = {"relu"}, .own_db = 45}};
  s.ranges.set("t<2>", {.whole = {0, 1}, .counts = {4, 9, 0, 1}, .edges = {0, 0.5f, 1, 1.5f, 2}});
  s.recipe = "octet quantize static a.onnx -o b.onnx";
  s.quantization.budget = octet::budget_report{
      .plain_db = 3.5, .reached_db = 20.5, .samples = 8, .trials = 12, .kept = {{"conv_2", "Conv", 10, 2}}};
  s.times = octet::run_times{.as_float = 2.5, .plain = 1.25, .written = 1.5, .backend = "embedded"};
  s.quantization.bias_correction =
      octet::trial_report{.before_db = 3.5,
                          .after_db = 4.25,
                          .samples = 8,
                          .changes = {{.name = "conv_1", .op = "Conv", .kept = true, .gain_db = 0.75},
                                      {.name = "conv<2>", .op = "Conv", .gain_db = -1, .detail = "by hand"}}};
  return s;
}
