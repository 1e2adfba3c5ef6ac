// Writing a model with the files beside it: data first, under names that no other model uses, then the model; the
// bodies of save.hpp.
#pragma once

#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/arena.h>

#include <octet/io/external_layout.hpp>
#include <octet/io/replace_file.hpp>
#include <octet/io/save.hpp>

namespace octet::detail {

/// Whether the file holds what the layout says: then it need not be written.
inline bool holds(std::string const& path, data_file const& f) {
  try {
    auto const s = open_source(path);
    for (auto const& p : f.tensors) {
      auto const want = bytes_of(*p.tensor);
      if (p.offset > s.bytes.size() || want.size() > s.bytes.size() - p.offset) return false;
      auto const* const there = s.bytes.data() + p.offset;
      if (there != want.data() && !want.empty() && std::memcmp(there, want.data(), want.size()) != 0) return false;
    }
    return true;
  } catch (error const&) {
    return false;
  }
}

/// Data files of one save; those that are new vanish again unless the model gets in place.
class data_writer {
 public:
  data_writer(std::string const& target, external_layout& layout) : target_{target}, layout_{layout} {}
  ~data_writer() {
    for (auto const& path : made_) ::unlink(path.c_str());
  }
  data_writer(data_writer const&) = delete;
  data_writer& operator=(data_writer const&) = delete;

  void write() {
    for (auto& f : layout_.files()) {
      check_location(f.location);
      if (!f.by_name) find_name(f);
      else if (layout_.is_of_source(f.location))
        throw error{error_kind::invalid, "the data file '" + f.location + "' belongs to the model that is being saved",
                    f.location, "choose another name"};
      auto const path = folder_of(target_) + f.location;
      if (path == target_)
        throw error{error_kind::invalid, "the data file has the name of the model", path, "choose another name"};
      if (holds(path, f)) continue;
      bool const fresh = ::access(path.c_str(), F_OK) != 0;
      write_file(path, f);
      if (fresh) made_.push_back(path);
    }
  }

  /// The model is in place: data files that only its predecessor used, and that octet named, are of no use any more.
  void finish(std::set<std::string> const& old_locations) {
    made_.clear();
    std::set<std::string> used;
    for (auto const& f : layout_.files()) used.insert(f.location);
    auto const prefix = file_name_of(target_) + '.';
    for (auto const& l : old_locations)
      if (l.starts_with(prefix) && l.ends_with(".data") && l.find('/') == l.npos && used.count(l) == 0 &&
          !layout_.is_of_source(l))
        ::unlink((folder_of(target_) + l).c_str());
  }

 private:
  /// A name that is free, or whose file holds the very bytes: a file that a model may be using is never replaced.
  void find_name(data_file& f) const {
    auto const base = file_name_of(target_) + '.';
    auto const wanted = f.location;
    for (int i = 2;; ++i) {
      auto const path = folder_of(target_) + f.location;
      if (::access(path.c_str(), F_OK) != 0 || holds(path, f)) return;
      bool const ours = wanted.starts_with(base) && wanted.size() > base.size() + 4;
      f.location = (ours ? wanted.substr(0, wanted.size() - 4) : base) + std::to_string(i) + ".data";
    }
  }

  void write_file(std::string const& path, data_file const& f) const {
    atomic_file file{path, target_};
    auto sorted = f.tensors;
    std::stable_sort(sorted.begin(), sorted.end(), [](auto const& a, auto const& b) { return a.offset < b.offset; });
    for (auto const& p : sorted) {
      file.seek(p.offset);
      file(bytes_of(*p.tensor));
      forget_pages(p.tensor->data.bytes(), p.tensor->data.owner());
    }
    file.commit();
  }

  std::string target_;
  external_layout& layout_;
  std::vector<std::string> made_{};
};

inline void save_with_data(model const& m, std::string const& target, save_options const& options) {
  auto const old_locations = locations_in(target);
  external_layout layout{m, options, target};
  data_writer data{target, layout};
  google::protobuf::Arena arena;  // thousands of small messages go at once
  auto& w = *google::protobuf::Arena::CreateMessage<wire::ModelProto>(&arena);
  write_model(m, w, layout.outside());
  auto outline = outline_of(w);
  if (options.external == external_data::automatic && streamed_size(outline, part::model) > options.limit)
    layout.move_out(m);
  if (!layout.files().empty()) {
    data.write();
    w.Clear();
    write_model(m, w, layout.outside());
    outline = outline_of(w);
  }
  save_outline(outline, part::model, target);
  data.finish(old_locations);
}

}  // namespace octet::detail

#if OCTET_BODIES
namespace octet {

OCTET_API void detail::write_pieces(model const& m, void* sink, void (*put)(void*, std::span<std::byte const>)) {
  wire::ModelProto w;
  write_model(m, w, {});
  auto out = [&](bytes_view b) { put(sink, b); };
  stream(w, part::model, out);
}

OCTET_API std::string serialize(model const& m) {
  std::string s;
  write(m, [&](std::span<std::byte const> b) { s.append(detail::as_text(b)); });
  return s;
}

OCTET_API void save(model const& m, std::string const& path, save_options const& options) {
  detail::in_file(path, [&] {
    detail::no_size_signal const quiet;
    detail::target const to{path};
    if (to.regular) return detail::save_with_data(m, to.path, options);
    if (options.external != external_data::automatic && options.external != external_data::inside)
      throw error{error_kind::invalid, "external data needs a file to lie beside", path};
    wire::ModelProto w;
    detail::write_model(m, w, {});
    detail::save_outline(w, detail::part::model, path);
  });
}

}  // namespace octet
#endif
