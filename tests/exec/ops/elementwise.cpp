#include "exec/ops/run_one.hpp"

#include <limits>

#include <octet/exec/ops/elementwise.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::one;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = elementwise_operators;
using i32 = std::vector<std::int32_t>;
using f32 = std::vector<float>;
tensor s32(shape dims, i32 const& v) { return tensor::of<std::int32_t>(std::move(dims), v); }
}  // namespace

TEST_CASE("operands broadcast against each other in every position") {
  auto const a = floats_of({2, 1, 3}, {1, 2, 3, 4, 5, 6}), b = floats_of({2, 1}, {10, 20});
  auto const r = run({table, "Add", 14, {a, b}})[0];
  CHECK(r.dims() == shape{2, 2, 3});
  CHECK(values<float>(r) == f32{11, 12, 13, 21, 22, 23, 14, 15, 16, 24, 25, 26});
  CHECK(values<float>(run({table, "Sub", 14, {floats_of({}, {1}), b}})[0]) == f32{-9, -19});
  CHECK(values<float>(run({table, "Sub", 14, {b, floats_of({1, 1, 1}, {1})}})[0]) == f32{9, 19});
  CHECK(run({table, "Mul", 14, {floats_of({0, 3}, {}), floats_of({1}, {2})}})[0].dims() == shape{0, 3});
  CHECK(test::failure({table, "Add", 14, {floats_of({2}, {1, 2}), floats_of({3}, {1, 2, 3})}}) == error_kind::invalid);
}

TEST_CASE("every broadcast of large operands equals the definition, for any number of threads") {
  std::int64_t const x = 70, y = 31, z = 37;
  for (unsigned mask = 0; mask < 64; ++mask) {
    auto const dim = [&](unsigned bit, std::int64_t n) { return (mask >> bit & 1) != 0 ? n : 1; };
    shape const da{dim(0, x), dim(1, y), dim(2, z)}, db{dim(3, x), dim(4, y), dim(5, z)};
    tensor a{element::f32, da}, b{element::f32, db};
    for (std::int64_t i = 0; i < a.size(); ++i) a.mutable_as<float>()[i] = float(i);
    for (std::int64_t i = 0; i < b.size(); ++i) b.mutable_as<float>()[i] = float(-3 * i);
    for (unsigned threads : {1u, 2u}) {
      auto const r = run({.table = table, .op = "Add", .inputs = {a, b}, .threads = threads})[0];
      shape const d = r.dims();
      bool same = true;
      for (std::int64_t i = 0, n = 0; i < d[0]; ++i)
        for (std::int64_t j = 0; j < d[1]; ++j)
          for (std::int64_t k = 0; k < d[2]; ++k, ++n) {
            auto const at = [&](shape const& s) {
              return ((s[0] == 1 ? 0 : i) * s[1] + (s[1] == 1 ? 0 : j)) * s[2] + (s[2] == 1 ? 0 : k);
            };
            same = same && r.as<float>()[n] == float(at(da)) + float(-3 * at(db));
          }
      CHECK(same);
    }
  }
}

TEST_CASE("integer division cuts toward zero and never overflows") {
  auto const lowest = std::numeric_limits<std::int32_t>::min();
  CHECK(values<std::int32_t>(run({table, "Div", 14, {s32({4}, {7, -7, -8, lowest}), s32({4}, {2, 2, 3, -1})}})[0]) ==
        i32{3, -3, -2, lowest});
  CHECK(test::failure({table, "Div", 14, {s32({1}, {1}), s32({1}, {0})}}) == error_kind::runtime);
  CHECK(test::failure({table, "Mod", 14, {s32({1}, {1}), s32({1}, {0})}}) == error_kind::runtime);
}

TEST_CASE("integers wrap like those of numpy") {
  auto const a = tensor::of<std::int8_t>({3}, {127, -128, 100}), b = tensor::of<std::int8_t>({3}, {1, 1, 3});
  CHECK(values<std::int8_t>(run({table, "Add", 14, {a, b}})[0]) == std::vector<std::int8_t>{-128, -127, 103});
  CHECK(values<std::int8_t>(run({table, "Mul", 14, {a, b}})[0]) == std::vector<std::int8_t>{127, -128, 44});
  auto const u = tensor::of<std::uint16_t>({1}, {65535});
  CHECK(values<std::uint16_t>(run({table, "Mul", 14, {u, u}})[0]) == std::vector<std::uint16_t>{1});
}

