// Loading real models and damaged ones; saving a loaded model gives the same bytes.
#include <octet/io/load.hpp>

#include <fstream>

#include <octet/graph.hpp>

#include "models.hpp"

using namespace octet;

TEST_CASE("every model of the shared data is loaded, checked and written as it was") {
  auto const root = shared_data();
  if (root.empty()) {
    MESSAGE("SKIPPED: no shared data");
    return;
  }
  int count = 0;
  for (auto const& entry : std::filesystem::recursive_directory_iterator{root}) {
    if (entry.path().extension() != ".onnx") continue;
    CAPTURE(entry.path().string());
    auto const m = load(entry.path());
    CHECK_NOTHROW(check(m));
    CHECK(serialize(m) == read_file(entry.path()));
    ++count;
  }
  CHECK(count >= 29);
}

TEST_CASE("a model with everything that octet does not read is written as it was") {
  auto const path = repository() + "/tests/io/data/future.onnx";
  auto const m = load(path);
  models::refused(error_kind::invalid, "'k' before it is made",
                  [&] { check(m); });  // a function's nodes are in no order
  CHECK_NOTHROW(check(load(path, {.sort = true})));
  CHECK(serialize(m) == read_file(path));
  auto const& g = m.main;
  CHECK(m.ir_version == 14);
  CHECK(g[g.find("far")].initializer->data.as<float>()[1] == 2.f);
  CHECK(g[g.find("half")].initializer->storage == storage::typed);
  CHECK(g[g.find("type99")].initializer->foreign->type == 99);
  CHECK(g[g.order[1]].metadata == std::vector<property>{{"stage", "1"}, {"empty", ""}});
  CHECK(g[g.find("x")].metadata == std::vector<property>{{"layout", "NCHW"}});
  CHECK(g[g.find("s4")].initializer->metadata == std::vector<property>{{"kind", "packed"}});
  CHECK(g.metadata == std::vector<property>{{"g", "1"}});
  CHECK(m.functions[0].metadata == std::vector<property>{{"inlined", "no"}});
  CHECK(g[g.order[0]].overload == "v2");
  auto const copy = m;  // the graph owns all that it needs
  CHECK(serialize(copy) == serialize(m));
}

TEST_CASE("weights are borrowed from the mapped file") {
  scratch_folder const folder;
  auto big = models::small();
  auto& w = *big.mutable_graph()->mutable_initializer(0);
  models::floats(&w, "w", 1000000), w.clear_dims(), w.add_dims(1000000);
  write_file(folder / "m.onnx", big.SerializeAsString());
  auto const m = load(folder / "m.onnx");
  auto const* const p = m.main[m.main.find("w")].initializer->data.bytes().data();
  std::ifstream maps{"/proc/self/maps"};
  bool found = false;
  for (std::string line; std::getline(maps, line);) {
    if (line.find("m.onnx") == line.npos) continue;
    auto const from = std::stoull(line, nullptr, 16), to = std::stoull(line.substr(line.find('-') + 1), nullptr, 16);
    auto const at = std::bit_cast<std::uintptr_t>(p);
    found = found || (at >= from && at + 4000000 <= to);
  }
  CHECK(found);
}

TEST_CASE("a model outlives its bytes when nobody owns them") {
  model m;
  std::string expected;
  {
    auto bytes = models::small().SerializeAsString();
    expected = bytes;
    m = octet::parse(models::view(bytes));
    std::fill(bytes.begin(), bytes.end(), 'x');
  }
  CHECK(serialize(m) == expected);
}

TEST_CASE("a truncated model is an error at every length, and never a crash") {
  auto const path = repository() + "/tests/io/data/future.onnx";
  auto const whole = read_file(path);
  REQUIRE(whole.size() > 1000);
  std::size_t accepted = 0;
  for (std::size_t n = 0; n < whole.size(); ++n) {
    try {
      octet::parse(models::view(whole).first(n), "cut", nullptr, {.folder = repository() + "/tests/io/data/"});
      ++accepted;  // cut between fields behind the graph: a model that lacks something
    } catch (error const& e) {
      CHECK(e.kind == error_kind::invalid);
      CHECK(e.where == "cut");
    }
  }
  CHECK(accepted == 8);  // so many fields are behind the graph
}

TEST_CASE("a flipped byte is an error or another model") {
  auto const whole = read_file(repository() + "/tests/io/data/future.onnx");
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (int const flip : {1, 0x80, 0xff}) {
      auto bytes = whole;
      bytes[i] = static_cast<char>(bytes[i] ^ flip);
      try {
        auto const m =
            octet::parse(models::view(bytes), "flipped", nullptr, {.folder = repository() + "/tests/io/data/"});
        auto const once = serialize(m);
        CHECK(serialize(octet::parse(models::view(once), "again", nullptr,
                                     {.folder = repository() + "/tests/io/data/"})) == once);
        check(m);
      } catch (error const& e) {
        CHECK((e.kind == error_kind::invalid || e.kind == error_kind::io || e.kind == error_kind::unsupported));
      }
    }
}

TEST_CASE("files that are no models") {
  scratch_folder const folder;
  models::refused(error_kind::io, "No such file", [&] { load(folder / "none.onnx"); });
  for (std::string const& text :
       {std::string{}, std::string{"hello world"}, std::string(100, '\0'), std::string(5000, '\xff')}) {
    write_file(folder / "text.onnx", text);
    CHECK(models::refused(error_kind::invalid, "not an ONNX", [&] { load(folder / "text.onnx"); }).where ==
          folder / "text.onnx");
  }
}

TEST_CASE("deep nesting is refused before the stack ends") {
  wire::ModelProto m = models::small();
  auto* g = m.mutable_graph();
  for (int i = 0; i < 40; ++i) {
    auto& a = *models::call(*g, "If", {}, {"o" + std::to_string(i)}).add_attribute();
    a.set_name("b"), a.set_type(5);
    g = a.mutable_g();
  }
  models::refused(m, "nested deeper");
}
