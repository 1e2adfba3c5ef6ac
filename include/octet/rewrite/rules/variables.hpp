// The variables of the shipped rules' patterns, named once.
#pragma once

#include <octet/rewrite/pattern.hpp>

namespace octet::rewrite {

/// var::x is any value, var::w a tensor that never changes.
struct var {
  static constexpr any x{"x"}, y{"y"}, layer{"layer"}, bn{"bn"}, pad{"pad"}, amounts{"amounts"}, fill{"fill"},
      axes{"axes"}, one{"one"}, two{"two"}, shape{"shape"}, ratio{"ratio"}, training{"training"},
      condition{"condition"}, clip{"clip"}, clip2{"clip2"}, low{"low"}, high{"high"}, low2{"low2"}, high2{"high2"},
      centred{"centred"}, mean1{"mean1"}, mean2{"mean2"}, scale{"scale"}, root{"root"}, p{"p"}, q{"q"}, skip{"skip"},
      sum{"sum"}, node{"node"};
  static constexpr constant w{"w"}, b{"b"}, c{"c"}, gamma{"gamma"}, beta{"beta"}, mean{"mean"}, variance{"variance"},
      target{"target"}, epsilon{"epsilon"}, zero{"zero"}, bias{"bias"}, axes1{"axes1"}, axes2{"axes2"};
};

}  // namespace octet::rewrite
