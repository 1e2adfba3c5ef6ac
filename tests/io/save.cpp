// Saving: over the file the model lives in, through links, onto devices; errors leave the old file.
#include <octet/io/save.hpp>

#include <octet/io/atomic_file.hpp>

#include "models.hpp"

using namespace octet;

namespace {

std::vector<std::string> names(scratch_folder const& f) {
  std::vector<std::string> all;
  for (auto const& e : std::filesystem::directory_iterator{f.path()}) all.push_back(e.path().filename());
  std::sort(all.begin(), all.end());
  return all;
}

using list = std::vector<std::string>;

}  // namespace

TEST_CASE("what is saved is what was loaded") {
  scratch_folder const folder;
  auto const bytes = models::small().SerializeAsString();
  write_file(folder / "in.onnx", bytes);
  auto const m = load(folder / "in.onnx");
  save(m, folder / "out.onnx");
  CHECK(read_file(folder / "out.onnx") == bytes);
  CHECK(names(folder) == list{"in.onnx", "out.onnx"});
}

TEST_CASE("a model is saved over the file that it is mapped from") {
  scratch_folder const folder;
  auto const path = folder / "m.onnx";
  write_file(path, models::small().SerializeAsString());
  auto m = load(path);
  m.doc = "changed";
  save(m, path);
  auto const once = read_file(path);
  CHECK(once == serialize(m));
  save(m, path);  // its weights are still those of the file that was replaced
  CHECK(read_file(path) == once);
  CHECK(load(path).doc == "changed");
  CHECK(names(folder) == list{"m.onnx"});
}

TEST_CASE("a device has nothing beside it") {
  auto const m = models::parse(models::small());
  CHECK_NOTHROW(save(m, "/dev/null"));
  models::refused(error_kind::invalid, "external data needs a file",
                  [&] { save(m, "/dev/null", {.external = external_data::one_file}); });
}

TEST_CASE("targets that cannot be") {
  scratch_folder const folder;
  auto const m = models::parse(models::small());
  auto const e = models::refused(error_kind::io, "No such file", [&] { save(m, folder / "none/m.onnx"); });
  CHECK(e.where == folder / "none/m.onnx");
  models::refused(error_kind::io, "Is a directory", [&] { save(m, folder.path()); });
  if (::geteuid() != 0) {
    std::filesystem::permissions(folder.path(), static_cast<std::filesystem::perms>(0500));
    models::refused(error_kind::io, "Permission denied", [&] { save(m, folder / "m.onnx"); });
    std::filesystem::permissions(folder.path(), static_cast<std::filesystem::perms>(0700));
  }
}

TEST_CASE("a model that cannot be written leaves the old file") {
  scratch_folder const folder;
  auto const path = folder / "m.onnx";
  write_file(path, "old");
  auto m = models::parse(models::small());
  m.main.extra = "\x08";  // not wire form
  models::refused(error_kind::invalid, "damaged", [&] { save(m, path); });
  CHECK(read_file(path) == "old");
  CHECK(names(folder) == list{"m.onnx"});
}

TEST_CASE("a file beyond 4 GiB is written and loaded, in little memory") {
  scratch_folder const folder;
  std::int64_t const size = 4500000000;
  auto m = models::parse(models::small());
  write_file(folder / "zeros", "");
  std::filesystem::resize_file(folder / "zeros", static_cast<std::uintmax_t>(size));
  auto const zeros = detail::open_source(folder / "zeros");
  m.main[m.main.find("w")].initializer->data = tensor{element::u8, {size}, zeros.bytes, zeros.owner};
  detail::descriptor const file{::open((folder / "large.onnx").c_str(), O_WRONLY | O_CREAT, 0600)};
  write(m, [&](std::span<std::byte const> b) {  // a hole where the weights are, to spare the disk
    if (b.size() > 1u << 30) CHECK(::lseek(file.get(), static_cast<off_t>(b.size()), SEEK_CUR) > 0);
    else detail::write_all(file.get(), b, "large.onnx");
  });
  auto const back = load(folder / "large.onnx");
  auto const& w = back.main[back.main.find("w")].initializer->data;
  CHECK(w.dims() == shape{size});
  CHECK(w.bytes()[4499999999] == std::byte{0});
  CHECK(back.main.outputs.size() == 1);
}
