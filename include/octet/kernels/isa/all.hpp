// Every instruction set that this translation unit was compiled for.
#pragma once

#include <octet/kernels/isa/avx2.hpp>
#include <octet/kernels/isa/avx512.hpp>
#include <octet/kernels/isa/neon.hpp>
#include <octet/kernels/isa/sse2.hpp>
#include <octet/kernels/isa/vnni.hpp>
