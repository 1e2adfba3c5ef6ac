// The static and the dynamic job as values: prepare, plan, report, emit, finish.
#pragma once

#include <string_view>
#include <utility>

#include <octet/infer/infer.hpp>
#include <octet/quantize/dynamic.hpp>
#include <octet/quantize/emit_dynamic_qdq.hpp>
#include <octet/quantize/emit_integer.hpp>
#include <octet/quantize/emit_qdq.hpp>
#include <octet/quantize/emit_qoperator.hpp>
#include <octet/quantize/planner.hpp>
#include <octet/quantize/prepare.hpp>
#include <octet/quantize/static.hpp>

#if OCTET_BODIES
namespace octet::detail {

OCTET_API report quantize(model& m, ranges const& r, scheme const& s, quantize_options const& o) {
  check_job(m, s, o, false);
  auto const before = initializer_bytes(m.main);
  auto warnings = prepare(m, s, o, mode::static_ranges);
  auto const p = make_plan(m, s, o, mode::static_ranges, [&](std::string_view name) { return r.find(name); });
  auto result = start_report(p, m.main);
  o.format == format::qdq ? emit_qdq(m, p, o) : emit_qoperator(m, p, o);
  return finish(m, std::move(result), before, std::move(warnings));
}

OCTET_API report quantize_dynamic(model& m, scheme s, quantize_options const& o) {
  auto const how = o.format == format::qoperator ? mode::integer : mode::dynamic;
  if (how == mode::integer) s.activation = element::u8;
  check_job(m, s, o, true);
  auto const before = initializer_bytes(m.main);
  auto warnings = prepare(m, s, o, how);
  auto const p = make_plan(m, s, o, how);
  auto result = start_report(p, m.main);
  how == mode::integer ? emit_integer(m, p, o) : emit_dynamic_qdq(m, p, o);
  return finish(m, std::move(result), before, std::move(warnings));
}

}  // namespace octet::detail
#endif
