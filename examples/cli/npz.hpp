// Writing .npz files.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <octet/core/tensor.hpp>

namespace cli {

/// The bytes of a .npz file. Throws `unsupported` for types that numpy has not.
std::string npz_of(std::vector<std::pair<std::string, octet::tensor>> const& tensors);

}  // namespace cli
