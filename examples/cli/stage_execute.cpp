// All that has the executor's operators in it: running, calibrating, preprocessing, static quantization, debugging.
#include <octet/calibrate/resume.hpp>
#include <octet/debug/activations.hpp>
#include <octet/debug/weights.hpp>
#include <octet/exec/session.hpp>
#include <octet/quantize/prepare.hpp>
#include <octet/quantize/preprocess.hpp>
#include <octet/quantize/static.hpp>

#include "runner.hpp"
#include "stages.hpp"

namespace cli {

runner::runner(octet::model const& m, unsigned threads, octet::observer* o, octet::profile* p)
    : session_{std::make_unique<octet::session>(
          m, octet::session_options{.threads = threads, .observer = o, .profile = p})} {}
runner::~runner() = default;

octet::feed runner::run(octet::feed const& in, std::span<std::string const> fetch) { return session_->run(in, fetch); }

octet::preprocess_report preprocess(octet::model& m, octet::preprocess_options const& o) {
  return octet::preprocess(m, o);
}

octet::ranges calibrate(octet::model const& m, octet::reader data, octet::shipped_calibrator const& c,
                        octet::calibrate_options const& o) {
  return octet::calibrate(m, std::move(data), c, o);
}

void calibrate_part(octet::model const& m, octet::data_files const& files, octet::shipped_calibrator const& c,
                    octet::calibrate_options const& o, octet::partial_calibration& part,
                    octet::checkpoint const& keep) {
  octet::calibrate_part(m, files, octet::ref(c), o, part, keep);
}

void check_job(octet::model const& m, octet::scheme const& s, octet::quantize_options const& o, bool dynamic) {
  octet::detail::check_job(m, s, o, dynamic);
}

octet::report quantize(octet::model& m, octet::ranges const& r, octet::scheme const& s,
                       octet::quantize_options const& o) {
  return octet::detail::quantize(m, r, s, o);
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

}  // namespace cli
