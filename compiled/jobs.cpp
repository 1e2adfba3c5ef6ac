// Part of octet-compiled.
#include <octet/quantize/bias_correction.hpp>
#include <octet/quantize/jobs.hpp>
#include <octet/quantize/smooth_quant.hpp>
