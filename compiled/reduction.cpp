// Part of octet-compiled.
#include <octet/exec/ops/group_reduction.hpp>
