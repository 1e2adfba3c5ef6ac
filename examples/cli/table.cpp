// The table itself. The order is that of the help.
#include "table.hpp"

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <utility>

#include "commands.hpp"

namespace cli {
namespace {

constexpr option globals[] = {
    {.name = "help", .help = "print this", .letter = 'h'},
    {.name = "version", .help = "print the version"},
    {.name = "quiet", .help = "only errors on stderr", .letter = 'q'},
    {.name = "verbose", .help = "progress on stderr; twice: details per tensor", .letter = 'v'},
    {.name = "json", .help = "exactly one JSON object on stdout, and no other text"},
    {.name = "config",
     .value = "FILE",
     .help = "read options from a JSON file, - for stdin; the command line overrides it"},
    {.name = "threads",
     .value = "N",
     .help = "worker threads; no result depends on it",
     .otherwise = "number of cores"},
    {.name = "seed", .value = "N", .help = "seed of anything random", .otherwise = "0"},
    {.name = "color", .value = "auto|always|never", .help = "colour; NO_COLOR is honoured", .otherwise = "auto"},
};

constexpr option output{.name = "output",
                        .value = "FILE",
                        .help = "the file to write, - for stdout",
                        .aliases = "output-quantized-model-path",
                        .letter = 'o'};
constexpr option input{.name = "input",
                       .value = "FILE",
                       .help = "instead of the positional MODEL",
                       .aliases = "input-model-path",
                       .letter = 'i'};
constexpr option data{.name = "data",
                      .value = "PATH",
                      .help =
                          "samples: a folder of test_data_set_K; .npz, .npy, .jsonl, .raw, .bin and image files, "
                          "folders of them, patterns with *; - for lines of JSON",
                      .how = takes::repeat};
constexpr option external_data{.name = "external-data",
                               .help = "write initializers to 'OUT.data' beside OUT",
                               .aliases = "use-external-data-format"};
constexpr option fuse_first{.name = "preprocess", .help = "fuse and clean up first, as 'octet preprocess' does"};
constexpr option backend{.name = "backend",
                         .value = "NAME",
                         .help = "what runs models: embedded, or onnxruntime[:LIBRARY] where that is installed",
                         .otherwise = "embedded"};
constexpr option limit{.name = "limit", .value = "N", .help = "use the first N samples only", .otherwise = "all"};

constexpr option shuffle{.name = "shuffle",
                         .value = "SEED",
                         .help = "take the samples in an order that depends on SEED alone, before --limit",
                         .otherwise = "as they come"};

/// How samples are read that do not say it themselves.
constexpr option reading[] = {
    {.name = "raw-shape",
     .value = "N,C,...",
     .help = "raw files: shape of one sample; a file may hold several",
     .otherwise = "the model's, open dimensions 1"},
    {.name = "raw-type",
     .value = "TYPE",
     .help = "raw files: float32, float16, int64, uint8 and others, little-endian",
     .otherwise = "the model's"},
    {.name = "image-size",
     .value = "HxW",
     .help = "images: height and width, or one number for both",
     .otherwise = "the model's"},
    {.name = "image-fit",
     .value = "HOW",
     .help = "images: stretch; crop[:SHORTER], the middle, after the shorter side became so long; pad[:VALUE]",
     .otherwise = "stretch"},
    {.name = "image-filter",
     .value = "NAME",
     .help = "images: antialias, as Pillow resizes; linear, as OpenCV does; nearest",
     .otherwise = "antialias"},
    {.name = "image-scale",
     .value = "X",
     .help = "images: pixel values are multiplied by it, then --image-mean is taken off, then divided by --image-std",
     .otherwise = "1/255; 1 for integer inputs"},
    {.name = "image-mean",
     .value = "LIST",
     .help = "images: one number, or one a channel",
     .otherwise = "0",
     .how = takes::list},
    {.name = "image-std",
     .value = "LIST",
     .help = "images: one number, or one a channel",
     .otherwise = "1",
     .how = takes::list},
    {.name = "image-channels",
     .value = "rgb|bgr|grey",
     .help = "images: what the model sees",
     .otherwise = "rgb; grey for one"},
    {.name = "image-layout",
     .value = "nchw|nhwc",
     .help = "images: where the channels are",
     .otherwise = "the model's"},
    {.name = "recurrent",
     .value = "OUTPUT=INPUT",
     .help = "feed this output to this input of the next sample; it begins at zero in each --data PATH, after each "
             "empty line of JSON, and goes on from a sample that holds it",
     .how = takes::repeat},
    {.name = "sequence", .value = "N", .help = "recurrent: begin anew after so many samples", .otherwise = "never"},
};

constexpr option source[] = {
    data,
    {.name = "ranges", .value = "FILE", .help = "ranges from 'octet calibrate': no calibration is run"},
    {.name = "calibration-cache",
     .value = "FILE",
     .help = "as --ranges if the file exists and has the same method; otherwise calibrate and write it",
     .aliases = "calibration-cache-path"},
    limit,
    shuffle,
};

constexpr option produce_static[] = {
    output,
    input,
    {.name = "format",
     .value = "qdq|qoperator",
     .help = "Q/DQ pairs, or QLinear operators",
     .otherwise = "qdq",
     .aliases = "quant-format"},
    {.name = "activation-type", .value = "TYPE", .help = "type of activations", .otherwise = "int8"},
    {.name = "weight-type", .value = "TYPE", .help = "type of weights", .otherwise = "int8"},
    {.name = "per-channel", .help = "weights per channel"},
    {.name = "reduce-range", .help = "7-bit weights"},
    {.name = "op-types",
     .value = "LIST",
     .help = "operator types to quantize",
     .otherwise = "all supported",
     .how = takes::list,
     .aliases = "op-types-to-quantize"},
    {.name = "node",
     .value = "NAME",
     .help = "only these nodes; * and ? match, re:PATTERN is a regular expression",
     .otherwise = "all",
     .how = takes::repeat,
     .aliases = "nodes-to-quantize"},
    {.name = "exclude-node",
     .value = "NAME",
     .help = "not these nodes; * and ? match, re:PATTERN is a regular expression",
     .how = takes::repeat,
     .aliases = "nodes-to-exclude"},
    {.name = "between",
     .value = "FROM:TO",
     .help = "only nodes on paths from tensor FROM to tensor TO; one of them may be empty",
     .otherwise = "all",
     .how = takes::repeat},
    {.name = "target",
     .value = "NAME",
     .help = "what runs the model: ort-x64-vnni, ort-x64-avx2, ort-arm, tensorrt, openvino, web; sets types and rules"},
    external_data,
    fuse_first,
};

constexpr option compared[] = {data, limit, shuffle};

constexpr option check_and_report[] = {
    {.name = "verify",
     .value = "N",
     .help = "compare with the float model on the first N samples",
     .otherwise = "16",
     .no = "0"},
    backend,
    {.name = "report", .value = "FILE", .help = "write the report: .html, .json or .txt"},
    {.name = "min-quantized",
     .value = "PERCENT[:WHAT]",
     .help = "fail, and write nothing, if less is quantized; WHAT is flops, nodes or bytes",
     .otherwise = "0:flops"},
};

constexpr option bound[] = {
    {.name = "min-sqnr",
     .value = "DB",
     .help = "keep the nodes float that cost most, until the worst output has this SQNR on samples held back"},
    {.name = "max-error", .value = "X", .help = "the same, until no element of an output differs by more than X"},
    {.name = "bias-correction",
     .help = "take the mean error of each product out of its bias, where that helps on samples held back"},
};

constexpr option compat{
    .name = "compat",
    .help =
        "ranges as ONNX Runtime's tool chooses them (minmax, entropy with 128 bins, percentile); bit for bit with "
        "--backend onnxruntime"};

constexpr option calibration[] = {
    compat,
    {.name = "method",
     .value = "M",
     .help = "minmax, entropy, percentile, mse, automatic: per tensor the best of these (or distribution)",
     .otherwise = "minmax",
     .aliases = "calibration-method,calibrate-method"},
    {.name = "calib-symmetric",
     .help = "ranges [-a, a]",
     .otherwise = "off; on for percentile",
     .aliases = "calib-tensor-range-symmetric",
     .extra = "CalibTensorRangeSymmetric"},
    {.name = "calib-moving-average", .help = "minmax: mean of the samples' extremes", .extra = "CalibMovingAverage"},
    {.name = "calib-averaging-constant",
     .value = "X",
     .help = "with --compat and strides: the weight of the next stride's mean",
     .otherwise = "0.01",
     .aliases = "calib-moving-average-constant",
     .extra = "CalibMovingAverageConstant"},
    {.name = "calib-max-intermediate-outputs",
     .value = "N",
     .help = "accepted; memory does not grow with samples here",
     .extra = "CalibMaxIntermediateOutputs"},
    {.name = "calib-percentile",
     .value = "P",
     .help = "percentile: how much of the data is inside, 0 to 100",
     .otherwise = "99.999",
     .extra = "CalibPercentile"},
    {.name = "calib-stride",
     .value = "N",
     .help =
         "collect N samples at a time (shows in moving averages with --compat); their number must be a multiple of it",
     .aliases = "calib-strided-minmax",
     .extra = "CalibStridedMinMax"},
};

constexpr option quantization[] = {
    {.name = "activation-symmetric",
     .help = "zero points of activations in the middle",
     .extra = "ActivationSymmetric"},
    {.name = "activation-restricted-asymmetric",
     .help = "uint8 zero points 0 and 128 only",
     .extra = "ActivationRestrictedAsymmetric"},
    {.name = "weight-symmetric",
     .help = "zero points of weights in the middle",
     .otherwise = "on for signed types",
     .extra = "WeightSymmetric"},
    {.name = "enable-subgraph", .help = "the bodies of If, Loop and Scan too", .extra = "EnableSubgraph"},
    {.name = "force-quantize-no-input-check",
     .help = "operators that move data are quantized outside of chains too",
     .extra = "ForceQuantizeNoInputCheck"},
    {.name = "matmul-const-b-only",
     .help = "products of two activations stay float",
     .otherwise = "static off, dynamic on",
     .extra = "MatMulConstBOnly"},
    {.name = "add-qdq-pair-to-weight", .help = "keep float weights behind a Q/DQ pair", .extra = "AddQDQPairToWeight"},
    {.name = "exclude-output-op-types",
     .value = "LIST",
     .help = "operator types whose outputs stay float",
     .how = takes::list,
     .aliases = "op-types-to-exclude-output-quantization",
     .extra = "OpTypesToExcludeOutputQuantization"},
    {.name = "dedicated-qdq-pair", .help = "a Q/DQ pair for each reader", .extra = "DedicatedQDQPair"},
    {.name = "op-per-channel-axis",
     .value = "OP=AXIS",
     .help = "axis of the channels of an operator's weight",
     .how = takes::repeat,
     .extra = "QDQOpTypePerChannelSupportToAxis"},
    {.name = "quantize-bias",
     .help = "biases become int32",
     .otherwise = "on",
     .extra = "QuantizeBias",
     .opposite = "disable-quantize-bias"},
    {.name = "use-qdq-contrib-ops",
     .help = "QuantizeLinear and DequantizeLinear of com.microsoft",
     .extra = "UseQDQContribOps"},
    {.name = "quantize-sensitive",
     .help = "Softmax, LayerNormalization, what they and Log read, and joins of very different ranges too, as ONNX "
             "Runtime's tool does"},
    {.name = "minimum-real-range",
     .value = "X",
     .help = "least width of a range",
     .aliases = "min-real-range",
     .extra = "MinimumRealRange"},
    {.name = "tensor-quant-overrides",
     .value = "FILE",
     .help = "settings of single tensors (JSON), - for stdin",
     .aliases = "overrides",
     .extra = "TensorQuantOverrides"},
    {.name = "keep-removable-activations",
     .help = "Relu and Clip stay",
     .aliases = "qdq-keep-removable-activations",
     .extra = "QDQKeepRemovableActivations"},
    {.name = "disable-weight-adjust-for-int32-bias",
     .help = "do not widen a weight's scale where its bias overflows",
     .aliases = "qdq-disable-weight-adjust-for-int32-bias",
     .extra = "QDQDisableWeightAdjustForInt32Bias"},
    {.name = "block-size",
     .value = "N",
     .help = "blocked weights (opset 21)",
     .otherwise = "0: off",
     .extra = "BlockSize"},
    {.name = "default-tensor-type",
     .value = "TYPE",
     .help = "assumed for tensors without one: float, float16, bfloat16",
     .extra = "DefaultTensorType"},
    {.name = "sigmoid-nnapi", .help = "Sigmoid gets scale 1/256 and zero point 0", .extra = "extra.Sigmoid.nnapi"},
    {.name = "smooth-quant",
     .help = "move outliers of activations into weights, where that helps on samples held back (static only)",
     .extra = "SmoothQuant"},
    {.name = "smooth-quant-alpha",
     .value = "X",
     .help = "how much of the range moves, 0 to 1",
     .otherwise = "searched",
     .extra = "SmoothQuantAlpha"},
    {.name = "smooth-quant-folding",
     .help = "only where constants take the factors; off: also by a Mul",
     .otherwise = "on",
     .extra = "SmoothQuantFolding"},
    {.name = "extra",
     .value = "NAME=JSON",
     .help = "any of these by ONNX Runtime's name",
     .how = takes::repeat,
     .letter = 'x'},
};

constexpr option preprocess_options[] = {
    output,
    input,
    {.name = "skip-optimization", .help = "no clean-up, and no fusions but those of --fuse"},
    {.name = "skip-onnx-shape", .help = "no shape inference"},
    {.name = "skip-symbolic-shape", .help = "no symbolic shape inference"},
    {.name = "auto-merge",
     .help = "symbolic shapes: dimensions that must be equal become one, which --verbose tells",
     .otherwise = "on"},
    {.name = "int-max",
     .value = "N",
     .help = "symbolic shapes: larger values are unbounded",
     .otherwise = "2147483647"},
    {.name = "guess-output-rank", .help = "symbolic shapes: an unknown operator keeps the rank of its first input"},
    {.name = "symbolic-verbose",
     .value = "N",
     .help = "above 0: tell what inference assumed",
     .otherwise = "0",
     .aliases = "verbose-symbolic"},
    {.name = "external-data", .help = "write initializers beside OUT", .aliases = "save-as-external-data"},
    {.name = "external-data-one-file", .help = "all of them in one file", .aliases = "all-tensors-to-one-file"},
    {.name = "external-data-file",
     .value = "NAME",
     .help = "its name, relative to OUT's folder",
     .otherwise = "OUT.data",
     .aliases = "external-data-location"},
    {.name = "external-data-threshold",
     .value = "BYTES",
     .help = "smaller tensors stay inside",
     .otherwise = "1024",
     .aliases = "external-data-size-threshold"},
    {.name = "external-data-attributes",
     .help = "tensors of attributes too",
     .aliases = "external-data-convert-attribute"},
    {.name = "fuse",
     .value = "LIST",
     .help = "gelu, layernorm, lpnorm, space-to-depth; attention: ONNX's operator of opset 23; all: these but the "
             "last, and "
             "ONNX Runtime's operators for transformers",
     .how = takes::list},
    {.name = "inference", .help = "a Dropout that drops, in an export in training form, does nothing"},
    {.name = "disable",
     .value = "RULE",
     .help = "not this rule or pass, by the name that the result shows",
     .how = takes::list,
     .aliases = "disabled-optimizers"},
    {.name = "check",
     .help = "run the model before and after on random inputs or --data: fail, and name the rule, where an output "
             "differs by more than 1e-4 of its largest element"},
    data,
    {.name = "limit", .value = "N", .help = "check on the first N samples of --data", .otherwise = "4"},
    {.name = "topological-sort", .help = "only put producers before consumers"},
    {.name = "qnn", .help = "for Qualcomm's accelerators: gelu, lpnorm and space-to-depth fused, all nodes named"},
    {.name = "exclude-initializer-from-input", .help = "drop initializers from the graph inputs"},
    {.name = "channel-last-input", .value = "NAME", .help = "this input with the channels last", .how = takes::repeat},
    {.name = "channel-last-output",
     .value = "NAME",
     .help = "this output with the channels last",
     .how = takes::repeat},
    {.name = "fix-input-shape", .value = "NAME=1,3,224,224", .help = "static shape of an input", .how = takes::repeat},
};

constexpr option calibrate_options[] = {
    data,
    output,
    limit,
    shuffle,
    backend,
    {.name = "method",
     .value = "M",
     .help = "minmax, entropy, percentile, mse, automatic: per tensor the best of these (or distribution)",
     .otherwise = "minmax",
     .aliases = "calibration-method,calibrate-method"},
    {.name = "op-types",
     .value = "LIST",
     .help = "inputs and outputs of these operators only",
     .otherwise = "all",
     .how = takes::list,
     .aliases = "op-types-to-calibrate"},
    {.name = "enable-subgraph", .help = "tensors in the bodies of If, Loop and Scan too"},
    compat,
    {.name = "symmetric", .help = "ranges [-a, a]", .otherwise = "off; on for percentile"},
    {.name = "moving-average", .help = "minmax: mean of the samples' extremes"},
    {.name = "averaging-constant",
     .value = "X",
     .help = "with --compat and strides: the weight of the next stride's mean",
     .otherwise = "0.01"},
    {.name = "max-intermediate-outputs", .value = "N", .help = "accepted; memory does not grow with samples here"},
    {.name = "per-channel", .help = "minmax: a range per channel of axis 1"},
    {.name = "num-bins",
     .value = "N",
     .help = "entropy, percentile: bins",
     .otherwise = "2048; with --compat 128 for entropy"},
    {.name = "num-quantized-bins", .value = "N", .help = "entropy: levels", .otherwise = "128"},
    {.name = "percentile", .value = "P", .help = "how much of the data is inside, 0 to 100", .otherwise = "99.999"},
    {.name = "scenario", .value = "same|p3", .help = "distribution", .otherwise = "same"},
    {.name = "stride",
     .value = "N",
     .help =
         "collect N samples at a time (shows in moving averages with --compat); their number must be a multiple of it",
     .aliases = "calib-stride"},
    {.name = "state",
     .value = "FILE",
     .help = "keep finished samples there: after a kill the same command goes on with the others"},
    {.name = "state-every", .value = "N", .help = "write it after so many samples", .otherwise = "about every 10 s"},
    {.name = "shard",
     .value = "I/N",
     .help = "only the I-th of N parts of the samples, 1 to N; OUT is for --merge, not yet ranges"},
    {.name = "merge",
     .help = "the arguments are the OUT files of all parts: their ranges, the same bytes as one run's, go to -o; "
             "an -o that ends in .octcal is a part again"},
    {.name = "augmented-model", .value = "FILE", .help = "also write the model with its observation nodes"},
    {.name = "augment-only", .help = "write only that; neither --data nor -o is needed"},
};

constexpr option config_options[] = {
    {.name = "output", .value = "FILE", .help = "the file to write", .otherwise = "stdout", .letter = 'o'},
    {.name = "preset", .value = "qdq|qnn|none", .help = "what the given options change", .otherwise = "none"},
    {.name = "fix-mixed-precision", .help = "convert where types of overrides meet (default in qnn)"},
};

constexpr option run_options[] = {
    {.name = "inputs",
     .value = "PATH",
     .help = "one sample: a test_data_set folder, .npz, .npy, .jsonl, raw or image file"},
    {.name = "outputs", .value = "DIR", .help = "receives output_J.pb; made when it is not there"},
    {.name = "output",
     .value = "NAME",
     .help = "only this tensor, which may be an inner one",
     .otherwise = "the outputs",
     .how = takes::repeat},
    {.name = "output-format", .value = "pb|npz", .help = "file type", .otherwise = "pb"},
    {.name = "repeat", .value = "N", .help = "run N times; the median time is reported", .otherwise = "1"},
    backend,
    {.name = "profile", .help = "what each operator and each node took, after one run more"},
};

constexpr option compare_options[] = {
    data,
    limit,
    shuffle,
    backend,
    {.name = "output",
     .value = "NAME",
     .help = "this tensor of both models, which may be an inner one",
     .otherwise = "the outputs",
     .how = takes::repeat},
};

constexpr option debug_options[] = {
    output,
    data,
    limit,
    shuffle,
    backend,
    external_data,
    {.name = "op-types", .value = "LIST", .help = "tensors of these operators only", .how = takes::list},
    {.name = "dump", .value = "DIR", .help = "write the tensors there, with an index.json"},
};

constexpr option table_options[] = {
    {.name = "out-dir", .value = "DIR", .help = "receives calibration.json, .flatbuffers and .cache"},
};

constexpr option tensor_options[] = {
    {.name = "type", .value = "TYPE", .help = "quantized type"},
    {.name = "rmin", .value = "X", .help = "lower end of the range"},
    {.name = "rmax", .value = "Y", .help = "upper end of the range"},
    {.name = "symmetric", .help = "range [-a, a]"},
    {.name = "reduce-range", .help = "half of the integers"},
    {.name = "restricted-asymmetric", .help = "uint8 zero points 0 and 128 only"},
    {.name = "min-real-range", .value = "X", .help = "least width of the range"},
    {.name = "qmin", .value = "N", .help = "lowest integer", .otherwise = "the type's"},
    {.name = "qmax", .value = "N", .help = "highest integer", .otherwise = "the type's"},
    {.name = "float-type", .value = "float32|float16", .help = "type of the scale", .otherwise = "float32"},
    {.name = "std", .value = "X", .help = "float8 only: not supported yet"},
    {.name = "out-dir", .value = "DIR", .help = "receives quantized.pb, scale.pb and zero_point.pb"},
    {.name = "axis", .value = "N", .help = "per channel, along this axis"},
    {.name = "block-size", .value = "N", .help = "blocks along the axis"},
    {.name = "scale", .value = "FILE", .help = "a TensorProto: use this scale"},
    {.name = "zero-point", .value = "FILE", .help = "a TensorProto: use this zero point"},
    {.name = "layout", .value = "NAME", .help = "not supported yet"},
    {.name = "bits", .value = "N", .help = "of a layout"},
    {.name = "output", .value = "FILE", .help = "the file to write", .letter = 'o'},
};

constexpr option stage_options[] = {
    {.name = "stages",
     .value = "DIR",
     .help = "write the model's text after each stage: loaded, inferred, preprocessed, ranges, plan, emitted"},
    data,
    {.name = "ranges",
     .value = "FILE",
     .help = "ranges from 'octet calibrate'; without these two: dynamic quantization"},
    limit,
    shuffle,
    fuse_first,
};

/// Keeps a list of options for as long as the program runs.
std::span<option const> keep(std::vector<option> all) {
  static std::deque<std::vector<option>> lists;
  return lists.emplace_back(std::move(all));
}
std::vector<option> only(std::span<option const> all, std::initializer_list<std::string_view> names) {
  std::vector<option> r;
  for (auto const& o : all)
    if (std::find(names.begin(), names.end(), o.name) != names.end()) r.push_back(o);
  return r;
}
std::vector<option> but(std::span<option const> all, std::initializer_list<std::string_view> names) {
  std::vector<option> r;
  for (auto const& o : all)
    if (std::find(names.begin(), names.end(), o.name) == names.end()) r.push_back(o);
  return r;
}
/// The same options, one of them with another default and, if `help` is not empty, another meaning.
std::vector<option> with(std::vector<option> all, std::string_view name, std::string_view otherwise,
                         std::string_view help = {}) {
  for (auto& o : all)
    if (o.name == name) o.otherwise = otherwise, o.help = help.empty() ? o.help : help;
  return all;
}
std::vector<option> produce_dynamic() {
  auto all = with(but(produce_static, {}), "format", "qoperator",
                  "operators on integers, or Q/DQ pairs whose grids a function computes at run time");
  all.push_back({.name = "fuse",
                 .value = "OPERATOR",
                 .help = "products as MatMulIntegerToFloat of ONNX Runtime, or as DynamicQuantizeMatMul where nothing "
                         "else reads the quantized input",
                 .otherwise = "none: standard operators"});
  return with(std::move(all), "activation-type", "uint8", "type of activations, with --format qdq");
}

std::vector<option> produce_either() {
  auto all =
      with(but(produce_static, {"output", "external-data", "preprocess"}), "format", "qdq; qoperator without ranges");
  return with(std::move(all), "activation-type", "int8; uint8 without ranges");
}

// clang-format off
std::vector<command> make() {
  option_group const source_group{"Source of ranges (one is required)", source};
  option_group const samples{"Samples for the comparison", compared}, how_read{"How samples are read", reading};
  option_group const produce{"What to produce", produce_static}, check{"Check and report", check_and_report};
  option_group const produce_at_run_time{"What to produce", keep(produce_dynamic())};
  option_group const produce_config{"What to produce", keep(but(produce_static, {"output"}))};
  option_group const produce_stages{"What to produce", keep(produce_either())};
  option_group const calibrating{"Calibration", calibration}, quantizing_either{"Quantization", quantization};
  option_group const quantizing{"Quantization", keep(with(but(quantization, {}), "matmul-const-b-only", "off"))};
  option_group const quantizing_at_run_time{"Quantization",
    keep(with(but(quantization, {}), "matmul-const-b-only", "on"))};
  auto const debugging = [](std::initializer_list<std::string_view> names) {
    return option_group{"Options", keep(only(debug_options, names))};
  };
  auto const tensors = [](std::initializer_list<std::string_view> names) {
    return option_group{"Options", keep(only(tensor_options, names))};
  };
  return {
      {"quantize static", "MODEL -o OUT --data PATH", "Quantize with ranges that calibration finds",
       {source_group, how_read, produce, {"Bound on the error", bound}, calibrating, quantizing, check}, 1,
       run_quantize_static},
      {"quantize dynamic", "MODEL -o OUT", "Quantize weights; activations are quantized at run time, without data",
       {produce_at_run_time, quantizing_at_run_time, samples, how_read, check}, 1, run_quantize_dynamic},
      {"quantize weights", "MODEL -o OUT", "Quantize weights in blocks (not supported yet)", {}, 1, nullptr},
      {"preprocess", "MODEL -o OUT", "Infer shapes, fuse and clean up before quantization",
       {{"Options", preprocess_options}}, 1, run_preprocess},
      {"calibrate", "MODEL --data PATH -o RANGES.json | --merge PART... -o RANGES.json",
       "Find the range of every tensor", {{"Options", calibrate_options}, how_read}, 1 << 20, run_calibrate},
      {"config", "MODEL", "Print the complete configuration of a static quantization",
       {{"Options", config_options}, source_group, how_read, produce_config, calibrating, quantizing}, 1, run_config},
      {"debug weights", "FLOAT QUANT", "Compare the weights of a quantized model with those of its float model",
       {debugging({"dump"})}, 2, run_debug_weights},
      {"debug activations", "FLOAT QUANT --data PATH", "Compare activations, worst first",
       {debugging({"data", "limit", "shuffle", "dump"}), how_read}, 2, run_debug_activations},
      {"debug layers", "FLOAT QUANT --data PATH", "Find the layer that is at fault, the cause, and what to do",
       {debugging({"data", "limit", "shuffle"}), how_read}, 2, run_debug_layers},
      {"debug augment", "MODEL -o OUT", "Make every activation an output",
       {debugging({"output", "external-data", "op-types"})}, 1, run_debug_augment},
      {"debug collect", "MODEL --data PATH --dump DIR", "Store every activation",
       {debugging({"data", "limit", "shuffle", "dump"}), how_read}, 1, run_debug_collect},
      {"table", "RANGES.json --out-dir DIR", "Write TensorRT's calibration table",
       {{"Options", table_options}}, 1, run_table},
      {"tensor params", "--rmin X --rmax Y --type TYPE", "Scale and zero point of a range",
       {tensors({"type", "rmin", "rmax", "symmetric", "reduce-range", "restricted-asymmetric", "min-real-range",
                 "qmin", "qmax", "float-type", "std"})}, 0, run_tensor_params},
      {"tensor quantize", "IN.pb --out-dir DIR --type TYPE", "Quantize a tensor",
       {tensors({"type", "out-dir", "rmin", "rmax", "symmetric", "reduce-range", "min-real-range", "axis",
                 "block-size", "scale", "zero-point", "layout", "bits"})}, 1, run_tensor_quantize},
      {"tensor dequantize", "Q.pb --scale S.pb -o OUT.pb", "Dequantize a tensor",
       {tensors({"scale", "zero-point", "axis", "block-size", "output"})}, 1, run_tensor_dequantize},
      {"run", "MODEL --inputs PATH --outputs DIR", "Run a model", {{"Options", run_options}, how_read}, 1, run_run},
      {"compare", "A B --data PATH", "Compare the outputs of two models, sample by sample",
       {{"Options", compare_options}, how_read}, 2, run_compare},
      {"inspect", "MODEL [--target NAME] [--stages DIR --data PATH]",
       "Say what is in a model, what a target does not take of it (then exit code 3), "
       "and what each stage would make of it",
       {{"Stages of a quantization", stage_options}, how_read, produce_stages, calibrating, quantizing_either}, 1,
       run_inspect},
  };
}
// clang-format on

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return x == y || ((x == '_' || x == '-') && (y == '_' || y == '-')); });
}

