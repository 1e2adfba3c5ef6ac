// Scores, bias and softmax of one row; heads in either layout.
#include <octet/exec/ops/attention_core.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace octet;
using namespace octet::detail;

TEST_CASE("a row: scale, soft cap, bias, softmax; a closed row becomes zero") {
  attention_form f{.keys = 2, .scale = 2};
  float x[2] = {0, 0.5f}, seen[2];
  f.stage = 2;
  attention_row(f, x, std::vector<float>{1, 0}, seen);
  CHECK(seen[0] == 1);
  CHECK(seen[1] == 1);
  CHECK(x[0] == doctest::Approx(0.5));
  float y[2] = {1, 2};
  attention_row(f, y, std::vector<float>{-INFINITY, -INFINITY}, nullptr);
  CHECK(y[0] == 0);
  CHECK(y[1] == 0);
  f.softcap = 1, f.stage = 0;
  float z[2] = {100, 0};
  attention_row(f, z, {}, seen);
  CHECK(seen[0] == doctest::Approx(1));
}

TEST_CASE("one key: the output is its value, for heads first and rows first, with shared key heads") {
  thread_pool pool{2};
  std::int64_t const batch = 2, heads = 4, kv = 2, rows = 3, size = 5;
  std::vector<float> q(static_cast<std::size_t>(batch * heads * rows * size), 0.5f),
      k(static_cast<std::size_t>(batch * kv * size), 1.f), v(static_cast<std::size_t>(batch * kv * size));
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i);
  attention_form const f{
      .batch = batch, .heads = heads, .kv_heads = kv, .queries = rows, .keys = 1, .size = size, .value_size = size};
  std::vector<float> out(q.size());
  attend(pool, f, head_rows<float const>::rows_first(q.data(), heads, rows, size),
         head_rows<float const>::heads_first(k.data(), kv, 1, size),
         head_rows<float const>::heads_first(v.data(), kv, 1, size),
         head_rows<float>::rows_first(out.data(), heads, rows, size),
         [](std::int64_t, std::int64_t, std::int64_t, std::vector<float>&) { return false; });
  for (std::int64_t b = 0; b < batch; ++b)
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t n = 0; n < heads; ++n)
        for (std::int64_t i = 0; i < size; ++i)
          REQUIRE(out[std::size_t(((b * rows + r) * heads + n) * size + i)] ==
                  static_cast<float>((b * kv + n / 2) * size + i));
}
