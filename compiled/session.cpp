// Part of octet-compiled.
#include <octet/exec/loaded_model.hpp>