template <class F>
option const* search(command const& c, F fits) {
  for (auto const& group : c.groups)
    for (auto const& o : group.options)
      if (fits(o)) return &o;
  for (auto const& o : globals)
    if (fits(o)) return &o;
  return nullptr;
}

}  // namespace

std::span<command const> commands() {
  static std::vector<command> const all = make();
  return all;
}

std::span<option const> global_options() { return globals; }
std::span<option const> reading_options() { return reading; }

command const* find_command(std::string_view name) {
  for (auto const& c : commands())
    if (c.name == name) return &c;
  return nullptr;
}

option const* find_option(command const& c, std::string_view name) {
  return search(c, [&](option const& o) {
    if (same(o.name, name)) return true;
    for (auto const alias : split(o.aliases, ','))
      if (!alias.empty() && same(alias, name)) return true;
    return false;
  });
}

option const* find_extra(command const& c, std::string_view name) {
  return search(c, [&](option const& o) { return !o.extra.empty() && o.extra == name; });
}

std::vector<std::string> option_names(command const& c) {
  std::vector<std::string> names;
  search(c, [&](option const& o) {
    names.emplace_back(o.name);
    for (auto const alias : split(o.aliases, ','))
      if (!alias.empty()) names.emplace_back(alias);
    if (!o.opposite.empty()) names.emplace_back(o.opposite);
    return false;
  });
  return names;
}

std::string closest(std::string_view word, std::span<std::string const> names) {
  std::string best;
  std::size_t least = std::max<std::size_t>(2, word.size() / 2) + 1;
  for (auto const& name : names) {
    std::vector<std::size_t> row(name.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= word.size(); ++i) {
      std::size_t diagonal = std::exchange(row[0], i);
      for (std::size_t j = 1; j < row.size(); ++j) {
        auto const change = diagonal + (word[i - 1] != name[j - 1]);
        diagonal = row[j];
        row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
      }
    }
    if (row.back() < least) least = row.back(), best = name;
  }
  return best;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t from = 0; from <= text.size();) {
    auto const to = std::min(text.find(separator, from), text.size());
    parts.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

}  // namespace cli
