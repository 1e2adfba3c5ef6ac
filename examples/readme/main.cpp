// README's library example, whole and run as a test: readme IN OUT DATA.
#include <cstdio>

#include <octet/octet.hpp>

int main(int, char** argv) try {
  auto model = octet::load(argv[1]);
  octet::preprocess(model);  // shapes, constants, fusions
  auto ranges = octet::calibrate(model, octet::open_data({argv[3]}, model));
  auto report = octet::quantize<octet::u8s8.per_channel()>(model, ranges);
  octet::save(model, argv[2]);
  for (auto const& node : report.kept()) std::printf("%s stays float: %s\n", node.node.c_str(), node.reason.c_str());
} catch (octet::error const& e) {
  std::fprintf(stderr, "%s\n  at %s\n  %s\n", e.what(), e.where.c_str(), e.hint.c_str());
  return static_cast<int>(e.kind);
}
