// What goes into a model and comes out of it: tensors by name.
#pragma once

#include <functional>
#include <map>
#include <string>

#include <octet/core/tensor.hpp>

namespace octet {

/// Tensors by name: the inputs of one run, or its outputs.
using feed = std::map<std::string, tensor, std::less<>>;

}  // namespace octet
