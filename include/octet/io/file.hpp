// Files as a model needs them: mapped read-only, so that weights are read when somebody looks at them, with errors that
// say what the system said.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include <octet/core/error.hpp>
#include <octet/io/wire.hpp>

#undef MAP_TYPE  // of <sys/mman.h>: libonnx's parser has an enumerator of that name

namespace octet::detail {

/// Throws kind `io`: "cannot open: No such file or directory", where the file is.
[[noreturn]] inline void io_failure(std::string const& verb, std::string const& path, int code, std::string hint = {}) {
  if (hint.empty() && code == ENOSPC) hint = "free some space, or write to another disk";
  if (hint.empty() && code == EFBIG) hint = "the file size is limited here (ulimit -f)";
  if (hint.empty() && (code == EACCES || code == EPERM || code == EROFS))
    hint = "check the permissions of the file and its folder";
  throw error{error_kind::io, "cannot " + verb + " '" + path + "': " + std::strerror(code), path, std::move(hint)};
}

/// A file descriptor that closes itself.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int fd) : fd_{fd} {}
  descriptor(descriptor&& o) noexcept : fd_{std::exchange(o.fd_, -1)} {}
  descriptor& operator=(descriptor&& o) noexcept {
    std::swap(fd_, o.fd_);
    return *this;
  }
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

inline descriptor open_to_read(std::string const& path) {
  for (;;) {
    if (int const fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC); fd >= 0) return descriptor{fd};
    if (errno != EINTR) io_failure("open", path, errno);
  }
}

/// All that comes out of a descriptor.
inline std::string read_all(int fd, std::string const& path) {
  std::string all, block(1u << 16, '\0');
  for (;;) {
    auto const n = ::read(fd, block.data(), block.size());
    if (n == 0) return all;
    if (n > 0) all.append(block, 0, static_cast<std::size_t>(n));
    else if (errno != EINTR) io_failure("read", path, errno);
  }
}

/// Bytes and who keeps them alive.
struct source {
  bytes_view bytes{};
  std::shared_ptr<void const> owner{};
};

inline source owned(std::string text) {
  auto const s = std::make_shared<std::string const>(std::move(text));
  return {as_view(*s), s};
}

/// Ends a mapping; a source whose owner has this is one.
struct unmap {
  std::size_t size = 0;
  void operator()(void* p) const { ::munmap(p, size); }
};

/// Says that mapped bytes are not needed for now, so that they do not count as memory in use; they are read again when
/// somebody looks at them. Other bytes are left alone.
inline void forget_pages(bytes_view bytes, std::shared_ptr<void const> const& owner) {
  if (std::get_deleter<unmap>(owner) == nullptr) return;
  auto const page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  auto const from = (reinterpret_cast<std::uintptr_t>(bytes.data()) + page - 1) / page * page,
             to = reinterpret_cast<std::uintptr_t>(bytes.data() + bytes.size()) / page * page;
  if (from < to) ::madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
}

/// The bytes of a file: mapped, or read where that is impossible (pipes). "-" is the standard input.
inline source open_source(std::string const& path) {
  if (path == "-") return owned(read_all(0, "standard input"));
  auto const file = open_to_read(path);
  struct stat s{};
  if (::fstat(file.get(), &s) != 0) io_failure("inspect", path, errno);
  if (S_ISDIR(s.st_mode)) io_failure("read", path, EISDIR);
  if (!S_ISREG(s.st_mode) || s.st_size == 0) return owned(read_all(file.get(), path));
  auto const size = static_cast<std::size_t>(s.st_size);
  void* const p = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (p == MAP_FAILED)
    io_failure("map", path, errno, errno == ENOMEM ? "more memory, or address space (ulimit -v), is needed" : "");
  return {{static_cast<std::byte const*>(p), size}, std::shared_ptr<void>{p, unmap{size}}};
}

/// Calls `f`; what it throws tells the file, and memory that runs out is an octet::error as well.
template <class F>
decltype(auto) in_file(std::string const& path, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (error const& e) {
    if (path.empty() || e.where == path || e.kind == error_kind::io) throw;
    auto const place =
        e.where.empty() || std::string_view{e.what()}.find(e.where) != std::string_view::npos ? "" : e.where + ": ";
    throw error{e.kind, place + e.what(), path, e.hint};
  } catch (std::bad_alloc const&) {
    throw error{error_kind::runtime, "not enough memory", path, "more memory, or address space (ulimit -v), is needed"};
  }
}

/// The folder part of a path: "" for none.
inline std::string folder_of(std::string const& path) {
  auto const slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

}  // namespace octet::detail
