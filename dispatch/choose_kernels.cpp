// Part of octet-dispatch: the tables that were built, and the choice. OCTET_SETS is OCTET_SET(avx2) OCTET_SET(…).
#include <octet/kernels/dispatch.hpp>

#define OCTET_SET(s) extern "C" octet::kernels::kernel_set const* octet_kernels_##s();
OCTET_SETS
#undef OCTET_SET

namespace octet::kernels {

std::span<instruction_set const> built_sets() {
#define OCTET_SET(s) instruction_set::s,
  static constexpr instruction_set all[] = {instruction_set::generic, OCTET_SETS};
#undef OCTET_SET
  return all;
}

kernel_set const* kernels_of(instruction_set isa) {
  static constexpr kernel_set generic = [] {
    auto own = kernel_set_of<>();
    own.isa = instruction_set::generic;  // whatever the ordinary flags are
    return own;
  }();
  switch (isa) {
    case instruction_set::generic:
      return &generic;
#define OCTET_SET(s)       \
  case instruction_set::s: \
    return octet_kernels_##s();
      OCTET_SETS
#undef OCTET_SET
    default:
      return nullptr;
  }
}

kernel_set const& chosen_kernels() {
  static kernel_set const& chosen = *kernels_of(choose(built_sets(), std::getenv("OCTET_ARCH")));
  return chosen;
}

}  // namespace octet::kernels
