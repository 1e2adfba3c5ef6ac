// Models with files beside them: what is written, what stays, and that files of other models are left alone.
#include <octet/io/data_files.hpp>

#include <octet/graph.hpp>

#include "models.hpp"

using namespace octet;

namespace {

using list = std::vector<std::string>;

list names(std::string const& folder) {
  list all;
  for (auto const& e : std::filesystem::directory_iterator{folder}) all.push_back(e.path().filename());
  std::sort(all.begin(), all.end());
  return all;
}

/// Two weights of 2400 bytes, one of 4, a tensor of 2400 bytes in an attribute.
wire::ModelProto several() {
  auto m = models::small();
  auto& g = *m.mutable_graph();
  models::floats(g.add_initializer(), "v/1", 600).mutable_raw_data()->at(0) = 'v';
  models::floats(g.add_initializer(), "few", 1);
  auto& a = *g.mutable_node(0)->add_attribute();
  a.set_name("t"), a.set_type(4);
  models::floats(a.mutable_t(), "", 600);
  return m;
}

std::string external(stored_tensor const& t, std::string const& key) {
  auto const* s = detail::find_property(t.external, key);
  return s == nullptr ? "" : *s;
}

stored_tensor const& weight(model const& m, std::string const& name) { return *m.main[m.main.find(name)].initializer; }

void same_tensors(model const& a, model const& b) {
  std::vector<std::string> left, right;
  auto const into = [](list& l) {
    return [&l](stored_tensor const& t, std::string const& name) {
      l.push_back(name + std::string{detail::as_text(detail::bytes_of(t))});
    };
  };
  for_each_stored_tensor(a, into(left), into(left));
  for_each_stored_tensor(b, into(right), into(right));
  CHECK(left == right);
}

}  // namespace

TEST_CASE("one file") {
  scratch_folder const folder;
  auto const m = models::parse(several());
  save(m, folder / "m.onnx", {.external = external_data::one_file});
  CHECK(names(folder.path()) == list{"m.onnx", "m.onnx.data"});
  auto const back = load(folder / "m.onnx");
  check(back);
  same_tensors(m, back);
  CHECK(external(weight(back, "w"), "location") == "m.onnx.data");
  CHECK(external(weight(back, "w"), "offset") == "0");
  CHECK(external(weight(back, "v/1"), "offset") == "2432");  // the next multiple of 64
  CHECK(external(weight(back, "v/1"), "length") == "2400");
  CHECK(weight(back, "few").storage == storage::raw);
  CHECK(back.main[back.main.order[0]].get<stored_tensor>("t")->storage == storage::raw);
  save(m, folder / "m.onnx", {.external = external_data::one_file, .threshold = 4, .attributes = true});
  auto const all = load(folder / "m.onnx");
  same_tensors(m, all);
  CHECK(weight(all, "few").storage == storage::external);
  CHECK(all.main[all.main.order[0]].get<stored_tensor>("t")->storage == storage::external);
  save(m, folder / "named.onnx", {.external = external_data::one_file, .file_name = "weights"});
  CHECK(std::filesystem::exists(folder / "weights"));
  same_tensors(m, load(folder / "named.onnx"));
}

TEST_CASE("a file for each tensor") {
  scratch_folder const folder;
  auto source = several();
  models::floats(source.mutable_graph()->add_initializer(), "v:1", 600);
  auto const m = models::parse(source);
  save(m, folder / "m.onnx", {.external = external_data::file_per_tensor});
  CHECK(names(folder.path()) == list{"m.onnx", "m.onnx.v_1-2.data", "m.onnx.v_1.data", "m.onnx.w.data"});
  same_tensors(m, load(folder / "m.onnx"));
}

TEST_CASE("back inside") {
  scratch_folder const folder;
  auto const m = models::parse(several());
  save(m, folder / "m.onnx", {.external = external_data::one_file});
  auto const loaded = load(folder / "m.onnx");
  save(loaded, folder / "m.onnx", {.external = external_data::inside});
  CHECK(names(folder.path()) == list{"m.onnx"});
  same_tensors(m, load(folder / "m.onnx"));
}

TEST_CASE("unchanged data stay in their place, the bytes of model and data the same") {
  scratch_folder const folder, elsewhere;
  std::string const data = "some bytes before " + std::string(2400, 'd');
  auto source = models::small();
  models::location(*source.mutable_graph()->mutable_initializer(0), "weights.bin", "18", "2400");
  auto const bytes = source.SerializeAsString();
  write_file(folder / "m.onnx", bytes);
  write_file(folder / "weights.bin", data);
  auto const m = load(folder / "m.onnx");
  save(m, folder / "m.onnx");
  CHECK(read_file(folder / "m.onnx") == bytes);
  CHECK(read_file(folder / "weights.bin") == data);
  save(m, elsewhere / "m.onnx");
  CHECK(read_file(elsewhere / "m.onnx") == bytes);
  CHECK(read_file(elsewhere / "weights.bin") == std::string(18, '\0') + data.substr(18));
  same_tensors(m, load(elsewhere / "m.onnx"));
  save(m, folder / "other.onnx");  // beside its source: a file of its own
  CHECK(names(folder.path()) == list{"m.onnx", "other.onnx", "other.onnx.data", "weights.bin"});
  CHECK(read_file(folder / "weights.bin") == data);
  same_tensors(m, load(folder / "other.onnx"));
}

