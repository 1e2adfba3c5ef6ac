// The executor's operators for one instruction set: the entry to what the units of compiled/ define, which are compiled
// once more with the same flags and become one object with this one.
#include <octet/exec/ops/registry.hpp>

#define OCTET_JOIN_(a, b) a##b
#define OCTET_JOIN(a, b) OCTET_JOIN_(a, b)

extern "C" octet::detail::operator_groups const* OCTET_JOIN(octet_operators_, OCTET_UNIT)() {
  static octet::detail::operator_groups const all = octet::detail::own_groups();
  return &all;
}
