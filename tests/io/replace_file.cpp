// Whatever a target is, it stays that.
#include <octet/io/replace_file.hpp>

#include <sys/stat.h>

#include <thread>

#include "models.hpp"

using namespace octet;

TEST_CASE("a regular file is replaced when all is written") {
  scratch_folder const folder;
  write_file(folder / "a", "old");
  detail::save_bytes(detail::as_view("new"), folder / "a");
  CHECK(read_file(folder / "a") == "new");
  CHECK_THROWS_AS(
      detail::replace_file(folder / "a",
                           [](auto& out) { out(detail::as_view("half")), throw error{error_kind::internal, ""}; }),
      error);
  CHECK(read_file(folder / "a") == "new");
  CHECK(std::distance(std::filesystem::directory_iterator{folder.path()}, std::filesystem::directory_iterator{}) == 1);
}

TEST_CASE("a link stays a link") {
  scratch_folder const folder;
  auto const m = models::parse(models::small());
  std::filesystem::create_directory(folder / "real");
  write_file(folder / "real/m.onnx", "old");
  std::filesystem::create_symlink("real/m.onnx", folder / "link.onnx");
  save(m, folder / "link.onnx");
  CHECK(std::filesystem::is_symlink(folder / "link.onnx"));
  CHECK(read_file(folder / "real/m.onnx") == serialize(m));
}

TEST_CASE("devices and pipes are written to as they are") {
  auto const m = models::parse(models::small());
  CHECK_NOTHROW(save(m, "/dev/null"));
  auto const e = models::refused(error_kind::io, "No space left", [&] { save(m, "/dev/full"); });
  CHECK(e.where == "/dev/full");
  scratch_folder const folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  std::string received;
  std::thread reader{[&] { received = detail::read_all(detail::open_to_read(folder / "pipe").get(), "pipe"); }};
  save(m, folder / "pipe");
  reader.join();
  CHECK(received == serialize(m));
}
