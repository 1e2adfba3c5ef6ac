// octet quantize dynamic: the stages in order.
#include "commands.hpp"
#include "job.hpp"
#include "settings.hpp"
#include "stages.hpp"

namespace cli {

void run_quantize_dynamic(arguments const& args, console& out) {
  job j{args, out};
  auto s = scheme_of(args);
  if (!args.has("activation-type")) s.activation = octet::element::u8;
  auto o = options_of(args, true);
  o.progress = j.show_progress();
  bool const fixed = o.format == octet::format::qoperator;
  if (fixed && (s.activation != octet::element::u8 || args.flag("activation-symmetric") ||
                args.flag("activation-restricted-asymmetric")))
    j.summary.warnings.push_back(
        "activations of the integer operators are uint8 and asymmetric whatever the options say; --format qdq has "
        "others");
  j.summary.settings = describe(s, o, true);
  auto m = j.load();
  j.check(m, s, o, true);
  auto const original = m;
  auto r = j.stage("quantize", [&] { return quantize_dynamic(m, s, o); });
  j.verify(original, m);
  j.finish(m, std::move(r));
}

}  // namespace cli
