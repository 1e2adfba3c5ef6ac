// Models made in memory.
#include <octet/io/write_model.hpp>

#include <octet/graph.hpp>

#include "models.hpp"

using namespace octet;

TEST_CASE("a model from nothing") {
  model m;
  m.ir_version = 8, m.producer_name = "octet";
  m.import_opset("", 13);
  auto const x = m.main.add_input("x", tensor_type(element::f32, {2}));
  m.main.add_node("Relu", {x}, {"y"});
  m.main.outputs.push_back(m.main.find("y"));
  m.main[m.main.find("y")].type = tensor_type(element::f32, {2});
  check(m);
  auto const bytes = serialize(m);
  auto const again = octet::parse(models::view(bytes));
  CHECK(text(again) == text(m));
  CHECK(serialize(again) == bytes);
}

TEST_CASE("a sink gets the same bytes piece by piece, a large payload in one") {
  auto const m = models::parse(models::small());
  std::string all;
  write(m, [&](std::span<std::byte const> b) { all.append(detail::as_text(b)); });
  CHECK(all == serialize(m));
  auto big = models::small();
  models::floats(big.mutable_graph()->mutable_initializer(0), "w", 100000);
  big.mutable_graph()->mutable_initializer(0)->clear_dims(),
      big.mutable_graph()->mutable_initializer(0)->add_dims(100000);
  auto const loaded = models::parse(big);
  std::byte const* whole = nullptr;
  write(loaded, [&](std::span<std::byte const> b) {
    if (b.size() == 400000) whole = b.data();
  });
  CHECK(whole == loaded.main[loaded.main.find("w")].initializer->data.bytes().data());
  wire::ModelProto w;
  detail::write_model(loaded, w, {});
  CHECK(detail::streamed_size(detail::outline_of(w), detail::part::model) == serialize(loaded).size());
}

TEST_CASE("functions and training information return") {
  auto m = models::small();
  m.add_training_info("\x0a\x00");
  auto& f = *m.add_functions();
  f.set_name("f"), f.set_domain(""), f.add_input("a"), f.add_output("a");
  CHECK(models::same(m));
}
