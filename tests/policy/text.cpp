#include <doctest/doctest.h>

#include <string>

#include <octet/policy/text.hpp>
#include <octet/policy/visit.hpp>

using namespace octet;

TEST_CASE("words after the preset change it") {
  CHECK(parse_policy("u8s8") == u8s8);
  CHECK(parse_policy("u8u8:per-channel") == u8u8.per_channel());
  CHECK(parse_policy("u8s8:per-channel:reduced") == u8s8.per_channel().reduced());
  CHECK(parse_policy("u8s8:reduced:per-channel") == u8s8.per_channel().reduced());
  CHECK(parse_policy("s8s8:symmetric:asymmetric-weights") == s8s8.symmetric().asymmetric_weights());
  CHECK(parse_policy("u8u8:symmetric-weights:per-channel:per-tensor") == u8u8.symmetric_weights());
  CHECK(parse_policy("s8s8:symmetric:asymmetric") == s8s8);
}

TEST_CASE("a policy is written as short as it is read") {
  CHECK(text(u8s8) == "u8s8");
  CHECK(text(u8s8.per_channel().reduced()) == "u8s8:per-channel:reduced");
  CHECK(text(u8u8.symmetric_weights().symmetric()) == "u8u8:symmetric:symmetric-weights");
  for (policy p : shipped_policies) CHECK(parse_policy(text(p)) == p);
}

TEST_CASE("what is no policy is a usage error with a hint") {
  for (auto bad : {"", ":", "u8", "u8s8:", "u8s8::reduced", "u8s8:per_channel", "U8S8", "s8u8", "u8s8 ", "f32f32"}) {
    CAPTURE(bad);
    try {
      parse_policy(bad);
      FAIL("this was accepted");
    } catch (error const& e) {
      CHECK(e.kind == error_kind::usage);
      CHECK(e.hint.find("u8s8:per-channel:reduced") != std::string::npos);
    }
  }
}
