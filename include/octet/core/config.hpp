// Macros that every layer shares. Kernels are always inlined, so that a translation unit built with the flags of one
// instruction set leaves no symbol which the linker could pick for another one.
#pragma once

#include <cassert>

#define OCTET_INLINE inline __attribute__((always_inline))
#define OCTET_INLINE_LAMBDA __attribute__((always_inline))

/// A precondition: checked in debug builds and in tests, assumed in release builds.
#ifndef OCTET_ASSERT
#define OCTET_ASSERT(...) assert((__VA_ARGS__))
#endif
