// The functions behind the commands, one file each.
#pragma once

namespace cli {

class arguments;
class console;

void run_quantize_static(arguments const&, console&);
void run_quantize_dynamic(arguments const&, console&);
void run_preprocess(arguments const&, console&);
void run_calibrate(arguments const&, console&);
void run_config(arguments const&, console&);
void run_debug_weights(arguments const&, console&);
void run_debug_activations(arguments const&, console&);
void run_debug_layers(arguments const&, console&);
void run_debug_augment(arguments const&, console&);
void run_debug_collect(arguments const&, console&);
void run_table(arguments const&, console&);
void run_tensor_params(arguments const&, console&);
void run_tensor_quantize(arguments const&, console&);
void run_tensor_dequantize(arguments const&, console&);
void run_run(arguments const&, console&);
void run_compare(arguments const&, console&);
void run_inspect(arguments const&, console&);

}  // namespace cli
