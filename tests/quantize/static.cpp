#include <octet/quantize/static.hpp>

#include <doctest/doctest.h>

#include "support/catalogue_run.hpp"

using namespace octet;

namespace {
std::vector<float> floats(tensor const& t) { return {t.as<float>().begin(), t.as<float>().end()}; }

/// |y − quantized y| ≤ s_x/2·Σ|w| + s_w/2·Σ|x| + K·s_x·s_w/4 + s_y/2, for a product over K.
void check_product(test::way const& w) {
  test::numbers random{7};
  constexpr std::int64_t rows = 3, k = 16, columns = 5;
  test::maker m{"product"};
  m.output(m.op("MatMul", {m.input("x", {rows, k}, -2, 3), m.weight("w", {k, columns})}), 2);
  auto const s = m.done();
  auto const ranges = test::observed_ranges(s);
  auto const q = *test::quantized(s, ranges, w);
  auto const before = session{s.model}.run(s.in), after = session{q}.run(s.in);
  auto const y = floats(before.at("y0")), z = floats(after.at("y0"));
  auto const scales = [&](std::string const& name) { return floats(q.main[q.main.find(name)].initializer->data); };
  auto const sx = scales("x_scale")[0], sy = scales("y0_scale")[0];
  auto const sw = scales("w_scale");
  auto const x = floats(s.in.at("x"));
  auto const weights = floats(s.model.main[s.model.main.find("w")].initializer->data);
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) {
      double const step = sw[sw.size() == 1 ? 0 : static_cast<std::size_t>(j)];
      double bound = sy / 2 + double(k) * sx * step / 4;
      for (std::int64_t l = 0; l < k; ++l)
        bound += sx / 2 * std::abs(weights[static_cast<std::size_t>(l * columns + j)]) +
                 step / 2 * std::abs(x[static_cast<std::size_t>(i * k + l)]);
      auto const at = static_cast<std::size_t>(i * columns + j);
      CHECK(std::abs(double{y[at]} - z[at]) <= bound * 1.001);
    }
}
}  // namespace

TEST_CASE("a quantized product is within the bound that its grids give, in each format and type") {
  for (auto const& w : test::ways())
    if (w.mode == mode::static_ranges) {
      CAPTURE(w.name);
      check_product(w);
    }
}

TEST_CASE("the typed entry equals the untyped one, and both name what was done") {
  test::maker m{"m"};
  m.output(m.op("MatMul", {m.input("x", {3, 8}), m.weight("w", {8, 5})}), 2);
  auto const s = m.done();
  auto typed = s.model, untyped = s.model;
  auto data = [&, once = true]() mutable -> std::optional<feed> {
    return once ? (once = false, std::optional{s.in}) : std::nullopt;
  };
  auto const r = calibrate(s.model, data);
  auto const report = quantize<u8s8>(typed, r);
  detail::quantize(untyped, r, scheme{u8s8}, {});
  CHECK(serialize(typed) == serialize(untyped));
  CHECK(report.count(fate::quantized) == 1);
  CHECK(report.ops.at("QuantizeLinear") == 2);
}

TEST_CASE("the whole job from file to file, with a reader of one's own; quantizing twice is refused or harmless") {
  test::maker m{"m"};
  m.output(m.op("MatMul", {m.input("x", {3, 8}), m.weight("w", {8, 5})}), 2);
  auto const s = m.done();
  std::string const in = "octet_static_in.onnx", out = "octet_static_out.onnx";
  save(s.model, in);
  int given = 0;
  auto const reader = [&]() -> std::optional<feed> {
    if (given++ == 3) return std::nullopt;
    return s.in;
  };
  auto const report = quantize_static<s8s8>(in, out, reader);
  CHECK(report.count(fate::quantized) == 1);
  CHECK(load(out).main.find("w_quantized") != value_id::none);
  std::remove(in.c_str()), std::remove(out.c_str());
}

TEST_CASE("no samples is an error in the words that people search for") {
  test::maker m{"m"};
  m.output(m.op("MatMul", {m.input("x", {3, 8}), m.weight("w", {8, 5})}), 2);
  auto const s = m.done();
  auto const nothing = []() -> std::optional<feed> { return std::nullopt; };
  try {
    calibrate(s.model, nothing);
    FAIL("accepted");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::invalid);
    CHECK(std::string{e.what()}.find("No data is collected") != std::string::npos);
  }
}
