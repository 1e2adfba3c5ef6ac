#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include <octet/kernels/dispatch.hpp>

#include <kernels/kernel_set_cases.hpp>

using namespace octet;

TEST_CASE("units that were compiled with different flags and linked together all compute what the definitions say") {
  for (auto const isa : kernels::built_sets()) {
    CAPTURE(std::string{name(isa)});
    auto const* const all = kernels::kernels_of(isa);
    REQUIRE(all != nullptr);
    CHECK(all->isa == isa);
    char const* const must = std::getenv("OCTET_MUST_RUN");  // what the build knows that this processor has
    CHECK((available(isa) || must == nullptr || must != name(isa)));
    if (available(isa)) kernel_set_cases::check(*all);
    else MESSAGE("skipped: this processor lacks " << std::string{name(isa)});
  }
}

TEST_CASE("the best set of this processor is chosen, unless OCTET_ARCH names one") {
  CHECK(kernels::built_sets()[0] == instruction_set::generic);
  auto const best = choose(kernels::built_sets(), std::getenv("OCTET_ARCH"));
  CHECK(kernels::chosen_kernels().isa == best);
  kernel_set_cases::check(kernels::chosen_kernels());
}

TEST_CASE("what was not built has no table") {
  for (auto const isa : instruction_sets) {
    bool built = false;
    for (auto const b : kernels::built_sets()) built = built || b == isa;
    CHECK((kernels::kernels_of(isa) != nullptr) == built);
  }
}
