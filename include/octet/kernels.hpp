// Everything that works on plain spans: needs xsimd, never protobuf.
#pragma once

#include <octet/kernels/conv.hpp>
#include <octet/kernels/depthwise.hpp>
#include <octet/kernels/depthwise8.hpp>
#include <octet/kernels/dequantize.hpp>
#include <octet/kernels/gemm.hpp>
#include <octet/kernels/gemm_f32.hpp>
#include <octet/kernels/lookup.hpp>
#include <octet/kernels/min_max.hpp>
#include <octet/kernels/quantize.hpp>
#include <octet/kernels/saturation.hpp>
#include <octet/numeric/bias.hpp>
#include <octet/numeric/grid.hpp>
#include <octet/numeric/multiplier.hpp>
#include <octet/numeric/range.hpp>
#include <octet/numeric/weight.hpp>
#include <octet/policy/concepts.hpp>
#include <octet/policy/policy.hpp>
