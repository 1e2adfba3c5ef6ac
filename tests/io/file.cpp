// Opening files, and what is said when that fails.
#include <octet/io/file.hpp>

#include <fstream>

#include "models.hpp"

using namespace octet;
using namespace octet::detail;

TEST_CASE("a file is mapped, and stays readable after it is gone") {
  scratch_folder const folder;
  write_file(folder / "a", "hello");
  auto const s = open_source(folder / "a");
  std::filesystem::remove(folder / "a");
  CHECK(as_text(s.bytes) == "hello");
}

namespace {
/// Pages of memory that this program has in use, the second number of Linux's statm.
long resident_pages() {
  std::ifstream f{"/proc/self/statm"};
  long size = 0, resident = 0;
  f >> size >> resident;
  return resident;
}
}  // namespace

TEST_CASE("pages of a mapping can be forgotten and are read again; other bytes stay") {
  scratch_folder const folder;
  std::string const text(std::size_t{64} << 20, 'q');
  write_file(folder / "a", text);
  auto const s = open_source(folder / "a");
  REQUIRE(as_text(s.bytes) == text);
  auto const pages = static_cast<long>(text.size()) / ::sysconf(_SC_PAGESIZE), before = resident_pages();
  forget_pages(s.bytes, s.owner);
  CHECK(resident_pages() < before - pages / 2);
  CHECK(as_text(s.bytes) == text);
  auto const own = owned(text);
  forget_pages(own.bytes, own.owner);
  CHECK(as_text(own.bytes) == text);
}

TEST_CASE("empty files and pipes are read") {
  scratch_folder const folder;
  write_file(folder / "empty", "");
  CHECK(open_source(folder / "empty").bytes.empty());
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::string const text(1000, 'p');
  REQUIRE(::write(ends[1], text.data(), text.size()) == 1000);
  ::close(ends[1]);
  CHECK(as_text(open_source("/dev/fd/" + std::to_string(ends[0])).bytes) == text);
  ::close(ends[0]);
}

TEST_CASE("a file that cannot be opened is an error of kind io that says why") {
  scratch_folder const folder;
  auto const e = models::refused(error_kind::io, "No such file", [&] { open_source(folder / "none"); });
  CHECK(e.where == folder / "none");
  models::refused(error_kind::io, "Is a directory", [&] { open_source(folder.path()); });
  if (::geteuid() != 0) {
    write_file(folder / "secret", "x");
    std::filesystem::permissions(folder / "secret", std::filesystem::perms::none);
    CHECK_FALSE(
        models::refused(error_kind::io, "Permission denied", [&] { open_source(folder / "secret"); }).hint.empty());
  }
}

TEST_CASE("folders of paths") {
  CHECK(folder_of("a/b.onnx") == "a/");
  CHECK(folder_of("/b.onnx") == "/");
  CHECK(folder_of("b.onnx").empty());
}
