#include <octet/calibrate/readers/protobuf.hpp>

#include <doctest/doctest.h>

#include "support/scratch.hpp"

namespace {
/// TensorProto {dims: [2], data_type: FLOAT, name, raw_data} by hand.
std::string proto(std::string const& name, float a, float b, int type = 1) {
  std::string s = std::string("\x08\x02\x10", 3) + char(type) + "\x42" + char(name.size()) + name + "\x4a\x08";
  float const v[] = {a, b};
  return s.append(reinterpret_cast<char const*>(v), 8);
}

octet::model two_inputs(bool initializer_first = false) {
  octet::model m;
  if (initializer_first) {
    auto const w = m.main.add_input("w", octet::tensor_type(octet::element::f32, {2}));
    m.main[w].initializer = octet::stored_tensor{.data = octet::tensor::of<float>({2}, {0, 0})};
  }
  m.main.add_input("a", octet::tensor_type(octet::element::f32, {2}));
  m.main.add_input("b", octet::tensor_type(octet::element::f32, {2}));
  return m;
}
}  // namespace

TEST_CASE("files that hold no tensor are refused") {
  scratch const folder;
  auto const inputs = octet::inputs_of(two_inputs());
  for (std::string const bad : {"", "nonsense"})
    CHECK_THROWS_AS(octet::detail::read_inputs({{0, folder.write("bad.pb", bad)}}, inputs), octet::error);
  CHECK_THROWS_AS(octet::detail::read_inputs({{0, folder / "none.pb"}}, inputs), octet::error);
}

TEST_CASE("inputs are bound by name when all names are inputs, else by position") {
  scratch const folder;
  auto const file = [&](std::size_t j, std::string const& bytes) {
    return octet::detail::input_file{j, folder.write("input_" + std::to_string(j) + ".pb", bytes)};
  };
  auto const inputs = octet::inputs_of(two_inputs());
  auto const first = [](octet::feed const& f, char const* name) { return f.at(name).align().as<float>()[0]; };

  auto f = octet::detail::read_inputs({file(0, proto("b", 1, 0)), file(1, proto("a", 2, 0))}, inputs);
  CHECK(first(f, "b") == 1);
  CHECK(first(f, "a") == 2);
  f = octet::detail::read_inputs({file(0, proto("b", 1, 0)), file(1, proto("z", 2, 0))}, inputs);
  CHECK(first(f, "a") == 1);
  CHECK(first(f, "b") == 2);
  f = octet::detail::read_inputs({file(0, proto("", 1, 0)), file(1, proto("", 2, 0))},
                                 octet::inputs_of(two_inputs(true)));
  CHECK(first(f, "a") == 1);
  f = octet::detail::read_inputs({file(0, proto("", 1, 0)), file(1, proto("", 2, 0)), file(2, proto("", 3, 0))},
                                 octet::inputs_of(two_inputs(true)));
  CHECK(first(f, "w") == 1);
  CHECK(first(f, "b") == 3);

  CHECK_THROWS_AS(octet::detail::read_inputs({file(0, proto("a", 1, 0)), file(1, proto("a", 2, 0))}, inputs),
                  octet::error);
  CHECK_THROWS_AS(octet::detail::read_inputs({file(7, proto("", 1, 0))}, inputs), octet::error);
  try {
    octet::detail::read_inputs({file(0, proto("a", 1, 0, 6))}, inputs);
    FAIL("accepted");
  } catch (octet::error const& e) {
    CHECK(std::string{e.what()} == folder / "input_0.pb" + ": tensor 'a' is INT32[2], the model wants FLOAT[2]");
  }
}

TEST_CASE("a sequence is read where the model wants one") {
  scratch const folder;
  auto m = two_inputs();
  m.main.add_input("s", octet::value_type{.other = "\x22"});  // TypeProto: sequence_type
  octet::save_sequence({octet::tensor::of<float>({2}, {5, 6})}, folder / "input_2.pb", "s");
  auto const f = octet::detail::read_inputs({{0, folder.write("input_0.pb", proto("a", 1, 0))},
                                             {1, folder.write("input_1.pb", proto("b", 2, 0))},
                                             {2, folder / "input_2.pb"}},
                                            octet::inputs_of(m));
  REQUIRE(f.at("s").is_sequence());
  CHECK(f.at("s").items()[0].align().as<float>()[1] == 6);
}
