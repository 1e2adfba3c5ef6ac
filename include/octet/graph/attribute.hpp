// Attributes of nodes, and the tensors that a file stores.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <octet/core/tensor.hpp>

namespace octet {

class graph;

/// A key and a value, as in ONNX's metadata_props and external_data.
struct property {
  std::string key{}, value{};
  friend bool operator==(property const&, property const&) = default;
};

/// How a file holds the bytes of a tensor; kept, so that an unchanged model is written as it was.
enum class storage : std::uint8_t {
  raw,       ///< raw_data, little-endian
  typed,     ///< float_data, int32_data, …
  external,  ///< a file beside the model
};

/// A tensor of an element type that octet does not know: its bytes pass through unread.
struct foreign_tensor {
  std::int32_t type = 0;
  shape dims{};
  tensor bytes{};  ///< as u8, empty when the file does not use raw bytes
};

/// A tensor of a file, with what belongs to it there.
struct stored_tensor {
  tensor data{};
  octet::storage storage = octet::storage::raw;
  std::string name{};  ///< of an attribute's tensor; an initializer has its value's name
  std::string doc{};
  std::vector<property> external{};        ///< of storage::external: location, offset, length, checksum as they were
  std::byte const* external_at = nullptr;  ///< where `data` was when `external` was true of it
  std::vector<property> metadata{};
  std::shared_ptr<foreign_tensor const> foreign{};  ///< set: `data` is empty, and this is the tensor
  std::string extra{};                              ///< fields that octet does not know, in wire form
  std::uint32_t present = 0;  ///< optional fields that the file states although they are empty (io only)
};

/// A graph with value semantics inside an attribute: copying copies the graph.
class graph_box {
 public:
  graph_box();
  explicit graph_box(graph g);
  graph_box(graph_box const& o);
  graph_box(graph_box&&) noexcept;
  graph_box& operator=(graph_box o) noexcept;
  ~graph_box();
  graph& operator*() { return *graph_; }
  graph const& operator*() const { return *graph_; }
  graph* operator->() { return graph_.get(); }
  graph const* operator->() const { return graph_.get(); }

 private:
  std::unique_ptr<graph> graph_;
};

/// A value that octet carries in wire form without reading it (type protos, sparse tensors).
struct opaque {
  std::string bytes{};
};

using attribute_value = std::variant<std::monostate, float, std::int64_t, std::string, stored_tensor, graph_box,
                                     std::vector<float>, std::vector<std::int64_t>, std::vector<std::string>,
                                     std::vector<stored_tensor>, std::vector<graph_box>, opaque>;

/// A named attribute of a node. Inside a function it may refer to an attribute of the function instead of a value.
struct attribute {
  std::string name{};
  attribute_value value{};
  std::string reference{};  ///< ref_attr_name
  std::string doc{};
  std::int32_t type = 0;  ///< AttributeProto.type as the file has it; 0: derived from `value` on save
  std::string extra{};
  std::uint32_t present = 0;
};

}  // namespace octet
