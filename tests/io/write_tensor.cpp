// Tensors that octet makes, as a file holds them.
#include <octet/io/write_tensor.hpp>

#include "models.hpp"

using namespace octet;

namespace {

wire::TensorProto written(stored_tensor const& t, detail::placements const& outside = {}) {
  wire::TensorProto m, r;
  detail::write_tensor(t, "n", outside, m);
  REQUIRE(r.ParseFromString(detail::expand(detail::as_view(m.SerializeAsString()), detail::part::tensor)));
  return r;
}

}  // namespace

TEST_CASE("scales and zero points go into typed fields") {
  auto const scale = written({.data = tensor::scalar(0.25f), .storage = storage::typed});
  CHECK(scale.float_data(0) == 0.25f);
  CHECK_FALSE(scale.has_raw_data());
  CHECK(scale.dims_size() == 0);
  auto const zero = written({.data = tensor::scalar<std::int8_t>(-3), .storage = storage::typed});
  CHECK(zero.int32_data(0) == -3);
  CHECK(zero.data_type() == 3);
  CHECK(written({.data = tensor::scalar<std::uint8_t>(200), .storage = storage::typed}).int32_data(0) == 200);
  CHECK(written({.data = tensor::scalar<std::int16_t>(-300), .storage = storage::typed}).int32_data(0) == -300);
  CHECK(written({.data = tensor::scalar<std::uint32_t>(4000000000u), .storage = storage::typed}).uint64_data(0) ==
        4000000000u);
}

TEST_CASE("raw bytes and strings") {
  auto const raw = written({.data = tensor::of<std::int32_t>({2}, {1, -1})});
  CHECK(raw.raw_data() == std::string{"\x01\0\0\0\xff\xff\xff\xff", 8});
  CHECK(raw.name() == "n");
  auto const words = written({.data = tensor{{2}, {"a", ""}}});
  CHECK(words.string_data_size() == 2);
  CHECK_FALSE(words.has_raw_data());
}

TEST_CASE("places outside") {
  stored_tensor const t{.data = tensor::scalar(1.f)};
  auto const m = written(t, {{&t, {{"location", "f"}, {"offset", "0"}}}});
  CHECK(m.data_location() == 1);
  CHECK(m.external_data(1).key() == "offset");
  CHECK_FALSE(m.has_raw_data());
}

TEST_CASE("an external tensor whose data were exchanged moves inside") {
  stored_tensor t{.data = tensor::scalar(1.f), .storage = storage::external, .external = {{"location", "f"}}};
  t.external_at = t.data.bytes().data();
  CHECK(written(t).data_location() == 1);
  t.data = tensor::scalar(2.f);
  CHECK(written(t).has_raw_data());
}

TEST_CASE("a tensor without data is a bug") {
  wire::TensorProto m;
  models::refused(error_kind::internal, "without data", [&] { detail::write_tensor({}, "n", {}, m); });
}
