// Types and shapes of every value of a model, with symbols for sizes that only the inputs tell. Never fails on a valid
// model: what an operator does not reveal stays unknown.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <octet/core/compiled.hpp>
#include <octet/infer/facts.hpp>

namespace octet {

/// All that inference found: per graph the facts of its values, and the equalities that it had to assume.
struct model_facts {
  std::map<graph const*, std::vector<tensor_facts>> graphs{};
  std::vector<std::string> assumptions{};

  tensor_facts const& operator()(graph const& g, value_id v) const {
    static tensor_facts const nothing{};
    auto const it = graphs.find(&g);
    return it == graphs.end() || index(v) >= it->second.size() ? nothing : it->second[index(v)];
  }
};

/// What is known of every value of `m`, whose graphs must be in topological order. Changes nothing.
OCTET_API model_facts facts_of(model const& m, infer_options const& options = {});

/// Sorts the graphs of `m` and fills the type of every value that can be known. Throws `invalid` only for a cycle.
OCTET_API model_facts infer(model& m, infer_options const& options = {});

}  // namespace octet

#if OCTET_HEADER_ONLY
#include <octet/infer/propagate.hpp>
#endif
