// Pools in chains, beside arithmetic here.
#include <octet/exec/ops/pool_last.hpp>

#include <exec/ops/chain_model.hpp>

using namespace chain_model;

namespace {

/// x → an identity convolution → op → y.
feed pooled(std::string const& op, tensor const& x, std::vector<attribute> attributes, profile& seen) {
  model m;
  m.import_opset("", 13);
  auto& g = m.main;
  auto const c = x.dims()[1];
  std::vector<float> one(static_cast<std::size_t>(c * c), 0.f);
  for (std::int64_t i = 0; i < c; ++i) one[std::size_t(i * c + i)] = 1;
  g.add_node("Conv",
             {g.add_input("x", tensor_type(element::f32, x.dims())),
              g.add_initializer("w", tensor::of<float>({c, c, 1, 1}, one))},
             {"c"});
  g.add_node(op, {g.find("c")}, {"y"}, std::move(attributes));
  g.outputs = {g.find("y")};
  session s{m, {.profile = &seen}};
  return s.run({{"x", x}});
}

bool ran(profile const& p, std::string const& op) {
  return std::any_of(p.nodes().begin(), p.nodes().end(), [&](auto& e) { return e.op == op; });
}

}  // namespace

TEST_CASE("maxima under windows, padding left out") {
  std::mt19937 random{8};
  using list = std::vector<std::int64_t>;
  for (std::int64_t channels : {3, 40}) {
    auto const x = random_tensor<float>(random, {2, channels, 5, 7});
    profile seen;
    auto const y = pooled("MaxPool", x,
                          {{.name = "kernel_shape", .value = list{3, 2}},
                           {.name = "strides", .value = list{2, 2}},
                           {.name = "pads", .value = list{1, 0, 1, 0}}},
                          seen)
                       .at("y");
    REQUIRE(y.dims() == shape{2, channels, 3, 3});
    CHECK(ran(seen, "octet.MaxPool"));
    for (std::int64_t i = 0; i < y.size(); ++i) {
      auto const ox = i % 3, oy = i / 3 % 3, plane = i / 9;
      float best = -INFINITY;
      for (auto r = std::max<std::int64_t>(0, oy * 2 - 1); r < std::min<std::int64_t>(5, oy * 2 + 2); ++r)
        for (auto c = ox * 2; c < ox * 2 + 2; ++c)
          best = std::max(best, x.as<float>()[std::size_t((plane * 5 + r) * 7 + c)]);
      CHECK(y.as<float>()[std::size_t(i)] == best);
    }
  }
}

TEST_CASE("means of whole channels, kept as 1 × 1 or dropped") {
  std::mt19937 random{9};
  auto const x = random_tensor<float>(random, {2, 21, 9, 11});
  for (auto const* op : {"GlobalAveragePool", "ReduceMean"})
    for (std::int64_t keep : {1, 0}) {
      std::vector<attribute> a;
      if (std::string{op} == "ReduceMean")
        a = {{.name = "axes", .value = std::vector<std::int64_t>{-1, 2}}, {.name = "keepdims", .value = keep}};
      profile seen;
      auto const y = pooled(op, x, a, seen).at("y");
      CHECK(y.dims() == (keep == 0 && !a.empty() ? shape{2, 21} : shape{2, 21, 1, 1}));
      CHECK(ran(seen, "octet.GlobalAveragePool"));
      for (std::size_t i = 0; i < 42; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < 99; ++k) sum += double(x.as<float>()[i * 99 + k]);
        CHECK(double(y.as<float>()[i]) == doctest::Approx(sum / 99).epsilon(1e-5));
      }
    }
}

TEST_CASE("the mean of a quantized channel is exact before it is rounded") {
  std::mt19937 random{10};
  model m;
  m.import_opset("", 13), m.import_opset("com.microsoft", 1);
  auto& g = m.main;
  constexpr std::int64_t channels = 19;
  auto const x = random_tensor<std::uint8_t>(random, {2, channels, 5, 6});
  std::vector<std::int8_t> one(channels * channels, 0);
  for (std::size_t i = 0; i < channels; ++i) one[i * channels + i] = 1;
  auto const s = g.add_initializer("s", tensor::scalar(1.f)),
             z = g.add_initializer("z", tensor::scalar(std::uint8_t{0})),
             wz = g.add_initializer("wz", tensor::scalar(std::int8_t{0}));
  g.add_node("QLinearConv",
             {g.add_input("x", tensor_type(element::u8, x.dims())), s, z,
              g.add_initializer("w", tensor::of<std::int8_t>({channels, channels, 1, 1}, one)), s, wz, s, z},
             {"c"});
  g.add_node("QLinearGlobalAveragePool",
             {g.find("c"), s, z, g.add_initializer("ys", tensor::scalar(0.75f)),
              g.add_initializer("yz", tensor::scalar(std::uint8_t{3}))},
             {"y"}, {}, "com.microsoft");
  g.outputs = {g.find("y")};
  profile seen;
  session run{m, {.profile = &seen}};
  auto const y = run.run({{"x", x}}).at("y");
  CHECK(ran(seen, "octet.QLinearGlobalAveragePool"));
  REQUIRE(y.dims() == shape{2, channels, 1, 1});
  for (std::size_t i = 0; i < 2 * channels; ++i) {
    int sum = 0;
    for (std::size_t k = 0; k < 30; ++k) sum += x.as<std::uint8_t>()[i * 30 + k];
    double const q = std::nearbyint(double(static_cast<float>(double(sum) / 30) / 0.75f)) + 3;
    CHECK(double(y.as<std::uint8_t>()[i]) == std::clamp(q, 0.0, 255.0));
  }
}

TEST_CASE("NhwcMaxPool of com.microsoft takes windows of channels-last bytes") {
  std::vector<std::int8_t> v;
  for (int i = 0; i < 12; ++i) v.push_back(std::int8_t(i % 2 == 0 ? i - 6 : -i));  // [1, 2, 3, 2]
  node n;
  n.op = "NhwcMaxPool", n.inputs = {value_id(0)}, n.outputs = {value_id(1)};
  n.attributes = {{.name = "kernel_shape", .value = std::vector<std::int64_t>{2, 2}},
                  {.name = "pads", .value = std::vector<std::int64_t>{0, 0, 0, 1}}};
  operator_entry const* entry = nullptr;
  for (auto const& e : pool_last_operators)
    if (e.op == "NhwcMaxPool") entry = &e;
  REQUIRE(entry != nullptr);
  auto const f = entry->prepare(preparation{.node = n, .opset = 1});
  tensor in[] = {tensor::of<std::int8_t>({1, 2, 3, 2}, v)}, out[1];
  thread_pool pool{1};
  buffers memory{1 << 20};
  call c{in, out, pool, memory};
  f(c);
  CHECK(out[0].dims() == shape{1, 1, 3, 2});
  auto const y = out[0].as<std::int8_t>();  // even channel: −6 −4 −2 / 0 2 4; odd: −1 −3 −5 / −7 −9 −11
  CHECK(std::vector<int>(y.begin(), y.end()) == std::vector<int>{2, -1, 4, -3, 4, -5});
}
