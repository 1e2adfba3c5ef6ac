// Sparse initializers, which a model carries unread, as dense tensors where one has to be computed with.
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <octet/graph/walk.hpp>
#include <octet/io/tensor_file.hpp>
#include <octet/io/wire.hpp>

namespace octet {
namespace detail {

/// The fields of a SparseTensorProto.
struct sparse_tensor {
  tensor values{}, indices{};
  std::string name{};
  std::vector<std::int64_t> dims{};

  explicit sparse_tensor(bytes_view bytes) {
    for (wire_reader r{bytes}; !r.done();) {
      auto const f = r.next();
      if (f.number == 1 && f.type == 2) values = parse_tensor(f.body, &name);
      else if (f.number == 2 && f.type == 2) indices = parse_tensor(f.body);
      else if (f.number == 3) add_dims(f);
    }
  }

 private:
  void add_dims(wire_field const& f) {
    for (wire_reader r{f.body}; !r.done();) dims.push_back(static_cast<std::int64_t>(r.varint()));
  }
};

/// The dense tensor; nothing for element types without whole bytes and for more than 2 GiB.
/// Throws `invalid` where indices and values do not fit.
inline std::optional<tensor> dense(sparse_tensor const& s) {
  auto const wrong = [&](std::string what) {
    throw error{error_kind::invalid, "sparse tensor '" + s.name + "': " + std::move(what), s.name};
  };
  auto const width = static_cast<std::size_t>(bits(s.values.type())) / 8;
  if (width == 0 || s.indices.type() != element::s64) return std::nullopt;
  shape const dims{std::span<std::int64_t const>{s.dims}};
  if (byte_size(s.values.type(), dims.size()) > std::size_t{1} << 31) return std::nullopt;
  bool const linear = s.indices.rank() == 1;
  auto const count = s.values.size();
  if (s.indices.size() != count * (linear ? 1 : std::int64_t(dims.rank())))
    wrong("there are " + std::to_string(count) + " values and indices of shape " + s.indices.dims().text());
  tensor t{s.values.type(), dims};
  auto* const to = t.mutable_bytes().data();
  std::memset(to, 0, t.bytes().size());
  auto const aligned = s.indices.align();
  auto const at = aligned.as<std::int64_t>();
  for (std::size_t i = 0, k = 0; i < std::size_t(count); ++i) {
    std::int64_t offset = 0;
    if (linear) offset = at[k++];
    else
      for (auto const d : dims) {
        if (at[k] < 0 || at[k] >= d) wrong("an index lies outside of the shape " + dims.text());
        offset = offset * d + at[k++];
      }
    if (offset < 0 || offset >= t.size()) wrong("an index lies outside of the shape " + dims.text());
    std::memcpy(to + std::size_t(offset) * width, s.values.bytes().data() + i * width, width);
  }
  return t;
}

/// The value of `v`, which a graph holds as a sparse initializer; nothing where octet cannot read it.
inline std::optional<tensor> dense_initializer(graph const& g, value_id v) {
  for (auto const& o : g.sparse)
    if (sparse_tensor const s{as_view(o.bytes)}; s.name == g[v].name) return dense(s);
  return std::nullopt;
}

inline std::size_t make_dense(graph& g) {
  std::size_t made = 0;
  std::erase_if(g.sparse, [&](opaque const& o) {
    sparse_tensor const s{as_view(o.bytes)};
    auto const v = g.find(s.name);
    if (v == value_id::none || !g[v].sparse) return false;
    auto t = dense(s);
    if (!t) return false;
    g[v].sparse = false;
    if (!g.is_input(v)) g[v].type = tensor_type(t->type(), t->dims());
    g[v].initializer = stored_tensor{.data = std::move(*t)};
    g.initializers.push_back(v);
    ++made;
    return true;
  });
  return made;
}

}  // namespace detail

/// Sparse initializers of `m` become dense ones, subgraphs included; those that octet cannot read stay. Returns how
/// many. Throws `invalid` for damaged ones.
inline std::size_t make_dense(model& m) {
  std::size_t made = 0;
  for_each_graph(m.main, [&](graph& g) { made += detail::make_dense(g); });
  return made;
}

}  // namespace octet
