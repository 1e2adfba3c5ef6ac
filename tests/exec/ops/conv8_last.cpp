// QLinearConv in chains equals its definition exactly: integer sums, one multiplication, one rounding.
#include <octet/exec/ops/conv8_last.hpp>

#include <exec/ops/chain_model.hpp>

using namespace chain_model;

namespace {

template <class A, class W>
void try_conv8(geometry const& g, bool per_channel, std::int32_t w_zero, std::mt19937& random) {
  model m;
  m.import_opset("", 13);
  auto& graph = m.main;
  auto const n = per_channel ? g.out : 1;
  tensor const x = random_tensor<A>(random, g.input());
  tensor const w = random_tensor<W>(random, g.weights());
  std::int32_t const x_zero = std::is_signed_v<A> ? -9 : 117, y_zero = std::is_signed_v<A> ? 5 : 120;
  std::vector<float> scales;
  std::vector<W> zeros;
  for (std::int64_t i = 0; i < n; ++i) {
    scales.push_back(0.01f + 0.001f * static_cast<float>(i));
    zeros.push_back(static_cast<W>(w_zero + (w_zero == 0 ? 0 : i % 3)));
  }
  std::vector<std::int32_t> bias(std::size_t(g.out));
  for (auto& b : bias) b = static_cast<std::int32_t>(random() % 2000) - 1000;
  graph.add_node(
      "QLinearConv",
      {graph.add_input("x", tensor_type(element_of<A>(), g.input())),
       graph.add_initializer("xs", tensor::scalar(0.02f)), graph.add_initializer("xz", tensor::scalar(A(x_zero))),
       graph.add_initializer("w", w),
       graph.add_initializer("ws", tensor::of<float>(per_channel ? shape{n} : shape{}, scales)),
       graph.add_initializer("wz", tensor::of<W>(per_channel ? shape{n} : shape{}, zeros)),
       graph.add_initializer("ys", tensor::scalar(0.25f)), graph.add_initializer("yz", tensor::scalar(A(y_zero))),
       graph.add_initializer("b", tensor::of<std::int32_t>({g.out}, bias))},
      {"y"}, g.attributes());
  graph.outputs = {graph.find("y")};
  profile seen;
  session s{m, {.threads = 2, .profile = &seen}};
  tensor const y = s.run({{"x", x}}).at("y");
  REQUIRE(y.dims() == g.output());
  CHECK(std::any_of(seen.nodes().begin(), seen.nodes().end(), [](auto& e) { return e.op == "octet.QLinearConv"; }));
  bool same = true;
  for (std::int64_t i = 0; i < y.size(); ++i) {
    auto const c = channel_of(g, i);
    auto const k = std::size_t(per_channel ? c : 0);
    double const sum = window_sum(
        g, i, [&](std::int64_t at) { return std::int32_t{x.as<A>()[std::size_t(at)]} - x_zero; },
        [&](std::int64_t at) { return std::int32_t{w.as<W>()[std::size_t(at)]} - std::int32_t{zeros[k]}; });
    float const scaled = static_cast<float>(sum + bias[std::size_t(c)]) * (0.02f * scales[k] / 0.25f);
    double const q = std::nearbyint(double(scaled)) + y_zero;
    same &= double(y.as<A>()[std::size_t(i)]) ==
            std::clamp(q, double(std::numeric_limits<A>::min()), double(std::numeric_limits<A>::max()));
  }
  CHECK(same);
}

}  // namespace

TEST_CASE("integer convolutions of all types, one grid or one a channel, symmetric or not") {
  std::mt19937 random{6};
  for (auto const& g : geometries())
    for (bool per_channel : {false, true}) {
      try_conv8<std::uint8_t, std::int8_t>(g, per_channel, 0, random);
      try_conv8<std::int8_t, std::int8_t>(g, per_channel, 0, random);
      try_conv8<std::int8_t, std::int8_t>(g, per_channel, -4, random);
      try_conv8<std::uint8_t, std::uint8_t>(g, per_channel, 128, random);
      try_conv8<std::uint8_t, std::uint8_t>(g, per_channel, 90, random);
    }
}
