// Where a quantized model differs from its float model: weights, activations, and how to measure it.
#pragma once

#include <octet/debug/activations.hpp>
#include <octet/debug/layers.hpp>
#include <octet/debug/metrics.hpp>
#include <octet/debug/weights.hpp>
