// Part of octet-compiled.
#include <octet/exec/ops/group_contrib.hpp>
