// What a model should go through before it is quantized: shapes, constants folded, nothing idle, layers fused.
// Quantizing never does this by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <octet/core/compiled.hpp>
#include <octet/exec/feed.hpp>
#include <octet/infer/fold.hpp>
#include <octet/rewrite/log.hpp>
#include <octet/rewrite/rule.hpp>

namespace octet {

/// How preprocessing proves that the outputs stay: the model before and after is run in octet's executor.
struct self_check {
  double tolerance = 1e-4;      ///< largest difference, relative to the largest element of an output
  std::size_t runs = 2;         ///< on random inputs
  std::uint64_t seed = 0;       ///< of them
  std::vector<feed> samples{};  ///< what the models are run on instead
};

struct preprocess_options {
  bool shapes = true;                 ///< infer and write types of computed values
  bool optimize = true;               ///< fold, clean up, fuse
  bool contrib = false;               ///< fusions into ONNX Runtime's own operators as well
  bool attention = false;             ///< attention as ONNX's operator of opset 23, to which the opset is raised
  bool layer_norm = false;            ///< a spelt-out LayerNormalization as one operator where `optimize` is off too
  bool gelu = false;                  ///< Gelu as one operator below opset 20 too, where it is ONNX Runtime's own
  bool lp_norm = false;               ///< a spelt-out LpNormalization as one operator
  bool space_to_depth = false;        ///< a spelt-out SpaceToDepth as one operator
  bool inference = false;             ///< a Dropout that drops, as exports in training form have it, does nothing
  bool raise_opset = true;            ///< raise the opset to 17 where a spelt-out LayerNormalization is found
  std::int64_t opset = 11;            ///< at least this opset
  std::vector<std::string> except{};  ///< rules and passes that are switched off, by name
  std::span<rewrite::rule_view const> rules{};  ///< a host's own, after the clean-up
  infer_options infer{};
  fold_options fold{};
  bool mark = true;                          ///< note in the metadata that the model is preprocessed
  std::optional<self_check> check{};         ///< compare the outputs before and after
  std::size_t stop_after = std::size_t(-1);  ///< replacements by rules, to find by bisection the one that matters
};

/// What preprocessing did and what it assumed.
struct preprocess_report {
  rewrite::log log{};
  std::size_t folded = 0, merged = 0, dead = 0;
  std::int64_t opset_before = 0, opset_after = 0;
  std::vector<std::string> assumptions{}, refused{};  ///< of inference, of folding
  std::size_t checked = 0;                            ///< samples on which the outputs were compared
  double largest_difference = 0;                      ///< among them, relative to an output's largest element

  bool modified() const { return log.applied() + folded + merged + dead != 0 || opset_before != opset_after; }
};

/// Prepares `m` for quantization, in place: raises an opset below 11, infers shapes, folds constants, removes what does
/// nothing, folds BatchNormalization and other affine layers into weights, fuses layer normalizations. Tensors that
/// remain keep their names. Throws `unsupported` for an opset that cannot be raised, `invalid` for a broken model, and
/// `runtime`, naming the rule and the place, for outputs that `options.check` finds changed.
OCTET_API preprocess_report preprocess(model& m, preprocess_options const& options = {});

}  // namespace octet

#if OCTET_HEADER_ONLY
#include <octet/quantize/preprocessor.hpp>
#endif
