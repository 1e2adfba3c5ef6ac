#include <kernels/gemm_cases.hpp>

TEST_CASE("s8 × s8 equals its definition") { gemm_cases::all<octet::s8s8>(); }
