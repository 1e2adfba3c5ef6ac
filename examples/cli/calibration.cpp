// Methods by ONNX Runtime's names.
#include "calibration.hpp"

namespace cli {

octet::shipped_calibrator calibrator_of(arguments const& args, std::string const& prefix) {
  auto const word = lower(args.text("method", "minmax"));
  if (word.find(':') != word.npos) return octet::parse_calibrator(word);
  auto const symmetric = args.maybe(prefix + "symmetric");
  switch (args.choice("method", {"minmax", "entropy", "percentile", "mse", "distribution"}, 0)) {
    case 0: {
      args.number(prefix + "averaging-constant", 0.01, 0, 1);
      args.integer(prefix + "max-intermediate-outputs", 1, 1, std::int64_t{1} << 40);
      if (args.flag(prefix + "moving-average")) return octet::moving_average{};
      return octet::min_max{};
    }
    case 1: {
      octet::entropy e;
      e.bins = static_cast<int>(args.integer("num-bins", e.bins, 2, 1 << 20));
      e.quantized_bins = static_cast<int>(args.integer("num-quantized-bins", e.quantized_bins, 1, 1 << 20));
      return e;
    }
    case 2: {
      octet::percentile p;
      p.percent = args.number(prefix + "percentile", p.percent, 0, 100);
      p.symmetric = symmetric.value_or(true);
      return p;
    }
    case 3: {
      octet::mse m;
      m.symmetric = symmetric.value_or(false);
      return m;
    }
    default:
      throw octet::error{octet::error_kind::unsupported,
                         "the method 'distribution' is for float8, which is not supported yet",
                         {},
                         "use minmax, entropy, percentile or mse"};
  }
}

octet::calibrate_options calibration_options(arguments const& args, std::string const& prefix) {
  octet::calibrate_options o;
  o.threads = static_cast<unsigned>(args.integer("threads", 0, 1, 4096));
  o.symmetric = args.flag(prefix + "symmetric");
  o.limit = static_cast<std::size_t>(args.integer("limit", 0, 1, std::int64_t{1} << 40));
  return o;
}

std::string method_name(octet::shipped_calibrator const& c) { return std::string{octet::ref(c).name}; }

void check_stride(arguments const& args, std::string const& prefix, std::size_t samples) {
  auto const stride = args.integer(prefix + "stride", 0, 1, std::int64_t{1} << 40);
  if (stride != 0 && samples % static_cast<std::size_t>(stride) != 0)
    throw octet::error{octet::error_kind::invalid,
                       std::to_string(samples) + " samples are not a multiple of the stride " + std::to_string(stride)};
}

}  // namespace cli
