// The walk over wire bytes: what it refuses, and that taking payloads out and putting them in is the identity.
#include <octet/io/wire.hpp>

#include "models.hpp"

using namespace octet;
using namespace octet::detail;

namespace {

std::string back_and_forth(std::string const& bytes, part kind) {
  return expand(as_view(collapse(as_view(bytes), kind)), kind);
}

void damaged(std::string const& bytes, std::string_view why) {
  CAPTURE(why);
  models::refused(error_kind::invalid, why, [&] { collapse(as_view(bytes), part::model); });
}

}  // namespace

TEST_CASE("payloads leave the outline at every place") {
  wire::ModelProto m = models::small();
  auto& attribute = *m.mutable_graph()->mutable_node(0)->add_attribute();
  models::floats(attribute.mutable_t(), "t", 1000);
  models::floats(attribute.add_tensors(), "t", 1000);
  models::floats(attribute.mutable_g()->add_initializer(), "inner", 1000);
  models::floats(attribute.add_graphs()->add_initializer(), "inner", 1000);
  attribute.set_sparse_tensor(std::string(4000, 's'));
  attribute.add_sparse_tensors(std::string(4000, 's'));
  auto& f = *m.add_functions();
  f.add_attribute_proto()->mutable_t()->set_raw_data(std::string(4000, 'd'));
  f.add_node()->add_attribute()->mutable_t()->set_raw_data(std::string(4000, 'd'));
  m.mutable_graph()->add_sparse_initializer(std::string(4000, 's'));
  m.add_training_info(std::string(4000, 't'));
  auto const bytes = m.SerializeAsString();
  CHECK(bytes.size() > 40000);
  auto const outline = collapse(as_view(bytes), part::model);
  CHECK(outline.size() < 600);
  CHECK(wire::ModelProto{}.ParseFromString(outline));
  CHECK(expand(as_view(outline), part::model) == bytes);
}

TEST_CASE("a mark tells where its payload is") {
  std::string const payload = "payload";
  std::string const bytes = "\x4a\x07" + payload;  // raw_data
  auto const outline = collapse(as_view(bytes), part::tensor);
  REQUIRE(outline.size() == 2 + sizeof(mark));
  auto const b = marked(as_view(outline).subspan(2));
  CHECK(static_cast<void const*>(b.data()) == bytes.data() + 2);
  CHECK(b.size() == payload.size());
}

TEST_CASE("lengths around a payload grow and shrink by as many bytes as needed") {
  for (std::size_t const n : {0, 1, 15, 16, 17, 100, 127, 128, 111, 16383, 16384, 16370, 70000}) {
    wire::ModelProto m;
    m.mutable_graph()->add_initializer()->set_raw_data(std::string(n, 'x'));
    auto const bytes = m.SerializeAsString();
    CHECK(back_and_forth(bytes, part::model) == bytes);
  }
}

TEST_CASE("what is not understood stays as it is") {
  std::string const group = "\xab\x3e\x08\x05\xac\x3e";  // group 1005 { field 1: 5 }
  std::string const fixed =
      "\xc9\x3e"
      "12345678"
      "\xcd\x3e"
      "1234";  // fields 1001, of 8 and 4 bytes
  CHECK(back_and_forth(group + fixed, part::model) == group + fixed);
  std::string const not_bytes = "\x48\x05";  // raw_data's number with another wire type
  CHECK(back_and_forth(not_bytes, part::tensor) == not_bytes);
}

TEST_CASE("damaged bytes") {
  damaged("\x3a\x05\x0a", "beyond the end");
  damaged("\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "beyond the end");
  damaged("\x3a", "end within a number");
  damaged("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "more than ten bytes");
  damaged(
      "\x09"
      "1234",
      "end within a field");
  damaged(std::string("\x02\x00", 2), "impossible number");
  damaged("\x0e\x01", "impossible type");
  damaged("\xac\x3e", "did not begin");
  damaged("\xab\x3e\x08\x05", "end within a number");
  damaged("\xab\x3e\x08\x05\xb4\x3e", "did not begin");
}

TEST_CASE("a tag that protobuf would read as another one is refused") {
  // 5 bytes whose value exceeds 32 bits: protobuf keeps the low ones, which say raw_data, and would believe a forged
  // mark
  std::string const forged = std::string{"\xca\x80\x80\x80\x10\x10", 6} + std::string(16, 'A');
  models::refused(error_kind::invalid, "impossible number", [&] { collapse(as_view(forged), part::tensor); });
  std::string const longer = std::string{"\xca\x80\x80\x80\x80\x00\x10", 7} + std::string(16, 'A');
  models::refused(error_kind::invalid, "impossible number", [&] { collapse(as_view(longer), part::tensor); });
  std::string const padded =
      std::string{"\xca\x80\x00\x03", 4} + "abc";  // a long way to write raw_data, which is allowed
  CHECK(back_and_forth(padded, part::tensor) ==
        "\x4a\x03"
        "abc");
}

TEST_CASE("nesting is limited") {
  std::string inner;
  for (int i = 0; i < 200; ++i) {  // graph { node { attribute { g: … } } }
    auto const wrap = [&](char tag) {
      std::string s(1, tag);
      for (auto n = inner.size();; n >>= 7) {
        s += static_cast<char>(n < 128 ? n : n | 128);
        if (n < 128) break;
      }
      inner = s + inner;
    };
    wrap('\x32'), wrap('\x2a'), wrap('\x0a');
  }
  models::refused(error_kind::invalid, "nested deeper", [&] { collapse(as_view(inner), part::graph); });
  std::string groups;
  for (int i = 0; i < 100000; ++i) groups += "\xab\x3e";
  damaged(groups, "nested too deeply");
}
