// From samples to ranges: readers, calibrators, collecting, and the files that keep the result.
#pragma once

#include <octet/calibrate/calibrators.hpp>
#include <octet/calibrate/collect.hpp>
#include <octet/calibrate/ranges_file.hpp>
#include <octet/calibrate/readers/folder.hpp>
#include <octet/calibrate/readers/recurrent.hpp>
