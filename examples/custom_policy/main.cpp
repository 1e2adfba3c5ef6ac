// A host's own policy, target and excluded layers.
//   custom_policy MODEL CALIBRATION_DATA OUT
#include <cstdio>

#include <octet/octet.hpp>

namespace {

/// What the kernels of the chip multiply.
constexpr octet::policy edge{.activation = octet::element::u8,
                             .weight = octet::element::s8,
                             .weight_granularity = octet::granularity::per_channel};

/// What the chip takes: no signed activations, no weights with zero points, and it adds products in 16 bits.
struct edge_chip {
  static constexpr octet::target_rules rules{.name = "edge-chip",
                                             .title = "our chip",
                                             .recommended = edge,
                                             .s8_activations = false,
                                             .asymmetric_weights = false,
                                             .qoperator = false,
                                             .dynamic = false,
                                             .saturates = true};
};
static_assert(octet::legal_on<edge_chip, edge>);
static_assert(!octet::legal_on<edge_chip, octet::s8s8>, "the chip takes no signed activations");

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) throw octet::error{octet::error_kind::usage, "three arguments are needed", {}, "MODEL DATA OUT"};
  auto model = octet::load(argv[1]);
  octet::preprocess(model);
  auto const ranges = octet::calibrate(model, octet::open_data({argv[2]}, model));

  octet::quantize_options options;
  options.except = {"/f/f.1/*", "*Gemm"};  // the first convolution, fused with what follows it, and the classifier
  auto const report = octet::quantize<edge>(model, ranges, edge_chip{}, options);
  octet::save(model, argv[3]);

  std::printf("%.0f %% of the operations are quantized\n", report.share.of_flops());
  for (auto const& node : report.kept()) std::printf("%s stays float: %s\n", node.node.c_str(), node.reason.c_str());
  for (auto const& f : octet::lint(model, edge_chip::rules))
    std::printf("%s breaks %s: %s\n", f.node.c_str(), f.rule.c_str(), f.what.c_str());
} catch (octet::error const& e) {
  std::fprintf(stderr, "%s (%s) %s\n", e.what(), e.where.c_str(), e.hint.c_str());
  return static_cast<int>(e.kind);
}
