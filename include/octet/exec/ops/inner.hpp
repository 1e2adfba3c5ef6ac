// An operator of ai.onnx as a part of another one.
#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/exec/ops/group.hpp>

namespace octet::detail {

/// The attributes of a node, except those named.
inline std::vector<attribute> attributes_without(preparation const& p, std::initializer_list<std::string_view> names) {
  std::vector<attribute> all;
  for (auto const& a : p.node.attributes)
    if (std::find(names.begin(), names.end(), a.name) == names.end()) all.push_back(a);
  return all;
}

/// `op` in the form of `opset`, with `inputs` inputs and `outputs` outputs; called with tensors instead of a node's.
class inner_operator {
 public:
  inner_operator(std::string_view op, std::int64_t opset, std::size_t inputs, std::vector<attribute> attributes = {},
                 std::size_t outputs = 1)
      : outputs_{outputs} {
    node n;
    n.op = std::string{op}, n.attributes = std::move(attributes);
    for (std::size_t i = 0; i < inputs; ++i) n.inputs.push_back(static_cast<value_id>(i));
    for (std::size_t i = 0; i < outputs; ++i) n.outputs.push_back(static_cast<value_id>(inputs + i));
    std::array const groups{product_group(), element_group(), reduction_group(), data_group()};
    auto const* entry = find_operator_in(groups, op, "", opset);
    if (entry == nullptr) throw error{error_kind::internal, "operator " + n.op + " is not there"};
    run_ = entry->prepare(preparation{.node = n, .opset = opset});
  }

  std::vector<tensor> all(call const& c, std::vector<tensor> in) const {
    std::vector<tensor> out(outputs_);
    call inner{in, out, c.pool, c.memory};
    run_(inner);
    return out;
  }
  tensor operator()(call const& c, std::vector<tensor> in) const { return std::move(all(c, std::move(in))[0]); }

 private:
  operation run_{};
  std::size_t outputs_ = 1;
};

}  // namespace octet::detail

#if OCTET_HEADER_ONLY
#include <octet/exec/ops/group_data.hpp>
#include <octet/exec/ops/group_element.hpp>
#include <octet/exec/ops/group_product.hpp>
#include <octet/exec/ops/group_reduction.hpp>
#endif
