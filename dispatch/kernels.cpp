// The kernels for one instruction set, whose name the build gives (OCTET_UNIT) with its flags. Nothing but the entry
// leaves the object (merge.py).
#include <octet/kernels/kernel_set.hpp>

#define OCTET_JOIN_(a, b) a##b
#define OCTET_JOIN(a, b) OCTET_JOIN_(a, b)

extern "C" octet::kernels::kernel_set const* OCTET_JOIN(octet_kernels_, OCTET_UNIT)() {
  static_assert(octet::compiled_for() == octet::instruction_set::OCTET_UNIT, "the flags do not fit the name");
  static constexpr octet::kernels::kernel_set all = octet::kernels::kernel_set_of<>();
  return &all;
}
