// octet's own runtime behind a plain class, so that its operators are compiled in one unit.
#pragma once

#include <memory>
#include <span>
#include <string>

#include <octet/exec/feed.hpp>
#include <octet/exec/observer.hpp>
#include <octet/exec/profile.hpp>
#include <octet/graph/graph.hpp>

namespace octet {
class session;
}

namespace cli {

class runner {
 public:
  /// `threads` 0: all cores. The model, the observer and the profile must outlive it.
  runner(octet::model const& m, unsigned threads, octet::observer* o = nullptr, octet::profile* p = nullptr);
  ~runner();
  octet::feed run(octet::feed const& in, std::span<std::string const> fetch);

 private:
  std::unique_ptr<octet::session> session_;
};

}  // namespace cli
