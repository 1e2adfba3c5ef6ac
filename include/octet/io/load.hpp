// Reading a model: a file is mapped, its outline parsed, its weights borrowed.
#pragma once

#include <climits>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <utility>

#include <octet/graph/walk.hpp>
#include <octet/io/read_model.hpp>

namespace octet {

struct load_options {
  bool sort = false;     ///< put nodes into topological order when the file does not have them so
  std::string folder{};  ///< of `parse`: where external data lies, with '/' at its end; empty: the model may not have any
};

namespace detail {

/// Parses the outline of the message in `bytes`.
template <class Message>
void parse_outline(bytes_view bytes, part kind, Message& m) {
  auto const outline = collapse(bytes, kind);
  if (outline.size() > INT_MAX) throw error{error_kind::unsupported, "the model has more than 2 GiB besides its weights"};
  if (!m.ParseFromArray(outline.data(), static_cast<int>(outline.size()))) broken("protobuf does not accept it");
}

/// Calls `f`; what it throws tells the file, and memory that runs out is an octet::error as well.
template <class F>
decltype(auto) in_file(std::string const& path, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (error const& e) {
    if (path.empty() || e.where == path || e.kind == error_kind::io) throw;
    auto const place = e.where.empty() || std::string_view{e.what()}.find(e.where) != std::string_view::npos ? "" : e.where + ": ";
    throw error{e.kind, place + e.what(), path, e.hint};
  } catch (std::bad_alloc const&) {
    throw error{error_kind::runtime, "not enough memory", path, "more memory, or address space (ulimit -v), is needed"};
  }
}

inline model read(source const& s, external_files external, std::string const& name, bool sort) {
  return in_file(name, [&] {
    wire::ModelProto m;
    parse_outline(s.bytes, part::model, m);
    auto result = read_model(m, read_context{s.bytes, s.owner, &external});
    result.path = name;
    if (sort) {
      auto const put_in_order = [](graph& g) { g.sort(); };
      for_each_graph(result.main, put_in_order);
      for (auto& f : result.functions) for_each_graph(f.body, put_in_order);
    }
    return result;
  });
}

}  // namespace detail

/// The model in the file `path`, "-" for the standard input. Its weights stay in the mapped file, which must not be
/// overwritten in place while the model is used (octet::save never does). Throws `io` and `invalid`.
inline model load(std::string const& path, load_options const& options = {}) {
  auto const s = detail::in_file(path, [&] { return detail::open_source(path); });
  if (path == "-") return detail::read(s, {!options.folder.empty(), options.folder}, "-", options.sort);
  return detail::read(s, {true, detail::folder_of(path)}, path, options.sort);
}

/// The model in `bytes`, which errors call `name`. With an `owner` that keeps them alive the weights are borrowed,
/// otherwise copied.
inline model parse(std::span<std::byte const> bytes, std::string name = "", std::shared_ptr<void const> owner = nullptr,
                   load_options const& options = {}) {
  auto const s = owner ? detail::source{bytes, std::move(owner)} : detail::owned(std::string{detail::as_text(bytes)});
  return detail::read(s, {!options.folder.empty(), options.folder}, name, options.sort);
}

}  // namespace octet
