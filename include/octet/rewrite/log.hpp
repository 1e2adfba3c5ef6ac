// What rewriting did and what it declined to do.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace octet::rewrite {

/// One attempt of a rule that found its pattern: applied, or declined with a reason.
struct step {
  std::string rule{}, value{}, reason{};
  bool applied = false;
};

/// What happened, in order.
struct log {
  std::vector<step> steps{};

  std::size_t applied() const {
    return static_cast<std::size_t>(std::count_if(steps.begin(), steps.end(), [](step const& s) { return s.applied; }));
  }
  std::size_t applied(std::string_view rule) const {
    return static_cast<std::size_t>(
        std::count_if(steps.begin(), steps.end(), [&](step const& s) { return s.applied && s.rule == rule; }));
  }
  void append(log other) {
    for (auto& s : other.steps) steps.push_back(std::move(s));
  }
};

}  // namespace octet::rewrite
