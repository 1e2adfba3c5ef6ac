// Tensors in other files: found beside the model, and nowhere else.
#include <octet/io/external_data.hpp>

#include "models.hpp"

using namespace octet;

namespace {

/// A model whose initializer w, 600 floats, is said to be in `file`.
wire::ModelProto outside(std::string const& file, std::string const& offset = "", std::string const& length = "") {
  auto m = models::small();
  models::location(*m.mutable_graph()->mutable_initializer(0), file, offset, length);
  return m;
}

struct written {
  scratch_folder folder{};
  std::string path = folder / "m.onnx";

  explicit written(wire::ModelProto const& m, std::size_t data_bytes = 2400) {
    write_file(path, m.SerializeAsString());
    std::string bytes(data_bytes, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i % 251);
    write_file(folder / "data.bin", bytes);
  }
  octet::error refused(std::string_view why, error_kind kind = error_kind::invalid) const {
    auto const e = models::refused(kind, why, [&] { load(path); });
    if (kind == error_kind::invalid) CHECK(e.where == path);
    return e;
  }
};

}  // namespace

TEST_CASE("offset and length, stated or not") {
  for (auto const& [offset, length, size] : std::vector<std::tuple<std::string, std::string, std::size_t>>{
           {"", "", 2400}, {"0", "2400", 2400}, {"100", "", 5000}, {"100", "2400", 2500}, {"2600", "2400", 5000}}) {
    written const w{outside("data.bin", offset, length), size};
    auto const m = load(w.path);
    auto const& t = *m.main[m.main.find("w")].initializer;
    CHECK(t.storage == storage::external);
    CHECK(t.external.size() == 1 + !offset.empty() + !length.empty());
    auto const at = offset.empty() ? 0u : static_cast<unsigned>(std::stoul(offset));
    CHECK(std::to_integer<unsigned>(t.data.bytes()[0]) == at % 251);
    CHECK(t.data.bytes().size() == 2400);
    CHECK(serialize(m) == read_file(w.path));
  }
}

TEST_CASE("data are mapped, once for all tensors") {
  auto m = outside("data.bin", "0");
  auto& second = *m.mutable_graph()->add_initializer();
  second = m.graph().initializer(0), second.set_name("v");
  auto& a = *m.mutable_graph()->mutable_node(0)->add_attribute();
  a.set_name("t"), a.set_type(4), *a.mutable_t() = second;
  written const w{m};
  auto const loaded = load(w.path);
  auto const& g = loaded.main;
  auto const* const p = g[g.find("w")].initializer->data.bytes().data();
  CHECK(g[g.find("v")].initializer->data.bytes().data() == p);
  CHECK(g[g.order[0]].get<stored_tensor>("t")->data.bytes().data() == p);
}

TEST_CASE("numbers that do not fit the file or the tensor") {
  written{outside("data.bin", "0", "2400"), 2399}.refused("outside of the file 'data.bin'");
  written{outside("data.bin"), 2399}.refused("outside of the file");
  written{outside("data.bin", "1"), 2400}.refused("outside of the file");
  written{outside("data.bin", "9999"), 2400}.refused("outside of the file");
  written{outside("data.bin", "18446744073709551615"), 2400}.refused("outside of the file");
  written{outside("data.bin", "18446744073709551000", "2400"), 2400}.refused("outside of the file");
  written{outside("data.bin", "99999999999999999999"), 2400}.refused("not a number");
  written{outside("data.bin", "-1"), 2400}.refused("not a number");
  written{outside("data.bin", "0", "x"), 2400}.refused("not a number");
  written{outside("data.bin", "0", "2396"), 2400}.refused("needs 2400");
  auto huge = outside("data.bin");
  huge.mutable_graph()->mutable_initializer(0)->set_dims(0, 1ll << 62);
  written{huge}.refused("too large");
}

TEST_CASE("places outside of the model's folder") {
  for (auto const* bad :
       {"/etc/hostname", "../data.bin", "sub/../../data.bin", "..", "a\\..\\b", "C:\\data", "", "\\data"}) {
    CAPTURE(bad);
    auto const e = written{outside(bad)}.refused("external data location");
    CHECK_FALSE(e.hint.empty());
  }
  written{outside(std::string{"data.bin\0x", 10})}.refused("external data location");
  written{models::small()};
}

TEST_CASE("a folder below is inside") {
  written const w{outside("sub/./..data")};
  std::filesystem::create_directory(w.folder / "sub");
  std::filesystem::rename(w.folder / "data.bin", w.folder / "sub/..data");
  CHECK_NOTHROW(load(w.path));
}

TEST_CASE("links may lead around inside, not outside") {
  written const w{outside("link")};
  std::filesystem::create_symlink("data.bin", w.folder / "link");
  CHECK_NOTHROW(load(w.path));
  scratch_folder const other;
  write_file(other / "secret", std::string(2400, 's'));
  std::filesystem::remove(w.folder / "link");
  std::filesystem::create_symlink(other / "secret", w.folder / "link");
  w.refused("leaves the model's folder");
  written const deep{outside("sub/secret")};
  std::filesystem::create_directory_symlink(other.path(), deep.folder / "sub");
  deep.refused("leaves the model's folder");
  // a folder whose name begins like the model's is another folder
  auto const twin = w.folder.path() + "-twin";
  std::filesystem::create_directory(twin);
  write_file(twin + "/secret", std::string(2400, 's'));
  std::filesystem::remove(w.folder / "link");
  std::filesystem::create_symlink(twin + "/secret", w.folder / "link");
  w.refused("leaves the model's folder");
  std::filesystem::remove_all(twin);
}

TEST_CASE("files that are missing, or not files") {
  auto const e = written{outside("none.bin")}.refused("No such file", error_kind::io);
  CHECK(e.where.ends_with("none.bin"));
  written const w{outside("folder")};
  std::filesystem::create_directory(w.folder / "folder");
  w.refused("not a regular file");
  written{outside("loop")}.refused("No such file", error_kind::io);
  written const device{outside("null")};
  std::filesystem::create_symlink("/dev/null", device.folder / "null");
  device.refused("leaves the model's folder");
}

TEST_CASE("data in two places, or in none") {
  auto m = outside("data.bin");
  m.mutable_graph()->mutable_initializer(0)->set_raw_data("1234");
  written{m}.refused("both inside and outside");
  m = models::small();
  m.mutable_graph()->mutable_initializer(0)->clear_raw_data();
  m.mutable_graph()->mutable_initializer(0)->set_data_location(1);
  written{m}.refused("no location");
}

TEST_CASE("a model from memory has no folder unless it is told one") {
  written const w{outside("data.bin")};
  auto const bytes = read_file(w.path);
  models::refused(error_kind::invalid, "without a folder", [&] { octet::parse(models::view(bytes)); });
  CHECK_NOTHROW(octet::parse(models::view(bytes), "", nullptr, {.folder = w.folder.path() + '/'}));
}
