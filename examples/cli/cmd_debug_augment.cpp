// octet debug augment: every activation as an output.
#include <nlohmann/json.hpp>

#include "augment.hpp"
#include "commands.hpp"
#include "models.hpp"

namespace cli {

void run_debug_augment(arguments const& args, console& out) {
  auto const path = args.argument(0, "MODEL"), output = args.required("output");
  std::string const inputs[] = {path};
  check_output(output, inputs, out);
  auto const m = load_model(path);
  auto const a = with_saved_outputs(m, args.all("op-types"));
  write_model(a, output, {.wanted = args.flag("external-data")});
  out.result()["output"] = output;
  out.result()["tensors"] = a.main.outputs.size() - m.main.outputs.size();
}

}  // namespace cli
