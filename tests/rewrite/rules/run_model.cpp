// The one place of this folder's tests that compiles the executor.
#include <octet/exec/session.hpp>
#include <support/rule_check.hpp>

octet::feed support::run_model(octet::model const& m, octet::feed const& in) { return octet::session{m}.run(in); }

TEST_CASE("the numbers of the rules' tests come from the executor") {
  support::builder g;
  g.output(g(octet::ops::Add, {g.input("x", {2}), support::floats({2}, {1, 2})}, {}, "y"));
  octet::feed const in{{"x", support::floats({2}, {10, 20})}};
  CHECK(support::run_model(g.m, in).at("y").as<float>()[1] == 22);
}
