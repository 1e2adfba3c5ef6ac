// octet calibrate: the range of every tensor, into a file that octet and ONNX Runtime read.
#include <nlohmann/json.hpp>

#include <octet/calibrate/ranges_file.hpp>

#include "augment.hpp"
#include "calibration.hpp"
#include "commands.hpp"
#include "models.hpp"
#include "parts.hpp"
#include "runner.hpp"
#include "samples.hpp"
#include "stages.hpp"

namespace cli {

void run_calibrate(arguments const& args, console& out) {
  if (args.flag("merge")) return merge_parts(args, out);
  if (args.positional.size() > 1)
    usage_error("unexpected argument '" + args.positional[1] + "'", "only --merge takes several");
  auto const path = args.argument(0, "MODEL");
  auto const c = calibrator_of(args, "");
  args.choice("scenario", {"same", "p3"}, 0);
  bool const only_augment = args.flag("augment-only");
  auto const augmented = only_augment ? args.required("augmented-model") : args.text("augmented-model");
  auto const output = only_augment ? "" : args.required("output");
  std::string const inputs[] = {path};
  if (!augmented.empty()) check_output(augmented, inputs, out);
  if (!only_augment) check_output(output, inputs, out);
  auto m = load_model(path);
  auto o = calibration_options(args, "");
  if (o.subgraphs) octet::make_names_unique(m);
  o.op_types = args.all("op-types");
  o.per_channel = args.flag("per-channel");
  if (!augmented.empty()) write_model(augment(m, o.op_types, method_name(c) == "MinMax"), augmented);
  if (only_augment) {
    out.result()["output"] = augmented;
    return;
  }
  auto const paths = data_paths(args);
  o.progress = [&](std::size_t done, std::size_t all) { out.progress("calibrate", done, all); };
  bool const in_parts = args.has("shard") || args.has("state");
  if (in_parts && compat_of(args, ""))
    usage_error("--compat needs all samples twice and in order", "leave out --shard and --state");
  if (in_parts && !embedded_backend(args))
    usage_error("parts are calibrated on octet's own backend only", "leave out --backend, or --shard and --state");
  if (in_parts) return calibrate_in_parts(args, out, m, paths, o);
  finish_ranges(calibrated(args, m, "", o), output, out);
}

}  // namespace cli
