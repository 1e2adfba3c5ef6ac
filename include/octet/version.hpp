// The version of octet; meson.build holds the same number, and a test compares them.
#pragma once

#include <string_view>

namespace octet {

inline constexpr int version_major = 0, version_minor = 1, version_patch = 0;
inline constexpr std::string_view version_text = "0.1.0";

}  // namespace octet
