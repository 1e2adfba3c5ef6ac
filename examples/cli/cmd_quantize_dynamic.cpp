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
  j.summary.settings = describe(s, o, true);
  auto m = j.load();
  auto const original = m;
  auto r = j.stage("quantize", [&] { return quantize_dynamic(m, s, o); });
  j.verify(original, m);
  j.finish(m, std::move(r));
}

}  // namespace cli
