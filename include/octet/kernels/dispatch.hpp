// The opt-in choice of kernels at run time (docs/decisions/dispatch.md). Declared always; defined by the library
// octet-dispatch, which the build's option `dispatch` makes: one unit for each instruction set that it names.
#pragma once

#include <span>

#include <octet/kernels/kernel_set.hpp>

namespace octet::kernels {

/// The instruction sets that the library was built with, `generic` first: what its ordinary flags give.
std::span<instruction_set const> built_sets();

/// The table of one of them; null when it was not built. What this processor lacks must not be called.
kernel_set const* kernels_of(instruction_set);

/// The best of them that this processor has, or the one that the environment's OCTET_ARCH names; chosen at the first
/// call. Throws each time when OCTET_ARCH asks for what there is not.
kernel_set const& chosen_kernels();

}  // namespace octet::kernels
