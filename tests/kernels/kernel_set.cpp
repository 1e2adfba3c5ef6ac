#include <doctest/doctest.h>

#include <kernels/kernel_set_cases.hpp>

TEST_CASE("the table of this unit's instruction set computes what the definitions say") {
  auto const all = octet::kernels::kernel_set_of<>();
  CHECK(all.isa == octet::compiled_for());
  kernel_set_cases::check(all);
}
