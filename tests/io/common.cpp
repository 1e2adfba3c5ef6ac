// Empty fields that a file states, key-value pairs, and fields that are carried along.
#include <octet/io/common.hpp>

#include "models.hpp"

using namespace octet;
using namespace octet::detail;

TEST_CASE("an absent string and an empty one are two things") {
  std::uint32_t present = 0;
  CHECK(read_text(false, "", 3, present).empty());
  CHECK_FALSE(states("", 3, present));
  read_text(true, "", 4, present);
  CHECK(states("", 4, present));
  CHECK_FALSE(states("", 3, present));
  CHECK(states("x", 3, present));
}

TEST_CASE("pairs that are more than a key and a value are left alone") {
  wire::NodeProto n;
  auto& p = *n.add_metadata_props();
  p.set_key("k"), p.set_value("v");
  CHECK(take_properties(*n.mutable_metadata_props()) == std::vector<property>{{"k", "v"}});
  CHECK(n.metadata_props_size() == 0);
  n.add_metadata_props()->set_key("only");
  CHECK(take_properties(*n.mutable_metadata_props()).empty());
  CHECK(n.metadata_props_size() == 1);
}

TEST_CASE("what is left over returns to its place") {
  wire::TensorProto t;
  t.mutable_segment()->set_begin(5);
  t.mutable_unknown_fields()->append("\xc2\x3e\x03new");
  auto const extra = leftover(t, part::tensor);
  wire::TensorProto again;
  again.set_name("n");
  put_extra(extra, part::tensor, again);
  CHECK(again.segment().begin() == 5);
  CHECK(again.unknown_fields() == "\xc2\x3e\x03new");
  models::refused(error_kind::invalid, "damaged", [&] { put_extra("\x08", part::tensor, again); });
  models::refused(error_kind::invalid, "wire form", [&] { put_extra("\x08", part::plain, again); });
}
