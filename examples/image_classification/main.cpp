// Quantizes an image classifier statically and counts how often the integers agree with the labels.
//   image_classification MODEL DATA OUT     DATA holds calib/, eval/ and labels.txt
#include <algorithm>
#include <cstdio>
#include <fstream>

#include <octet/octet.hpp>

namespace {

int top1(octet::feed const& outputs) {
  auto const scores = outputs.begin()->second.as<float>();
  return static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

int count_right(octet::model const& m, std::string const& data) {
  octet::session session{m};
  auto next = octet::open_data({data + "/eval"}, m);
  std::ifstream labels{data + "/labels.txt"};
  int right = 0, label = 0;
  while (auto const sample = next()) right += labels >> label && top1(session.run(*sample)) == label;
  return right;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) throw octet::error{octet::error_kind::usage, "three arguments are needed", {}, "MODEL DATA OUT"};
  std::string const data = argv[2];
  auto model = octet::load(argv[1]);
  std::printf("float: %d right\n", count_right(model, data));

  octet::preprocess(model);  // folds BatchNormalization into Conv, and more
  auto const ranges = octet::calibrate(model, octet::open_data({data + "/calib"}, model));
  auto const report = octet::quantize<octet::s8s8.per_channel()>(model, ranges);
  octet::save(model, argv[3]);

  std::printf("int8: %d right\n", count_right(model, data));
  std::printf("weights: %llu bytes, before %llu\n", static_cast<unsigned long long>(report.bytes_after),
              static_cast<unsigned long long>(report.bytes_before));
  for (auto const& node : report.kept()) std::printf("%s stays float: %s\n", node.node.c_str(), node.reason.c_str());
} catch (octet::error const& e) {
  std::fprintf(stderr, "%s (%s) %s\n", e.what(), e.where.c_str(), e.hint.c_str());
  return static_cast<int>(e.kind);
}