TEST_CASE("Mod takes the sign of the divisor, with fmod that of the dividend") {
  auto const a = s32({4}, {-4, 7, 5, -5}), b = s32({4}, {3, -3, 8, 5});
  CHECK(values<std::int32_t>(run({table, "Mod", 13, {a, b}})[0]) == i32{2, -2, 5, 0});
  attribute const fmod{.name = "fmod", .value = std::int64_t{1}};
  CHECK(values<std::int32_t>(run({table, "Mod", 13, {a, b}, {fmod}})[0]) == i32{-1, 1, 5, 0});
}

TEST_CASE("Pow mixes types; the base decides the result") {
  CHECK(values<std::int32_t>(run({table, "Pow", 15, {s32({3}, {2, -3, 5}), floats_of({}, {2})}})[0]) == i32{4, 9, 25});
  CHECK(values<float>(run({table, "Pow", 15, {floats_of({2}, {3, 4}), s32({2}, {3, -1})}})[0]) == f32{27, 0.25f});
  CHECK(values<std::int32_t>(run({table, "Pow", 15, {s32({4}, {2, -1, -1, 1}), s32({4}, {-1, -3, -2, -5})}})[0]) ==
        i32{0, -1, 1, 1});
}

TEST_CASE("Min and Max are variadic and keep NaN") {
  float const nan = std::numeric_limits<float>::quiet_NaN();
  auto const r =
      run({table, "Max", 13, {floats_of({3}, {1, nan, 0}), floats_of({3}, {2, 0, nan}), floats_of({}, {1})}})[0];
  CHECK(test::difference(r, {2, nan, nan}) == 0);
  CHECK(values<float>(run({table, "Min", 13, {floats_of({2}, {4, -4})}})[0]) == f32{4, -4});
  CHECK(values<float>(
            run({table, "Mean", 13, {floats_of({2}, {1, 2}), floats_of({2}, {3, 4}), floats_of({2}, {5, 9})}})[0]) ==
        f32{3, 5});
}

TEST_CASE("a result takes over the bytes of an operand that nobody else needs") {
  auto a = floats_of({4}, {1, 2, 3, 4}), b = floats_of({1}, {1});
  auto const* const where = a.bytes().data();
  one o{table, "Add", 14, {}};
  o.inputs.push_back(std::move(a));
  o.inputs.push_back(std::move(b));
  auto const r = run(std::move(o))[0];
  CHECK(r.bytes().data() == where);
  CHECK(values<float>(r) == f32{2, 3, 4, 5});
}

TEST_CASE("16-bit floats are computed as float and rounded once") {
  tensor a{element::f16, {2}}, b{element::f16, {2}};
  a.mutable_as<std::uint16_t>()[0] = 0x3c00, a.mutable_as<std::uint16_t>()[1] = 0x7bff;  // 1, 65504
  b.mutable_as<std::uint16_t>()[0] = 0x1000, b.mutable_as<std::uint16_t>()[1] = 0x7bff;  // 2⁻¹¹
  auto const r = run({table, "Add", 14, {a, b}})[0];
  CHECK(r.type() == element::f16);
  CHECK(values<std::uint16_t>(r) == std::vector<std::uint16_t>{0x3c00, 0x7c00});  // a tie goes to even; infinity
}

TEST_CASE("an element type without arithmetic is refused with the ones that have it") {
  auto const t = tensor::of<bool>({1}, std::vector<bool>{true});
  try {
    run({table, "Add", 14, {t, t}});
    FAIL("no error");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::unsupported);
    CHECK(std::string{e.what()} == "Add (opset 14): elements of type BOOL are not supported");
    CHECK(e.hint.find("FLOAT") != std::string::npos);
  }
}

TEST_CASE("a result larger than the memory limit is an error") {
  one o{table, "Add", 14, {tensor::of<float>({1, 4096}, f32(4096)), tensor::of<float>({4096, 1}, f32(4096))}};
  o.limit = 1 << 20;
  CHECK(test::failure(o) == error_kind::runtime);
}
