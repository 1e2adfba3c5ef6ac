// Part of octet-compiled.
#include <octet/infer/propagate.hpp>
