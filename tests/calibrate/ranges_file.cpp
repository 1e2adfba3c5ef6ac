#include <octet/calibrate/ranges_file.hpp>

#include <doctest/doctest.h>

#include "support/scratch.hpp"

namespace {
// what onnxruntime 1.32's save_tensors_data writes for MinMax (arrays) and for Entropy (numbers, hist, bins)
std::string const array = "\"dtype\": \"float32\", \"CLS\": \"numpy.array\"}";
std::string const min_max_text =
    "{\"CLS\": \"TensorsData\", \"data\": {\"x\": {\"lowest\": {\"data\": [-0.5], " + array +
    ", \"highest\": {\"data\": [6.464559555053711], " + array +
    ", \"CLS\": \"TensorData\"}}, \"calibration_method\": {\"CLS\": \"CalibrationMethod\", "
    "\"value\": \"CalibrationMethod.MinMax\"}, \"smooth_quant\": false}";
std::string const entropy_text =
    R"({"CLS": "TensorsData", "data": {"x": {"lowest": -1.0, "highest": 1.5, "hist": {"data": [1, 2], )"
    R"("dtype": "int64", "CLS": "numpy.array"}, "bins": {"data": [-2.0, 0.0, 2.0], )" +
    array +
    ", \"CLS\": \"TensorData\"}}, \"calibration_method\": {\"CLS\": \"CalibrationMethod\", "
    "\"value\": \"CalibrationMethod.Entropy\"}, \"smooth_quant\": true}";
}  // namespace

TEST_CASE("A18: ONNX Runtime's files are read, and written byte for byte") {
  auto const a = octet::ranges_of_json(min_max_text);
  CHECK(*a.find("x") == octet::range{-0.5f, 6.464559555053711f});
  CHECK(a.method == "MinMax");
  CHECK(octet::to_json(a) == min_max_text);
  auto const b = octet::ranges_of_json(entropy_text);
  CHECK(b.smooth_quant);
  CHECK(b.entry("x")->counts == std::vector<std::int64_t>{1, 2});
  CHECK(octet::to_json(b) == entropy_text);
}

TEST_CASE("per channel, plain numbers, any order of keys") {
  octet::ranges all;
  all.set("y", octet::tensor_range{.whole = {-2, 3}, .channels = {{-2, 1}, {0, 3}}});
  CHECK(octet::ranges_of_json(octet::to_json(all)) == all);
  auto const r =
      octet::ranges_of_json(R"({"data": {"x": {"CLS": "TensorData", "highest": [[3]], "lowest": 1, "avg": 2}}, )"
                            R"("calibration_method": "CalibrationMethod.MinMax"})");
  CHECK(*r.find("x") == octet::range{1, 3});
}

TEST_CASE("a saved file is loaded; a bad one names itself") {
  scratch_folder const folder;
  octet::ranges all;
  all.set("x", octet::range{-1, 2});
  all.save(folder / "r.json");
  CHECK(octet::ranges::load(folder / "r.json") == all);
  auto const complaint = [&](std::string const& text) -> std::string {
    write_file(folder / "bad.json", text);
    try {
      octet::ranges::load(folder / "bad.json");
    } catch (octet::error const& e) {
      CHECK(e.where == folder / "bad.json");
      CHECK(e.kind == octet::error_kind::invalid);
      return e.what();
    }
    return "";
  };
  CHECK(complaint("[]") != "");
  CHECK(complaint("{}").find("'data' is missing") != std::string::npos);
  CHECK(complaint(R"({"data": {"t": {"lowest": 1}}})").find("tensor 't'") == 0);
  CHECK(complaint(R"({"data": {"t": {"lowest": NaN, "highest": 1}}})").find("NaN") != std::string::npos);
  CHECK(complaint(min_max_text + "x").find("something follows") != std::string::npos);
  auto const& good = min_max_text;
  for (std::size_t n = 0; n < good.size(); ++n) CHECK(complaint(good.substr(0, n)) != "");
  CHECK_THROWS_AS(octet::ranges::load(folder / "none.json"), octet::error);
  CHECK_THROWS_AS(all.save(folder / "none/r.json"), octet::error);
}
