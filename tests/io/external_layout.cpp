// Which data go where: places are decided before anything is written.
#include <octet/io/external_layout.hpp>

#include "models.hpp"

using namespace octet;
using detail::external_layout;

namespace {

model with(std::vector<std::size_t> const& sizes) {
  auto source = models::small();
  source.mutable_graph()->clear_initializer(), source.mutable_graph()->clear_node(),
      source.mutable_graph()->clear_output();
  for (std::size_t i = 0; i < sizes.size(); ++i)
    models::floats(source.mutable_graph()->add_initializer(), "w" + std::to_string(i), sizes[i]);
  return models::parse(source);
}

std::vector<std::uint64_t> offsets(detail::data_file const& f) {
  std::vector<std::uint64_t> all;
  for (auto const& t : f.tensors) all.push_back(t.offset);
  return all;
}

}  // namespace

TEST_CASE("tensors begin at multiples of 64, from one MiB on at pages") {
  auto const m = with({300, 301, 1 << 18, 300});
  save_options const o{.external = external_data::one_file};
  external_layout layout{m, o, "folder/m.onnx"};
  REQUIRE(layout.files().size() == 1);
  CHECK(layout.files()[0].location == "m.onnx.data");
  CHECK(offsets(layout.files()[0]) == std::vector<std::uint64_t>{0, 1216, 4096, 4096 + (1 << 20)});
}

TEST_CASE("what the model says follows the names of the files") {
  auto const m = with({300, 1});
  save_options const o{.external = external_data::one_file};
  external_layout layout{m, o, "m.onnx"};
  layout.files()[0].location = "renamed";
  auto const places = layout.outside();
  auto const& w0 = *m.main[m.main.find("w0")].initializer;
  auto const& w1 = *m.main[m.main.find("w1")].initializer;
  CHECK(places.at(&w0) == std::vector<property>{{"location", "renamed"}, {"offset", "0"}, {"length", "1200"}});
  CHECK(places.count(&w1) == 0);  // never was outside: write_tensor puts it into the model
}

TEST_CASE("automatic: nothing goes outside that was inside, until it must") {
  auto const m = with({300, 400});
  save_options const o{};
  external_layout layout{m, o, "m.onnx"};
  CHECK(layout.files().empty());
  layout.move_out(m);
  REQUIRE(layout.files().size() == 1);
  CHECK(layout.files()[0].tensors.size() == 2);
  CHECK(layout.outside().size() == 2);
}

TEST_CASE("the files that a model names are found in its bytes, also in a damaged one's") {
  auto source = models::small();
  models::location(*source.mutable_graph()->mutable_initializer(0), "one", "", "");
  auto& a = *source.mutable_graph()->mutable_node(0)->add_attribute();
  models::location(*a.mutable_t(), "two", "", "");
  scratch_folder const folder;
  write_file(folder / "m.onnx", source.SerializeAsString());
  CHECK(detail::locations_in(folder / "m.onnx") == std::set<std::string>{"one", "two"});
  write_file(folder / "m.onnx", "\xff\xff");
  CHECK(detail::locations_in(folder / "m.onnx").empty());
  CHECK(detail::locations_in(folder / "none").empty());
}
