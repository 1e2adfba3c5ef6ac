// A file that appears whole or not at all: written under a temporary name beside its target, then renamed. A
// process that dies leaves a temporary file which the next save of the same target removes.
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include <octet/io/file.hpp>

namespace octet::detail {

/// While it lives, writing beyond the file size limit is an error (EFBIG) in this thread and not the end of the
/// process.
class no_size_signal {
 public:
  no_size_signal() {
    ::sigemptyset(&set_), ::sigaddset(&set_, SIGXFSZ);
    sigset_t pending;
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGXFSZ) == 1;
    ::pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~no_size_signal() {
    timespec const now{};
    if (!was_pending_)
      while (::sigtimedwait(&set_, nullptr, &now) == SIGXFSZ) {
      }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  no_size_signal(no_size_signal const&) = delete;
  no_size_signal& operator=(no_size_signal const&) = delete;

 private:
  sigset_t set_{}, before_{};
  bool was_pending_ = false;
};

/// Writes all of `b`; `path` is for the error.
inline void write_all(int fd, bytes_view b, std::string const& path) {
  while (!b.empty()) {
    auto const n = ::write(fd, b.data(), std::min<std::size_t>(b.size(), 1u << 30));
    if (n > 0) b = b.subspan(static_cast<std::size_t>(n));
    else if (n == 0 || errno != EINTR) io_failure("write", path, n == 0 ? EIO : errno);
  }
}

inline std::string file_name_of(std::string const& path) { return path.substr(folder_of(path).size()); }

/// What the temporary files of a target begin with: a target does not see those of others.
inline std::string temporary_prefix(std::string const& target) {
  std::uint32_t h = 2166136261u;  // FNV-1a; a long file name has no room for an addition
  for (unsigned char const c : file_name_of(target)) h = (h ^ c) * 16777619u;
  char text[32];
  std::snprintf(text, sizeof text, ".octet-%08x-", h);
  return text;
}

/// Removes the temporary files of `target` whose writers are gone: a living writer holds a lock on its own.
inline void remove_stale(std::string const& target) {
  auto const folder = folder_of(target), prefix = temporary_prefix(target);
  DIR* const d = ::opendir(folder.empty() ? "." : folder.c_str());
  if (d == nullptr) return;
  while (auto const* const e = ::readdir(d)) {
    std::string_view const name = e->d_name;
    if (name.size() != prefix.size() + 10 || !name.starts_with(prefix) || !name.ends_with(".tmp")) continue;
    auto const path = folder + e->d_name;
    descriptor const file{::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (file.get() >= 0 && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(path.c_str());
  }
  ::closedir(d);
}

/// A new file for a target; it vanishes with this object unless `commit` was called.
class atomic_file {
 public:
  /// `path` is where the file is to be; `owner_path` the model it belongs to, which decides who removes a stale one.
  atomic_file(std::string path, std::string const& owner_path) : target_{std::move(path)} {
    std::random_device random;
    for (int attempt = 0; attempt < 100; ++attempt) {
      create(temporary_prefix(owner_path), random());
      if (file_.get() >= 0) break;
    }
    if (file_.get() < 0) io_failure("create a temporary file for", target_, EEXIST);
    struct stat s{};
    if (::stat(target_.c_str(), &s) == 0) (void)!::fchmod(file_.get(), s.st_mode & 07777);
    replaces_ = ::access(owner_path.c_str(), F_OK) == 0;
  }
  atomic_file(atomic_file&& o) noexcept
      : target_{std::move(o.target_)},
        temporary_{std::exchange(o.temporary_, {})},
        file_{std::move(o.file_)},
        replaces_{o.replaces_} {}
  ~atomic_file() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }

  void operator()(bytes_view b) { write_all(file_.get(), b, target_); }

  /// Continues at `offset`; bytes that are never written are zero.
  void seek(std::uint64_t offset) {
    if (offset > std::uint64_t{LLONG_MAX} || ::lseek(file_.get(), static_cast<off_t>(offset), SEEK_SET) < 0)
      io_failure("write", target_, errno == 0 ? EINVAL : errno);
  }

  /// Puts what was written on the disk, still under the temporary name.
  void synchronize() {
    while (::fsync(file_.get()) != 0)
      if (errno == EINVAL || errno == ENOTSUP || errno == EROFS) break;  // a file system that cannot
      else if (errno != EINTR) io_failure("write", target_, errno);
  }

  /// Makes the file the target. Where an older model would be lost if the power fails, the disk is waited for first.
  void commit() {
    if (replaces_) synchronize();
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) io_failure("replace", target_, errno);
    temporary_.clear();
    if (!replaces_) return;
    auto const folder = folder_of(target_);
    descriptor const d{::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (d.get() >= 0) (void)!::fsync(d.get());
  }

 private:
  // Between its creation and its lock somebody may take the file for a stale one; then it has no name any more.
  void create(std::string const& prefix, std::uint32_t number) {
    constexpr char digits[] = "0123456789abcdefghijklmnopqrstuv";
    std::string suffix;
    for (int i = 0; i < 6; ++i) suffix += digits[number >> (5 * i) & 31];
    auto const path = folder_of(target_) + prefix + suffix + ".tmp";
    descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)};
    if (file.get() < 0 && errno != EEXIST && errno != EINTR) io_failure("write", target_, errno);
    if (file.get() < 0) return;
    struct stat s{};
    bool const locked = ::flock(file.get(), LOCK_EX | LOCK_NB) == 0 || errno == ENOLCK || errno == ENOTSUP;
    if (!locked || ::fstat(file.get(), &s) != 0 || s.st_nlink == 0) return;
    temporary_ = path, file_ = std::move(file);
  }

  std::string target_, temporary_{};
  descriptor file_{};
  bool replaces_ = false;  ///< something is there that must not be lost
};

}  // namespace octet::detail
