// Tables in a session's own operator: by the bits of signed elements, onto another type, with more dimensions.
#include <octet/exec/ops/lookup.hpp>

#include "run_one.hpp"

using namespace octet;
using namespace octet::test;

TEST_CASE("Lookup takes bits as places and the table's type") {
  std::vector<std::int8_t> table(256);
  for (int i = 0; i < 256; ++i) table[std::size_t(i)] = std::int8_t(i < 128 ? i / 2 : (i - 256) / 2);  // half of an s8
  auto const y =
      run({.table = lookup_operators,
           .op = "Lookup",
           .opset = 1,
           .inputs = {tensor::of<std::int8_t>({4}, {-128, -3, 0, 127}), tensor::of<std::int8_t>({256}, table)},
           .attributes = {{.name = "rank", .value = std::int64_t{3}}}})[0];
  CHECK(y.dims() == shape{1, 1, 4});
  CHECK(values<std::int8_t>(y) == std::vector<std::int8_t>{-64, -1, 0, 63});
  CHECK(failure({.table = lookup_operators,
                 .op = "Lookup",
                 .opset = 1,
                 .inputs = {floats_of({1}, {1}), tensor::of<std::int8_t>({256}, table)}}) == error_kind::unsupported);
  CHECK(failure({.table = lookup_operators,
                 .op = "Lookup",
                 .opset = 1,
                 .inputs = {tensor::of<std::uint8_t>({1}, {1}), tensor::of<std::int8_t>({1}, {1})}}) ==
        error_kind::invalid);
}

TEST_CASE("lookup_table quantizes what the function makes of each code") {
  thread_pool pool{1};
  buffers memory{std::size_t(-1)};
  call c{{}, {}, pool, memory};
  auto const t =
      detail::lookup_table(c, grid{0.5f, 128, element::u8}, grid{0.25f, 0, element::s8}, [](tensor x) { return x; });
  CHECK(int(t[128]) == 0);
  CHECK(int(t[129]) == 2);
  CHECK(int(static_cast<std::int8_t>(t[127])) == -2);
  CHECK(int(t[255]) == 127);  // 63.5 / 0.25 saturates
}