TEST_CASE("changed data are laid out anew, and the source stays what it was") {
  scratch_folder const folder;
  auto const original = models::parse(several());
  save(original, folder / "m.onnx", {.external = external_data::one_file});
  auto const data = read_file(folder / "m.onnx.data");
  auto m = load(folder / "m.onnx");
  m.main[m.main.find("w")].initializer->data = tensor::of<float>({600}, std::vector<float>(600, 7));
  save(m, folder / "new.onnx");
  CHECK(read_file(folder / "m.onnx.data") == data);
  same_tensors(m, load(folder / "new.onnx"));
  same_tensors(original, load(folder / "m.onnx"));
  save(m, folder / "m.onnx");  // over itself: another name, then the old data go
  CHECK(names(folder.path()) == list{"m.onnx", "m.onnx.2.data", "new.onnx", "new.onnx.data"});
  same_tensors(m, load(folder / "m.onnx"));
  save(m, folder / "m.onnx");  // the first name is free again
  CHECK(names(folder.path()) == list{"m.onnx", "m.onnx.data", "new.onnx", "new.onnx.data"});
  same_tensors(m, load(folder / "m.onnx"));
  CHECK(serialize(m).size() > 2400);  // in memory the changed tensor is inside
}

TEST_CASE("data files of other models are never replaced") {
  scratch_folder const folder;
  auto const m = models::parse(several());
  write_file(folder / "m.onnx.data", "somebody else's");
  save(m, folder / "m.onnx", {.external = external_data::one_file});
  CHECK(read_file(folder / "m.onnx.data") == "somebody else's");
  CHECK(std::filesystem::exists(folder / "m.onnx.2.data"));
  auto const loaded = load(folder / "m.onnx");
  auto const e = models::refused(error_kind::invalid, "belongs to the model", [&] {
    save(loaded, folder / "n.onnx", {.external = external_data::one_file, .file_name = "m.onnx.2.data"});
  });
  CHECK_FALSE(e.hint.empty());
  models::refused(error_kind::invalid, "leaves the model's folder",
                  [&] { save(m, folder / "n.onnx", {.external = external_data::one_file, .file_name = "../n.data"}); });
  models::refused(error_kind::invalid, "name of the model",
                  [&] { save(m, folder / "n.onnx", {.external = external_data::one_file, .file_name = "n.onnx"}); });
  CHECK_FALSE(std::filesystem::exists(folder / "n.onnx"));
}

TEST_CASE("a model that is too large for protobuf's readers moves its weights out") {
  scratch_folder const folder;
  auto const m = models::parse(several());
  save(m, folder / "m.onnx", {.limit = 100000});
  CHECK(names(folder.path()) == list{"m.onnx"});
  save(m, folder / "m.onnx", {.limit = 4000});
  CHECK(names(folder.path()) == list{"m.onnx", "m.onnx.data"});
  auto const back = load(folder / "m.onnx");
  same_tensors(m, back);
  CHECK(weight(back, "few").storage == storage::raw);
}

TEST_CASE("tensors that share their bytes share their place") {
  scratch_folder const folder;
  auto m = models::parse(several());
  m.main.add_initializer("twin", weight(m, "w").data);
  save(m, folder / "m.onnx", {.external = external_data::one_file});
  auto const back = load(folder / "m.onnx");
  CHECK(external(weight(back, "twin"), "offset") == external(weight(back, "w"), "offset"));
  same_tensors(m, back);
}

TEST_CASE("a failure leaves no data file") {
  scratch_folder const folder;
  auto m = models::parse(several());
  std::filesystem::create_directory(folder / "m.onnx");  // the model cannot be put in its place
  CHECK_THROWS_AS(save(m, folder / "m.onnx", {.external = external_data::one_file}), error);
  CHECK(names(folder.path()) == list{"m.onnx"});
}

TEST_CASE("the future model, its data in another folder") {
  scratch_folder const folder;
  auto const source = repository() + "/tests/io/data/future.onnx";
  auto const m = load(source);
  save(m, folder / "future.onnx");
  CHECK(read_file(folder / "future.onnx") == read_file(source));
  CHECK(read_file(folder / "future.bin").substr(4) == read_file(repository() + "/tests/io/data/future.bin").substr(4));
}
