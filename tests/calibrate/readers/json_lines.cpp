#include <octet/calibrate/readers/json_lines.hpp>

#include <doctest/doctest.h>

using octet::element, octet::shape, octet::tensor;
namespace detail = octet::detail;

namespace {
std::vector<octet::model_input> inputs(element e, std::string batch = "batch") {
  auto t = octet::tensor_type(e, {1, 2});
  if (!batch.empty()) (*t.dims)[0] = octet::dimension{batch};
  return {{.name = "ids", .type = t}, {.name = "free"}};
}
tensor read(std::string const& text, element e = element::s64, std::string const& batch = "batch") {
  auto const all = inputs(e, batch);
  return detail::read_json_line(text, all, &all[0]).at("ids");
}
std::string complaint(std::string const& text, element e = element::s64) {
  try {
    read(text, e);
  } catch (octet::error const& x) {
    return x.what();
  }
  return "";
}
}  // namespace

TEST_CASE("lists become tensors of the input's type; one dimension less is a batch of one") {
  auto const t = read(R"({"ids": [[1, 2], [3, 9007199254740993]]})");
  CHECK(t.type() == element::s64);
  CHECK(t.dims() == shape{2, 2});
  CHECK(t.as<std::int64_t>()[3] == 9007199254740993);  // no double holds it
  CHECK(read("[5, 6]").dims() == shape{1, 2});
  CHECK(read("[5, 6]", element::s64, "").dims() == shape{1, 2});
  CHECK(read("[0.5, -2]", element::f32).as<float>()[1] == -2);
  CHECK(read("[true, 0]", element::boolean).as<bool>()[0]);
  CHECK(read("[1, 255]", element::u8).as<std::uint8_t>()[1] == 255);
  CHECK(read("[1, 0.5]", element::f16).as<std::uint16_t>()[0] == 0x3c00);
  CHECK(read(R"(["a", "b"])", element::text).strings()[1] == "b");
  CHECK(read("[[], []]").dims() == shape{2, 0});
}

TEST_CASE("inputs of open type: integers are INT64, other numbers FLOAT") {
  auto const all = inputs(element::s64);
  CHECK(detail::read_json_line(R"({"free": 3})", all, nullptr).at("free").type() == element::s64);
  auto const f = detail::read_json_line(R"({"free": [1, 2.5]})", all, nullptr).at("free");
  CHECK(f.type() == element::f32);
  CHECK(f.dims() == shape{2});
  CHECK_THROWS_WITH_AS(detail::read_json_line("[1]", all, nullptr), doctest::Contains("by input name"), octet::error);
}

TEST_CASE("what is no sample says where") {
  CHECK(complaint("[[1, 2], [3]]").find("lists differ in length") != std::string::npos);
  CHECK(complaint("[1, [2]]").find("lists differ in depth") != std::string::npos);
  CHECK(complaint("[[1], 2]").find("lists differ in depth") != std::string::npos);
  CHECK(complaint("[1, 2.5]").find("an integer is missing") != std::string::npos);
  CHECK(complaint("[1, 300]", element::u8).find("does not fit the type") != std::string::npos);
  CHECK(complaint("[1, -1]", element::u64).find("does not fit the type") != std::string::npos);
  CHECK(complaint("[2, 0]", element::boolean).find("a boolean is missing") != std::string::npos);
  CHECK(complaint(R"([1, "a"])").find("mixed") != std::string::npos);
  CHECK(complaint(R"({"ids": [1, 2]} x)").find("not a sample: something follows") != std::string::npos);
  CHECK(complaint(R"({"ids": [1, 2], "ids": [1, 2]})").find("twice") != std::string::npos);
}

TEST_CASE("lines are numbered, empty ones begin a sequence") {
  detail::json_lines const all{detail::owned("{}\n[1]\r\n\n \n[2]"), "f.jsonl"};
  REQUIRE(all.size() == 3);
  CHECK(all[0].begins);
  CHECK(!all[1].begins);
  CHECK(all[2].begins);
  CHECK(all[2].text == "[2]");
  CHECK(all.place(2) == "f.jsonl, line 5");
}
