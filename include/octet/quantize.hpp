// Quantization: options, plans, the static and dynamic jobs, their reports.
#pragma once

#include <octet/policy/text.hpp>
#include <octet/policy/visit.hpp>
#include <octet/quantize/dynamic.hpp>
#include <octet/quantize/lint.hpp>
#include <octet/quantize/options.hpp>
#include <octet/quantize/plan.hpp>
#include <octet/quantize/preprocess.hpp>
#include <octet/quantize/recommend.hpp>
#include <octet/quantize/report.hpp>
#include <octet/quantize/static.hpp>
