// Part of octet-compiled where it is built with dispatch: the operators of the instruction set that was chosen.
#include <octet/exec/ops/registry.hpp>
#include <octet/kernels/dispatch.hpp>

#define OCTET_SET(s) extern "C" octet::detail::operator_groups const* octet_operators_##s();
OCTET_SETS
#undef OCTET_SET

namespace octet::detail {

operator_groups const& chosen_groups() {
  static operator_groups const chosen = [] {
    switch (kernels::chosen_kernels().isa) {
#define OCTET_SET(s)       \
  case instruction_set::s: \
    return *octet_operators_##s();
      OCTET_SETS
#undef OCTET_SET
      default:
        return own_groups();
    }
  }();
  return chosen;
}

}  // namespace octet::detail
