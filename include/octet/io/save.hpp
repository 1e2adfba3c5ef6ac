// Writing a model: the outline goes through protobuf, the weights straight to the file. A target is replaced as a whole or not
// at all.
#pragma once

#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <octet/io/atomic_file.hpp>
#include <octet/io/external_layout.hpp>
#include <octet/io/load.hpp>
#include <octet/io/write_model.hpp>

namespace octet {

/// Hands the bytes of a model to `sink(std::span<std::byte const>)`, piece by piece. Tensors in other files stay there, unless
/// they were changed.
template <class Sink>
void write(model const& m, Sink&& sink) {
  wire::ModelProto w;
  detail::write_model(m, w, {});
  detail::stream(w, detail::part::model, sink);
}

/// The bytes of a model, as `write` makes them.
inline std::string serialize(model const& m) {
  std::string s;
  write(m, [&](std::span<std::byte const> b) { s.append(detail::as_text(b)); });
  return s;
}

namespace detail {

/// Where a save ends up: behind links, so that a link stays one. A device or a pipe is written to as it is.
struct target {
  std::string path{};
  bool regular = true;

  explicit target(std::string const& given) : path{given} {
    struct stat s {};
    if (::stat(given.c_str(), &s) != 0) return;
    if (S_ISDIR(s.st_mode)) io_failure("write", given, EISDIR);
    regular = S_ISREG(s.st_mode);
    if (auto real = real_path(given); regular && !real.empty()) path = std::move(real);
  }
};

/// Replaces the file `path` by what `emit` hands to its argument, a callable that takes bytes.
template <class Emit>
void replace_file(std::string const& path, Emit&& emit) {
  no_size_signal const quiet;
  target const to{path};
  if (!to.regular) {
    descriptor const file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    if (file.get() < 0) io_failure("open", path, errno);
    auto out = [&](bytes_view b) { write_all(file.get(), b, path); };
    return emit(out);
  }
  remove_stale(to.path);
  atomic_file file{to.path, to.path};
  emit(file);
  file.commit();
}

template <class Message>
void save_outline(Message const& m, part kind, std::string const& path) {
  replace_file(path, [&](auto& out) { stream(m, kind, out); });
}

inline void save_bytes(bytes_view b, std::string const& path) {
  replace_file(path, [&](auto& out) { out(b); });
}

}  // namespace detail

namespace detail {

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
        throw error{error_kind::invalid, "the data file '" + f.location + "' belongs to the model that is being saved", f.location, "choose another name"};
      auto const path = folder_of(target_) + f.location;
      if (path == target_) throw error{error_kind::invalid, "the data file has the name of the model", path, "choose another name"};
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
      if (l.starts_with(prefix) && l.ends_with(".data") && l.find('/') == l.npos && used.count(l) == 0 && !layout_.is_of_source(l))
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
  wire::ModelProto w;
  write_model(m, w, layout.outside());
  if (options.external == external_data::automatic && streamed_size(w, part::model) > options.limit) layout.move_out(m);
  if (!layout.files().empty()) {
    data.write();
    w.Clear();
    write_model(m, w, layout.outside());
  }
  save_outline(w, part::model, target);
  data.finish(old_locations);
}

}  // namespace detail

/// Writes a model to `path`: the old file or the new one is there at any time, and the model may be mapped from the same file.
/// Data files are written first, under names that no other model uses. Throws `io` and leaves nothing behind.
inline void save(model const& m, std::string const& path, save_options const& options = {}) {
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
