// The inferred type of one value of a model under construction, as text.
#pragma once

#include <string>

#include <octet/infer/infer.hpp>
#include <support/builder.hpp>

namespace support {

inline std::string inferred(builder& g, octet::value_id v) {
  octet::infer(g.m);
  auto const& t = g.m.main[v].type;
  return t ? octet::text(*t) : "?";
}

}  // namespace support
