// The one unit with all operators in it.
#include "runner.hpp"

#include <octet/exec/session.hpp>

namespace cli {

runner::runner(octet::model const& m, unsigned threads, octet::observer* o)
    : session_{std::make_unique<octet::session>(m, octet::session_options{.threads = threads, .observer = o})} {}
runner::~runner() = default;

octet::feed runner::run(octet::feed const& in, std::span<std::string const> fetch) { return session_->run(in, fetch); }

}  // namespace cli
