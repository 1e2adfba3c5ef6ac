// Tensors in bytes that were written by hand.
#include <octet/io/tensor_message.hpp>

#include "models.hpp"

using namespace octet;

TEST_CASE("typed fields, strings and scalars are read") {
  auto const from = [](std::string_view text) { return parse_tensor(std::as_bytes(std::span{text})); };
  CHECK(from(std::string_view{"\x08\x02\x10\x03\x2a\x02\x05\x7f", 8}).as<std::int8_t>()[1] ==
        127);  // int32_data: 5, 127
  auto const minus = from(std::string_view{"\x10\x03\x2a\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 14});
  CHECK(minus.rank() == 0);
  CHECK(minus.as<std::int8_t>()[0] == -1);
  auto const words = from(std::string_view{"\x08\x02\x10\x08\x32\x01\x61\x32\x00", 9});
  CHECK(words.strings()[0] == "a");
  CHECK(words.strings()[1].empty());
  CHECK_THROWS_AS(from(std::string_view{"\x10\x03\x2a\x02\xac\x02", 6}), error);      // 300 is no int8
  CHECK_THROWS_AS(from(std::string_view{"\x08\x02\x10\x03\x2a\x01\x05", 7}), error);  // one number for two elements
}

TEST_CASE("a tensor of a type that octet does not know is an error that names it") {
  try {
    std::string_view const text{"\x08\x01\x10\x63\x42\x01x\x4a\x01\x00", 10};
    parse_tensor(std::as_bytes(std::span{text}));
    FAIL("accepted");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::unsupported);
    CHECK(std::string_view{e.what()}.find("type 99") != std::string_view::npos);
  }
}
