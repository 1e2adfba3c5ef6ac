// Writes TensorRT's calibration table of a network, for ONNX Runtime's TensorRT execution provider.
//   tensorrt_table resnet50|yolo FOLDER     FOLDER receives model.onnx, calib/ and table/
#include <cstdio>
#include <filesystem>

#include <octet/calibrate/tensorrt.hpp>

#include "networks.hpp"

namespace {

/// Eight pictures of coloured blobs in place of photographs; on disk too, so that others can repeat the calibration.
std::vector<octet::feed> pictures(std::string const& folder) {
  std::mt19937 bits{7};
  auto const number = [&](int below) { return static_cast<float>(bits() % static_cast<unsigned>(below)); };
  std::vector<octet::feed> all;
  for (int k = 0; k < 8; ++k) {
    octet::tensor t{octet::element::f32, {1, 3, 64, 64}};
    float const x0 = number(64), y0 = number(64), width = 4 + number(20);
    auto const values = t.mutable_as<float>();
    for (int c = 0, i = 0; c < 3; ++c) {
      float const strength = number(1000) / 1000;
      for (int y = 0; y < 64; ++y)
        for (int x = 0; x < 64; ++x, ++i) {
          float const dx = static_cast<float>(x) - x0, dy = static_cast<float>(y) - y0;
          values[static_cast<std::size_t>(i)] = strength * std::exp(-(dx * dx + dy * dy) / (2 * width * width));
        }
    }
    auto const sample = folder + "/test_data_set_" + std::to_string(k);
    std::filesystem::create_directories(sample);
    octet::save_tensor(t, sample + "/input_0.pb", "images");
    all.push_back({{"images", t}});
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) try {
  std::string const name = argc == 3 ? argv[1] : "";
  if (name != "resnet50" && name != "yolo")
    throw octet::error{octet::error_kind::usage, "two arguments are needed", {}, "resnet50|yolo FOLDER"};
  std::string const folder = argv[2];
  std::filesystem::create_directories(folder);
  auto model = name == "yolo" ? yolo() : resnet50();
  octet::infer(model);  // so that every float tensor is known to be one
  octet::save(model, folder + "/model.onnx");

  auto const ranges = octet::calibrate(model, pictures(folder + "/calib"));
  octet::save_tensorrt_table(ranges, folder + "/table");
  std::printf("%s: %zu nodes, %zu tensors in the table\n", name.c_str(), model.main.order.size(), ranges.size());
} catch (octet::error const& e) {
  std::fprintf(stderr, "%s (%s) %s\n", e.what(), e.where.c_str(), e.hint.c_str());
  return static_cast<int>(e.kind);
}
