// Everything: kernels, models and files, inference, preprocessing, execution, calibration, quantization, debugging,
// reports. The language of rewrite rules is apart, in octet/rewrite.hpp, for those who write some.
#pragma once

#include <octet/calibrate.hpp>
#include <octet/debug.hpp>
#include <octet/exec/backend.hpp>
#include <octet/exec/session.hpp>
#include <octet/graph.hpp>
#include <octet/infer/infer.hpp>
#include <octet/io/load.hpp>
#include <octet/io/save.hpp>
#include <octet/io/tensor_file.hpp>
#include <octet/kernels.hpp>
#include <octet/ops/catalogue.hpp>
#include <octet/quantize.hpp>
#include <octet/report/html.hpp>
#include <octet/report/json.hpp>
#include <octet/report/text.hpp>
#include <octet/version.hpp>
