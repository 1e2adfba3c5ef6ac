// write_catalogue DIR: quantizes every sample model in every way that the catalogue allows, and writes float and
// quantized models with their inputs and octet's outputs, for a judge to run in ONNX Runtime.
#include <cstdio>
#include <filesystem>
#include <map>

#include <octet/exec/session.hpp>
#include <octet/io/save.hpp>
#include <octet/io/tensor_file.hpp>
#include <octet/quantize/dynamic.hpp>
#include <octet/quantize/static.hpp>

#include "support/catalogue_run.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::filesystem::path const root{argv[1]};
  int failed = 0, written = 0;
  for (auto const& sample : octet::test::sample_models()) {
    octet::test::range_table ranges;
    try {
      ranges = octet::test::observed_ranges(sample);
    } catch (octet::error const& e) {
      std::printf("%s: %s (%s)\n", sample.name.c_str(), e.what(), e.where.c_str());
      ++failed;
      continue;
    }
    for (auto const& way : octet::test::ways()) {
      auto const name = sample.name + "." + way.name;
      try {
        auto m = octet::test::quantized(sample, ranges, way);
        if (!m) continue;
        auto const folder = root / name;
        std::filesystem::create_directories(folder);
        octet::save(sample.model, (folder / "float.onnx").string());
        octet::save(*m, (folder / "model.onnx").string());
        int i = 0;
        for (auto const& [input, t] : sample.in)
          octet::save_tensor(t, (folder / ("input_" + std::to_string(i++) + ".pb")).string(), input);
        ++written;
        i = 0;
        auto const out = octet::session{*m}.run(sample.in);
        for (auto const v : m->main.outputs) {
          auto const& output = m->main[v].name;
          octet::save_tensor(out.at(output), (folder / ("output_" + std::to_string(i++) + ".pb")).string(), output);
        }
      } catch (octet::error const& e) {
        std::printf("%s: %s (%s)\n", name.c_str(), e.what(), e.where.c_str());
        ++failed;
      }
    }
  }
  std::printf("%d models written, %d failed\n", written, failed);
  return failed != 0;
}
