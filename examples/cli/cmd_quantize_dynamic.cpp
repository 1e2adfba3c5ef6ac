// octet quantize dynamic: the stages in order.
#include "commands.hpp"
#include "job.hpp"
#include "settings.hpp"
#include "stages.hpp"

namespace cli {

void run_quantize_dynamic(arguments const& args, console& out) {
  job j{args, out};
  auto s = scheme_of(args);
  auto o = options_of(args, true);
  bool const integer = o.format == octet::format::qoperator;
  if (!args.has("activation-type") && (integer || !args.has("target"))) s.activation = octet::element::u8;
  o.progress = j.show_progress();
  j.summary.warnings = apply_target(args, s, o, true);
  if (integer && (s.activation != octet::element::u8 || args.flag("activation-symmetric") ||
                  args.flag("activation-restricted-asymmetric")))
    j.summary.warnings.push_back(
        "activations of the integer operators are uint8 and asymmetric whatever the options say; --format qdq has "
        "others");
  j.summary.settings = describe(s, o, true);
  auto m = j.load();
  j.check(m, s, o, true);
  auto const original = j.kept_for_comparison(m);
  auto r = j.stage("quantize", [&] { return quantize_dynamic(m, s, o); });
  j.verify(original, m);
  j.examine(original, m, {});
  j.finish(m, std::move(r));
}

}  // namespace cli
