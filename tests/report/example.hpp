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
