// Everything: kernels, models and files, inference, rewriting, execution, calibration, quantization, reports.
#pragma once

#include <octet/calibrate/calibrators.hpp>
#include <octet/calibrate/collect.hpp>
#include <octet/calibrate/ranges.hpp>
#include <octet/calibrate/ranges_file.hpp>
#include <octet/calibrate/reader.hpp>
#include <octet/calibrate/readers/folder.hpp>
#include <octet/calibrate/tensorrt.hpp>
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
#include <octet/report/accuracy.hpp>
#include <octet/report/html.hpp>
#include <octet/report/json.hpp>
#include <octet/report/summary.hpp>
#include <octet/report/text.hpp>
#include <octet/version.hpp>
