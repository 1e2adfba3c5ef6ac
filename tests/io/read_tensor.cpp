// Tensors in all the ways that a file may hold them, and in ways in which it may not.
#include <octet/io/read_tensor.hpp>

#include "models.hpp"

using namespace octet;

namespace {

stored_tensor read(wire::TensorProto const& t) {
  auto const s = detail::owned(t.SerializeAsString());
  detail::external_files none{false, ""};
  wire::TensorProto outline;
  detail::parse_outline(s.bytes, detail::part::tensor, outline);
  return detail::read_tensor(outline, {s.bytes, s.owner, &none});
}

wire::TensorProto typed(int type, std::vector<std::int64_t> const& dims) {
  wire::TensorProto t;
  t.set_data_type(type);
  for (auto const d : dims) t.add_dims(d);
  return t;
}

std::vector<int> bytes_of(stored_tensor const& t) {
  std::vector<int> all;
  for (auto const b : t.data.bytes()) all.push_back(std::to_integer<int>(b));
  return all;
}

void refused(wire::TensorProto const& t, std::string_view why) {
  auto m = models::small();
  *m.mutable_graph()->mutable_initializer(0) = t;
  m.mutable_graph()->mutable_initializer(0)->set_name("w");
  auto const e = models::refused(m, why);
  CHECK_MESSAGE(std::string_view{e.what()}.find("'w'") != std::string_view::npos, std::string{e.what()});
}

}  // namespace

TEST_CASE("numbers in int32_data, by ONNX's rules") {
  auto t = typed(3, {2});  // INT8
  t.add_int32_data(-1), t.add_int32_data(127);
  CHECK(bytes_of(read(t)) == std::vector<int>{255, 127});
  t = typed(10, {2});  // FLOAT16: the bits
  t.add_int32_data(0x3c00), t.add_int32_data(0xbc00);
  CHECK(bytes_of(read(t)) == std::vector<int>{0, 0x3c, 0, 0xbc});
  t = typed(21, {3});  // UINT4: two to a number, low half first
  t.add_int32_data(0x21), t.add_int32_data(0x03);
  CHECK(bytes_of(read(t)) == std::vector<int>{0x21, 0x03});
  t = typed(26, {5});  // INT2: four to a number
  t.add_int32_data(0xe4), t.add_int32_data(1);
  CHECK(bytes_of(read(t)) == std::vector<int>{0xe4, 1});
  t = typed(9, {2});  // BOOL
  t.add_int32_data(1), t.add_int32_data(0);
  CHECK(bytes_of(read(t)) == std::vector<int>{1, 0});
}

TEST_CASE("numbers in the other fields") {
  auto t = typed(14, {1});  // COMPLEX64
  t.add_float_data(1), t.add_float_data(2);
  CHECK(read(t).data.bytes().size() == 8);
  t = typed(12, {2});  // UINT32
  t.add_uint64_data(4000000000), t.add_uint64_data(1);
  CHECK(read(t).data.as<std::uint32_t>()[0] == 4000000000u);
  t = typed(11, {1});
  t.add_double_data(0.1);
  CHECK(read(t).data.as<double>()[0] == 0.1);
  t = typed(7, {});
  t.add_int64_data(-5);
  CHECK(read(t).data.as<std::int64_t>()[0] == -5);
  CHECK(read(t).storage == storage::typed);
}

TEST_CASE("a large tensor is borrowed and a small one is aligned") {
  wire::TensorProto t;
  models::floats(&t, "abc", 1000);
  auto const bytes = t.SerializeAsString();
  auto const owner = std::make_shared<std::string const>(bytes);
  detail::external_files none{false, ""};
  wire::TensorProto outline;
  detail::parse_outline(detail::as_view(*owner), detail::part::tensor, outline);
  auto const r = detail::read_tensor(outline, {detail::as_view(*owner), owner, &none});
  auto const* const p = reinterpret_cast<char const*>(r.data.bytes().data());
  CHECK(p >= owner->data());
  CHECK(p + 4000 <= owner->data() + owner->size());
  wire::TensorProto few;
  CHECK(read(models::floats(&few, "abc", 3)).data.aligned());
}

TEST_CASE("a tensor of an unknown type passes through") {
  auto t = typed(99, {2, 3});
  t.set_raw_data("abcde");
  auto const r = read(t);
  REQUIRE(r.foreign);
  CHECK_FALSE(r.data);
  CHECK(r.foreign->dims == shape{2, 3});
  CHECK(detail::as_text(r.foreign->bytes.bytes()) == "abcde");
  auto m = models::small();
  auto& w = *m.mutable_graph()->mutable_initializer(0);
  w = t, w.set_name("w");
  CHECK(models::same(m));
  w.clear_raw_data(), w.add_int32_data(7), w.set_doc_string(""), w.set_data_location(0),
      w.mutable_segment()->set_end(3);
  CHECK(models::same(m));
  w.clear_data_type();
  CHECK(models::same(m));
  w.set_data_type(0);
  CHECK(models::same(m));
}

TEST_CASE("wrong sizes") {
  auto t = typed(1, {2});
  t.set_raw_data("1234567");
  refused(t, "needs 8 bytes and has 7");
  t = typed(1, {2});
  t.add_float_data(1);
  refused(t, "1 numbers instead of 2");
  refused(typed(1, {2}), "0 numbers instead of 2");
  t = typed(8, {2});
  t.add_string_data("one");
  refused(t, "1 strings");
}

TEST_CASE("absurd dimensions are refused before anything is allocated") {
  refused(typed(1, {1ll << 40, 1ll << 40}), "too large");
  refused(typed(1, {1ll << 62}), "too large");
  refused(typed(1, {1ll << 40}), "instead of");
  refused(typed(1, {-1}), "negative");
  refused(typed(1, std::vector<std::int64_t>(5000, 1)), "5000 dimensions");
  CHECK(read(typed(1, {0, 1ll << 62})).data.bytes().empty());
}

TEST_CASE("contradictions") {
  auto t = typed(1, {1});
  t.add_float_data(1), t.set_raw_data("1234");
  refused(t, "more than one field");
  t = typed(8, {1});
  t.set_raw_data("text");
  models::refused(error_kind::unsupported, "STRING", [&] { read(t); });
  t = typed(1, {1});
  t.add_int32_data(1);
  refused(t, "0 numbers instead of 1");
  t = typed(2, {1});
  t.add_int32_data(256);
  refused(t, "256 does not fit");
  t = typed(12, {1});
  t.add_uint64_data(1ull << 32);
  refused(t, "does not fit");
}
