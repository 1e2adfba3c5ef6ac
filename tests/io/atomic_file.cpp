// A target is replaced whole or not at all, and nothing stays behind.
#include <octet/io/atomic_file.hpp>

#include <sys/resource.h>

#include "models.hpp"

using namespace octet;
using namespace octet::detail;

namespace {

std::size_t count(scratch_folder const& f) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator{f.path()}, std::filesystem::directory_iterator{}));
}

std::string only_other(scratch_folder const& f, std::string const& known) {
  for (auto const& e : std::filesystem::directory_iterator{f.path()})
    if (e.path().filename() != known) return e.path().filename();
  return "";
}

}  // namespace

TEST_CASE("the target changes when everything is written") {
  scratch_folder const folder;
  auto const path = folder / "a";
  write_file(path, "old");
  {
    atomic_file f{path, path};
    f(as_view("new"));
    CHECK(read_file(path) == "old");
    auto const name = only_other(folder, "a");
    CHECK(name.starts_with(".octet-"));
    CHECK(name.ends_with(".tmp"));
    f.commit();
  }
  CHECK(read_file(path) == "new");
  CHECK(count(folder) == 1);
}

TEST_CASE("what is not committed vanishes") {
  scratch_folder const folder;
  {
    atomic_file f{folder / "a", folder / "a"};
    f(as_view("half"));
    atomic_file const moved{std::move(f)};
    CHECK(count(folder) == 1);
  }
  CHECK(count(folder) == 0);
}

TEST_CASE("the permissions of what is replaced stay, a new file has the usual ones") {
  scratch_folder const folder;
  auto const path = folder / "a";
  auto const write = [&] {
    atomic_file f{path, path};
    f.commit();
    return std::filesystem::status(path).permissions();
  };
  auto const usual = ::umask(022);
  CHECK(write() == static_cast<std::filesystem::perms>(0644));
  std::filesystem::permissions(path, static_cast<std::filesystem::perms>(0640));
  CHECK(write() == static_cast<std::filesystem::perms>(0640));
  ::umask(usual);
}

TEST_CASE("stale temporary files of the same target are removed, those in use and of others are not") {
  scratch_folder const folder;
  auto const path = folder / "a", other = folder / "b";
  auto const stale = folder / (temporary_prefix(path) + "abcdef.tmp"),
             foreign = folder / (temporary_prefix(other) + "abcdef.tmp");
  auto const unrelated = folder / (temporary_prefix(path) + "abcdef.tmp.txt");
  for (auto const& p : {stale, foreign, unrelated}) write_file(p, "x");
  atomic_file living{path, path};
  remove_stale(path);
  CHECK_FALSE(std::filesystem::exists(stale));
  CHECK(std::filesystem::exists(foreign));
  CHECK(std::filesystem::exists(unrelated));
  CHECK(count(folder) == 3);
  living.commit();
  CHECK(std::filesystem::exists(path));
}

TEST_CASE("gaps are zero") {
  scratch_folder const folder;
  atomic_file f{folder / "a", folder / "a"};
  f.seek(3);
  f(as_view("x"));
  f.commit();
  CHECK(read_file(folder / "a") == std::string{"\0\0\0x", 4});
}

TEST_CASE("a size limit is an error and not a signal") {
  scratch_folder const folder;
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit const low{100000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &low);
  auto const e = models::refused(error_kind::io, "File too large", [&] {
    no_size_signal const quiet;
    atomic_file f{folder / "a", folder / "a"};
    f(as_view(std::string(200000, 'x')));
  });
  ::setrlimit(RLIMIT_FSIZE, &before);
  CHECK(e.where == folder / "a");
  CHECK_FALSE(e.hint.empty());
  CHECK(count(folder) == 0);
  sigset_t pending;
  ::sigpending(&pending);
  CHECK(::sigismember(&pending, SIGXFSZ) == 0);
}

TEST_CASE("a folder that is not there, a full disk") {
  scratch_folder const folder;
  models::refused(error_kind::io, "No such file", [&] { atomic_file{folder / "none/a", folder / "none/a"}; });
  descriptor const full{::open("/dev/full", O_WRONLY)};
  if (full.get() < 0) {
    MESSAGE("SKIPPED: no /dev/full");
    return;
  }
  CHECK_FALSE(models::refused(error_kind::io, "No space left", [&] {
                write_all(full.get(), as_view("x"), "disk");
              }).hint.empty());
}
