// The concept admits the session and anything else that runs a feed, and nothing less.
#include <octet/exec/backend.hpp>

#include <doctest/doctest.h>

#include <octet/exec/session.hpp>

using namespace octet;

namespace {
struct echo {
  feed run(feed const& in, std::span<std::string const>) { return in; }
};
struct silent {
  void run(feed const&, std::span<std::string const>);
};
template <backend B>
std::size_t outputs(B& b, feed const& in) {
  return b.run(in, {}).size();
}
}  // namespace

static_assert(backend<session> && backend<echo> && !backend<silent> && !backend<int>);

TEST_CASE("a backend is used through the concept alone") {
  echo e;
  CHECK(outputs(e, {{"a", tensor::scalar(1.f)}, {"b", tensor::scalar(2.f)}}) == 2);
}
