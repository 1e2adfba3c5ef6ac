#include <kernels/gemm_cases.hpp>

TEST_CASE("u8 × u8 equals its definition") { gemm_cases::all<octet::u8u8>(); }
