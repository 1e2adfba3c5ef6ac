// All that has the executor's operators in it: running, calibrating, preprocessing, static quantization, debugging.
#include <octet/calibrate/compat_collect.hpp>
#include <octet/calibrate/resume.hpp>
#include <octet/debug/activations.hpp>
#include <octet/debug/layers.hpp>
#include <octet/debug/weights.hpp>
#include <octet/exec/onnxruntime.hpp>
#include <octet/exec/session.hpp>
#include <octet/quantize/bias_correction.hpp>
#include <octet/quantize/budget.hpp>
#include <octet/quantize/prepare.hpp>
#include <octet/quantize/preprocess.hpp>
#include <octet/quantize/smooth_quant.hpp>
#include <octet/quantize/static.hpp>

#include "arguments.hpp"
#include "runner.hpp"
#include "stages.hpp"

namespace cli {

bool embedded_backend(arguments const& args) {
  auto const name = args.text("backend", "embedded");
  if (name != "embedded" && name != "onnxruntime" && !name.starts_with("onnxruntime:"))
    usage_error("option '--backend' is embedded, onnxruntime or onnxruntime:LIBRARY, not '" + name + "'");
  return name == "embedded";
}

runner::runner(octet::model const& m, arguments const& args, octet::profile* p, int optimization, unsigned threads) {
  if (threads == 0) threads = args.threads();
  if (embedded_backend(args)) {
    backend_ = std::make_unique<octet::session>(m, octet::session_options{.threads = threads, .profile = p});
    return;
  }
  if (p != nullptr) usage_error("--profile sees into octet's own backend only", "leave out --backend");
  auto const name = args.text("backend");
  auto const colon = name.find(':');
  octet::onnxruntime_options o{.threads = threads, .optimization = optimization};
  if (colon != name.npos) o.library = name.substr(colon + 1);
  backend_ = std::make_unique<octet::onnxruntime_session>(m, std::move(o));
}
runner::~runner() = default;

octet::feed runner::run(octet::feed const& in, std::span<std::string const> fetch) {
  return std::visit([&](auto& b) { return b->run(in, fetch); }, backend_);
}

octet::preprocess_report preprocess(octet::model& m, octet::preprocess_options const& o) {
  return octet::preprocess(m, o);
}

octet::ranges calibrate(arguments const& args, octet::model const& m, octet::reader data,
                        octet::shipped_calibrator const& c, octet::calibrate_options const& o) {
  if (embedded_backend(args)) return octet::calibrate(m, std::move(data), c, o);
  runner r{m, args};
  return octet::detail::calibrate_on([&](octet::feed const& in, auto fetch) { return r.run(in, fetch); }, m,
                                     std::move(data), octet::ref(c), o);
}

octet::ranges calibrate_compat(arguments const& args, octet::model const& m, std::function<octet::reader()> const& open,
                               octet::compat const& c, octet::calibrate_options const& o) {
  runner r{m, args, nullptr, 0};
  return octet::calibrate_compat(m, open, r, c, o);
}

void calibrate_part(octet::model const& m, octet::data_files const& files, octet::shipped_calibrator const& c,
                    octet::calibrate_options const& o, octet::partial_calibration& part, octet::checkpoint const& keep,
                    std::function<octet::feed(std::size_t)> load) {
  octet::calibrate_part(m, files, octet::ref(c), o, part, keep, std::move(load));
}

void check_job(octet::model const& m, octet::scheme const& s, octet::quantize_options const& o, bool dynamic) {
  octet::detail::check_job(m, s, o, dynamic);
}

octet::report quantize(octet::model& m, octet::ranges const& r, octet::scheme const& s,
                       octet::quantize_options const& o) {
  return octet::detail::quantize(m, r, s, o);
}

octet::report quantize_within(octet::model& m, octet::ranges const& r, octet::scheme const& s,
                              octet::quantize_options const& o, octet::error_budget const& b,
                              std::vector<octet::feed> const& held_back) {
  return octet::quantize_within(m, r, s, o, b, held_back);
}

octet::trial_report smooth(octet::model& m, octet::ranges& r, octet::scheme const& s, octet::quantize_options& o,
                           octet::reader data, std::function<octet::ranges(octet::model const&)> const& calibrate,
                           std::vector<octet::feed> const& held_back, octet::smooth_options const& how) {
  return octet::smooth(m, r, s, o, std::move(data), calibrate, held_back, how);
}

octet::trial_report correct_biases(octet::model const& m, octet::ranges const& r, octet::scheme const& s,
                                   octet::quantize_options& o, octet::reader data,
                                   std::vector<octet::feed> const& held_back, octet::trial_options const& t) {
  return octet::correct_biases(m, r, s, o, std::move(data), held_back, t);
}

std::vector<std::string> match_weights(octet::model const& before, octet::model const& after,
                                       std::function<void(octet::debug::weight_match const&)> const& f) {
  return octet::debug::match_weights(before, after, f);
}

void for_each_activation(octet::model const* before, octet::model const& after, octet::reader data,
                         std::function<void(octet::debug::activation_match const&, octet::tensor const& from,
                                            octet::tensor const& to, octet::tensor const& reference)> const& f) {
  octet::debug::for_each_activation(before, after, std::move(data), f);
}

std::vector<octet::debug::layer_error> find_layers(octet::model const& before, octet::model const& after,
                                                   octet::reader data) {
  return octet::debug::layers(before, after, std::move(data));
}

}  // namespace cli
