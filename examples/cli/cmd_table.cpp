// octet table: TensorRT's calibration table from a range file, in its three forms.
#include <nlohmann/json.hpp>

#include <octet/calibrate/tensorrt.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "models.hpp"

namespace cli {

void run_table(arguments const& args, console& out) {
  auto const path = args.argument(0, "RANGES.json"), folder = args.required("out-dir");
  auto const all = octet::ranges::load(path);
  make_folder(folder);
  octet::save_tensorrt_table(all, folder);
  out.result()["output"] = folder;
  out.result()["tensors"] = all.size();
  out.report(std::to_string(all.size()) + " tensors -> " + folder + "\n");
}

}  // namespace cli
