// A detector in int8 whose tail stays float, beside one that is quantized as a whole.
//   object_detection CLASSIFIER DATA OUT     DATA holds calib/, eval/ and labels.txt of the classifier; OUT receives
//   the models
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include "detector.hpp"

namespace {

struct scene {
  octet::feed picture{};
  struct digit {
    float x, y;  ///< its middle
    int label;
  };
  std::vector<digit> digits{};
};

/// Pictures with up to six digits each, at places that are multiples of 8.
std::vector<scene> compose(octet::model const& m, std::string const& path, std::vector<int> const& labels, int count) {
  std::vector<octet::feed> singles;
  auto next = octet::open_data({path}, m);
  while (auto s = next()) singles.push_back(std::move(*s));
  std::mt19937 bits{9};
  std::vector<scene> all;
  for (int k = 0; k < count; ++k) {
    octet::tensor t{octet::element::f32, {1, 1, detector::height, detector::width}};
    auto const pixels = t.mutable_as<float>();
    std::fill(pixels.begin(), pixels.end(), -6.f / 7);
    scene s;
    for (std::size_t cell = 0; cell < 6; ++cell) {
      if (bits() % 4 == 0) continue;
      auto const which = bits() % singles.size();
      auto const one = singles[which].begin()->second.as<float>();
      std::size_t const x0 = cell % 3 * 48 + bits() % 2 * 8, y0 = cell / 3 * 48 + bits() % 2 * 8;
      for (std::size_t i = 0; i < one.size(); ++i) pixels[(y0 + i / 32) * detector::width + x0 + i % 32] = one[i];
      s.digits.push_back(
          {static_cast<float>(x0) + 16, static_cast<float>(y0) + 16, which < labels.size() ? labels[which] : -1});
    }
    s.picture["picture"] = t;
    all.push_back(std::move(s));
  }
  return all;
}

struct box {
  float y1, x1, y2, x2;
  std::int64_t label;
  float confidence;
};

std::vector<box> detect(octet::session& s, octet::feed const& picture) {
  auto const out = s.run(picture);
  auto const boxes = out.at("boxes").as<float>(), confidences = out.at("confidences").as<float>();
  auto const classes = out.at("classes").as<std::int64_t>();
  std::vector<box> all;
  for (std::size_t i = 0; i < classes.size(); ++i)
    all.push_back({boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3], classes[i], confidences[i]});
  return all;
}

/// Intersection over union.
float overlap(box const& a, box const& b) {
  auto const side = [](float low, float high) { return std::max(0.f, high - low); };
  float const both =
      side(std::max(a.y1, b.y1), std::min(a.y2, b.y2)) * side(std::max(a.x1, b.x1), std::min(a.x2, b.x2));
  float const each = (a.y2 - a.y1) * (a.x2 - a.x1) + (b.y2 - b.y1) * (b.x2 - b.x1);
  return each > both ? both / (each - both) : 0;
}

struct score {
  std::size_t found = 0, digits = 0, boxes = 0;  ///< a digit is found by a box around its middle with its label
  std::size_t matched = 0,
              reference = 0;  ///< boxes of the float model with one of the same label that overlaps by half
  double overlaps = 0;        ///< sum over the matched ones
};

score judge(octet::model const& whole, octet::model const& m, std::vector<scene> const& scenes) {
  octet::session a{whole}, b{m};
  score all;
  for (auto const& s : scenes) {
    auto const wanted = detect(a, s.picture), got = detect(b, s.picture);
    for (auto const& d : s.digits)
      all.found += std::any_of(got.begin(), got.end(), [&](box const& x) {
        return x.label == d.label && x.x1 < d.x && d.x < x.x2 && x.y1 < d.y && d.y < x.y2;
      });
    for (auto const& w : wanted) {
      float best = 0;
      for (auto const& x : got)
        if (x.label == w.label) best = std::max(best, overlap(w, x));
      if (best >= 0.5f) ++all.matched, all.overlaps += double{best};
    }
    all.digits += s.digits.size(), all.boxes += got.size(), all.reference += wanted.size();
  }
  return all;
}

void row(char const* name, octet::model const& whole, octet::model const& m, std::vector<scene> const& scenes) {
  auto const s = judge(whole, m, scenes);
  std::printf("%-18s %5zu boxes, %3zu of %zu digits found, %3zu of %zu boxes as in float, mean IoU %.4f\n", name,
              s.boxes, s.found, s.digits, s.matched, s.reference,
              s.matched == 0 ? 0 : s.overlaps / static_cast<double>(s.matched));
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) throw octet::error{octet::error_kind::usage, "three arguments are needed", {}, "CLASSIFIER DATA OUT"};
  std::string const data = argv[2], out = argv[3];
  auto const classifier = octet::load(argv[1]);
  std::vector<int> labels;
  std::ifstream in{data + "/labels.txt"};
  for (int label; in >> label;) labels.push_back(label);
  auto const calibration = compose(classifier, data + "/calib", {}, 16),
             evaluation = compose(classifier, data + "/eval", labels, 24);

  auto const whole = detector::make(classifier);
  std::filesystem::create_directories(out);
  octet::save(whole, out + "/float.onnx");
  row("float", whole, whole, evaluation);

  auto prepared = whole;
  octet::preprocess(prepared);
  std::vector<octet::feed> samples;
  for (std::size_t k = 0; k < calibration.size(); ++k) {
    samples.push_back(calibration[k].picture);
    auto const folder = out + "/calib/test_data_set_" + std::to_string(k);
    std::filesystem::create_directories(folder);
    octet::save_tensor(samples.back().begin()->second, folder + "/input_0.pb", samples.back().begin()->first);
  }
  auto const ranges = octet::calibrate(prepared, samples);

  auto all = prepared;
  octet::quantize<octet::u8s8.per_channel()>(all, ranges, {.quantize_sensitive = true});
  octet::save(all, out + "/all.onnx");
  row("int8 throughout", whole, all, evaluation);

  auto usual = prepared;
  octet::quantize<octet::u8s8.per_channel()>(usual, ranges);  // what NonMaxSuppression selects from stays float
  row("int8, by default", whole, usual, evaluation);

  auto part = prepared;
  octet::quantize_options options;
  // The classifier and the moments; what decodes them, and what selects boxes, stays float.
  options.between = {{"picture", "class_scores"}, {"picture", "moments"}};
  auto const report = octet::quantize<octet::u8s8.per_channel()>(part, ranges, options);
  octet::save(part, out + "/int8.onnx");
  row("int8, float tail", whole, part, evaluation);
  std::printf("%.1f %% of the operations are quantized\n", report.share.of_flops());
} catch (octet::error const& e) {
  std::fprintf(stderr, "%s (%s) %s\n", e.what(), e.where.c_str(), e.hint.c_str());
  return static_cast<int>(e.kind);
}
