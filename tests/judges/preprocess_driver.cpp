// preprocess_driver MODEL OUT [contrib]: preprocesses a model, with contrib for inference and into operators of ONNX
// Runtime; prints each rule that fired with its count, and the numbers of nodes.
#include <cstdio>
#include <cstring>
#include <map>

#include <octet/io/load.hpp>
#include <octet/io/save.hpp>
#include <octet/quantize/preprocess.hpp>

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  try {
    auto m = octet::load(argv[1]);
    auto const before = octet::count_nodes(m.main);
    bool const contrib = argc > 3 && std::strcmp(argv[3], "contrib") == 0;
    auto const r = octet::preprocess(m, {.contrib = contrib, .inference = contrib});
    octet::save(m, argv[2]);
    std::map<std::string, int> fired;
    for (auto const& s : r.log.steps)
      if (s.applied) ++fired[s.rule];
      else std::fprintf(stderr, "%s at %s: %s\n", s.rule.c_str(), s.value.c_str(), s.reason.c_str());
    for (auto const& s : r.refused) std::fprintf(stderr, "fold: %s\n", s.c_str());
    std::printf("%zu nodes to %zu;", before, octet::count_nodes(m.main));
    for (auto const& [rule, n] : fired) std::printf(" %s %d", rule.c_str(), n);
    std::printf(" folded %zu merged %zu opset %d\n", r.folded, r.merged, static_cast<int>(r.opset_after));
  } catch (octet::error const& e) {
    std::fprintf(stderr, "%s (%s)\n", e.what(), e.where.c_str());
    return 1;
  }
}
