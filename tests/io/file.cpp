// Opening files, and what is said when that fails.
#include <octet/io/file.hpp>

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
