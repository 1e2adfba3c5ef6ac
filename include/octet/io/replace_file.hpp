// Replacing a file by something new, whatever kind of file it is.
#pragma once

#include <string>
#include <utility>

#include <octet/io/atomic_file.hpp>
#include <octet/io/external_data.hpp>
#include <octet/io/write_model.hpp>

namespace octet::detail {

/// Where a save ends up: behind links, so that a link stays one. A device or a pipe is written to as it is.
struct target {
  std::string path{};
  bool regular = true;

  explicit target(std::string const& given) : path{given} {
    struct stat s{};
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

}  // namespace octet::detail
