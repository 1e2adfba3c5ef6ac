#include <octet/report/json.hpp>

#include "example.hpp"

#include <doctest/doctest.h>

TEST_CASE("the report as JSON") {
  auto s = example_summary();
  s.quantization.nodes.resize(2);
  CHECK(
      octet::to_json(s) ==
      R"({"command": "quantize static", "settings": "int8 x int8, QDQ", "model": "a.onnx", "output": "b.onnx", )"
      R"("ops": {"Conv": 2, "QuantizeLinear": 3}, "samples": 32, "quantized": 1, "absorbed": 0, "float": 1, )"
      R"("file_bytes_before": 4000, "file_bytes_after": 1000, "weight_bytes_before": 3000, "weight_bytes_after": 800, )"
      R"("accuracy": {"samples": 1, "outputs": [{"name": "y", "sqnr_db": )" +
          octet::detail::json_number(10 * std::log10(25.0)) +
          R"(, "rows": 1, "same_top1": 0, "agreement": 0.0}]}, )"
          R"("seconds": {"load": 0.0012, "calibrate": 1.5}, )"
          R"("nodes": [{"name": "conv_1", "op": "Conv", "fate": "quantized"}, )"
          R"({"name": "conv_2", "op": "Conv", "fate": "float", "reason": "weight is not constant"}], )"
          R"("warnings": ["the first, with a consequence", "the second"]})");
}

TEST_CASE("without a comparison there is no accuracy") {
  CHECK(octet::to_json({}).find("accuracy") == std::string::npos);
}
