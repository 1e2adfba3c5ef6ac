// Methods by ONNX Runtime's names.
#include "calibration.hpp"

#include <octet/quantize/budget.hpp>

#include "samples.hpp"
#include "stages.hpp"

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

std::optional<octet::compat> compat_of(arguments const& args, std::string const& prefix) {
  if (!args.flag("compat")) return {};
  using algorithm = octet::compat::algorithm;
  octet::compat c;
  switch (args.choice("method", {"minmax", "entropy", "percentile"}, 0)) {
    case 0:
      if (!args.flag(prefix + "moving-average")) return {};
      c.method = algorithm::moving_average;
      c.constant = args.number(prefix + "averaging-constant", 0.01, 0, 1);
      break;
    case 1:
      c.method = algorithm::entropy;
      break;
    default:
      c.method = algorithm::percentile;
      c.percent = args.number(prefix + "percentile", 99.999, 0, 100);
      c.symmetric = args.flag(prefix + "symmetric", true);
  }
  c.bins = static_cast<int>(args.integer("num-bins", 0, 1, 1 << 20));
  c.quantized_bins = static_cast<int>(args.integer("num-quantized-bins", 128, 1, 1 << 20));
  return c;
}

octet::ranges calibrated(arguments const& args, octet::model const& m, std::string const& prefix,
                         octet::calibrate_options const& o, std::vector<octet::feed>* held_back) {
  auto data = samples_of(args, m, o.limit);
  auto const stride = check_stride(args, prefix, data.size().value_or(0));
  if (auto c = compat_of(args, prefix)) {
    if (held_back != nullptr || o.per_channel || o.subgraphs)
      usage_error("--compat knows neither a bound on the error nor ranges per channel or in subgraphs");
    c->stride = stride;
    return calibrate_compat(args, m, [&] { return samples_of(args, m, o.limit); }, *c, o);
  }
  if (held_back != nullptr) data = octet::holding_back(std::move(data), *held_back);
  return calibrate(args, m, std::move(data), calibrator_of(args, prefix), o);
}

std::string method_name(octet::shipped_calibrator const& c) { return std::string{octet::ref(c).name}; }

std::size_t check_stride(arguments const& args, std::string const& prefix, std::size_t samples) {
  auto const stride = args.integer(prefix + "stride", 0, 1, std::int64_t{1} << 40);
  if (stride != 0 && samples % static_cast<std::size_t>(stride) != 0)
    throw octet::error{octet::error_kind::invalid,
                       std::to_string(samples) + " samples are not a multiple of the stride " + std::to_string(stride)};
  return static_cast<std::size_t>(stride);
}

}  // namespace cli
