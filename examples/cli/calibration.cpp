// Methods by ONNX Runtime's names.
#include "calibration.hpp"

#include <octet/calibrate/readers/folder.hpp>

namespace cli {

std::string calibrator_text(arguments const& args, std::string const& prefix) {
  auto const word = lower(args.text("method", "minmax"));
  if (word.find(':') != word.npos) return word;
  auto const with = [&](std::string name, bool otherwise) {
    return name + (args.flag(prefix + "symmetric", otherwise) ? ":symmetric" : ":asymmetric");
  };
  switch (args.choice("method", {"minmax", "entropy", "percentile", "mse", "automatic", "distribution"}, 0)) {
    case 0:
      args.number(prefix + "averaging-constant", 0.01, 0, 1);
      args.integer(prefix + "max-intermediate-outputs", 1, 1, std::int64_t{1} << 40);
      return args.flag(prefix + "moving-average") ? "moving-average" : "minmax";
    case 1: {
      octet::entropy const e;
      return "entropy:" + std::to_string(args.integer("num-bins", e.bins, 2, 1 << 20)) + ':' +
             std::to_string(args.integer("num-quantized-bins", e.quantized_bins, 1, 1 << 20));
    }
    case 2:
      return with("percentile:" + number_text(args.number(prefix + "percentile", 99.999, 0, 100)), true);
    case 3:
      return with("mse", false);
    case 4:
      return "automatic";
    default:
      throw octet::error{octet::error_kind::unsupported,
                         "the method 'distribution' is for float8, which is not supported yet",
                         {},
                         "use minmax, entropy, percentile, mse or automatic"};
  }
}

octet::shipped_calibrator calibrator_of(arguments const& args, std::string const& prefix) {
  return octet::parse_calibrator(calibrator_text(args, prefix));
}

octet::calibrate_options calibration_options(arguments const& args, std::string const& prefix) {
  octet::calibrate_options o;
  o.threads = args.threads();
  o.symmetric = args.flag(prefix + "symmetric");
  o.limit = args.limit();
  o.subgraphs = args.flag("enable-subgraph");
  return o;
}

std::vector<std::string> data_paths(arguments const& args) {
  auto paths = args.all("data");
  if (paths.empty())
    throw octet::error{octet::error_kind::invalid, "No data is collected: --data is missing", {}, "give --data PATH"};
  return paths;
}

octet::reader samples_of(arguments const& args, octet::model const& m) {
  auto const limit = args.limit();
  return octet::open_data(data_paths(args), m, {.limit = limit});
}

std::string method_name(octet::shipped_calibrator const& c) { return std::string{octet::ref(c).name}; }

void check_stride(arguments const& args, std::string const& prefix, std::size_t samples) {
  auto const stride = args.integer(prefix + "stride", 0, 1, std::int64_t{1} << 40);
  if (stride != 0 && samples % static_cast<std::size_t>(stride) != 0)
    throw octet::error{octet::error_kind::invalid,
                       std::to_string(samples) + " samples are not a multiple of the stride " + std::to_string(stride)};
}

}  // namespace cli
