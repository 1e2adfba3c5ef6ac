// Float convolutions in chains, with all that they take up, beside the definition in double.
#include <octet/exec/ops/conv_last.hpp>

#include <exec/ops/chain_model.hpp>

using namespace chain_model;

namespace {

/// Conv → BatchNormalization → Add(Conv 1×1 of the input, or a part of it that broadcasts) → Clip or Elu.
struct joined {
  geometry g;
  bool bias, scale, residual, broadcast, limits, activation;
  model m{};
  tensor x, w, b, v, p[4];

  joined(geometry const& g_, int what, std::mt19937& random)
      : g{g_},
        bias{(what & 1) != 0},
        scale{(what & 2) != 0},
        residual{(what & 4) != 0},
        broadcast{(what & 8) != 0},
        limits{(what & 48) == 16},
        activation{(what & 48) == 32} {
    m.import_opset("", 13);
    auto& graph = m.main;
    x = random_tensor<float>(random, g.input()), w = random_tensor<float>(random, g.weights());
    b = random_tensor<float>(random, {g.out});
    v = random_tensor<float>(random, {broadcast ? 1 : g.out, g.out, 1, 1});
    for (auto& t : p) t = random_tensor<float>(random, {g.out});
    for (auto& s : p[3].mutable_as<float>()) s = 0.5f + s * s;
    std::vector<value_id> in{graph.add_input("x", tensor_type(element::f32, g.input())), graph.add_initializer("w", w)};
    if (bias) in.push_back(graph.add_initializer("b", b));
    graph.add_node("Conv", in, {"c"}, g.attributes());
    std::string now = "c";
    if (scale) {
      std::vector<value_id> all{graph.find(now)};
      for (int i = 0; i < 4; ++i) all.push_back(graph.add_initializer("p" + std::to_string(i), p[i]));
      graph.add_node("BatchNormalization", all, {"n"}), now = "n";
    }
    if (residual) {  // of the unbiased convolution, so that it is known
      graph.add_node("Conv", {in[0], in[1]}, {"r0"}, g.attributes());
      graph.add_node("Conv", {graph.find("r0"), graph.add_initializer("v", v)}, {"r"});
      graph.add_node("Add", {graph.find("r"), graph.find(now)}, {"s"}), now = "s";
    }
    if (limits) {
      graph.add_node("Clip",
                     {graph.find(now), graph.add_initializer("lo", tensor::scalar(-0.5f)),
                      graph.add_initializer("hi", tensor::scalar(0.75f))},
                     {"y"});
      now = "y";
    }
    if (activation) {
      graph.add_node("Elu", {graph.find(now)}, {"y"}, {{.name = "alpha", .value = 0.75f}});
      now = "y";
    }
    graph.outputs = {graph.find(now)};
  }

  double expected(std::int64_t i) const {
    auto const c = std::size_t(channel_of(g, i));
    auto const at = [](tensor const& t) { return [s = t.as<float>()](std::int64_t k) { return s[std::size_t(k)]; }; };
    double const plain = window_sum(g, i, at(x), at(w));
    double y = plain + (bias ? double(b.as<float>()[c]) : 0);
    auto const of = [&](int k) { return double(p[k].as<float>()[c]); };
    if (scale) y = (y - of(2)) / std::sqrt(of(3) + double(1e-5f)) * of(0) + of(1);
    if (residual) {
      auto const plane = g.out_height() * g.out_width(), n = i / plane / g.out;
      double r = 0;
      for (std::int64_t k = 0; k < g.out; ++k)
        r += double(v.as<float>()[std::size_t((broadcast ? 0 : std::int64_t(c)) * g.out + k)]) *
             window_sum(g, (n * g.out + k) * plane + i % plane, at(x), at(w));
      y += r;
    }
    if (activation) return y < 0 ? 0.75 * std::expm1(y) : y;
    return limits ? std::min(std::max(y, -0.5), 0.75) : y;
  }
};

}  // namespace

TEST_CASE(
    "convolutions with bias, normalization, residual, limits and activation, of many geometries, on any number of "
    "threads") {
  std::mt19937 random{5};
  for (auto const& g : geometries())
    for (int what = 0; what < 48; ++what) {
      if ((what & 12) == 8) continue;  // no residual to broadcast
      CAPTURE(what);
      joined j{g, what, random};
      profile seen;
      session one{j.m, {.threads = 1, .profile = &seen}}, two{j.m, {.threads = 2}};
      auto const y = one.run({{"x", j.x}}).begin()->second;
      REQUIRE(y.dims() == g.output());
      double worst = 0;
      for (std::int64_t i = 0; i < y.size(); ++i)
        worst = std::max(worst, std::fabs(double(y.as<float>()[std::size_t(i)]) - j.expected(i)));
      CHECK(worst < 1e-3);
      auto const again = two.run({{"x", j.x}}).begin()->second;
      CHECK(std::equal(y.bytes().begin(), y.bytes().end(), again.bytes().begin()));
      for (auto const& n : seen.nodes()) {
        CHECK(n.op != "Conv");
        if (!j.broadcast) CHECK(n.op.rfind("octet.", 0) == 0);
      }
    }
}

TEST_CASE("rows of one and three dimensions") {
  for (std::size_t spatial : {std::size_t{1}, std::size_t{3}}) {
    model m;
    m.import_opset("", 13);
    shape x{1, 2}, w{1, 2};
    for (std::size_t i = 0; i < spatial; ++i) x.push_back(3), w.push_back(2);
    std::vector<float> values(static_cast<std::size_t>(x.size()));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
    m.main.add_node("Conv",
                    {m.main.add_input("x", tensor_type(element::f32, x)),
                     m.main.add_initializer("w", tensor::of<float>(w, std::vector<float>(std::size_t(w.size()), 1)))},
                    {"y"});
    m.main.outputs = {m.main.find("y")};
    auto const y = session{m}.run({{"x", tensor::of<float>(x, values)}}).at("y");
    // ones: the sum over a cube of edge 2 in both channels; in each dimension neighbours differ by the stride
    float const count = spatial == 1 ? 4 : 16, plane = spatial == 1 ? 3 : 27, strides = spatial == 1 ? 1 : 1 + 3 + 9;
    CHECK(y.as<float>()[0] == count * (strides / 2 + plane / 2));
    CHECK(y.as<float>()[1] == count * (strides / 2 + plane / 2 + 1));
  }
}

TEST_CASE("channels go to the end and back") {
  model m;
  m.import_opset("", 13);
  auto const x = m.main.add_input("x", tensor_type(element::f32, {2, 3, 2, 2}));
  m.main.add_node("ChannelsLast", {x}, {"y"}, {}, "octet");
  m.main.outputs = {m.main.find("y")};
  session s{m};
  CHECK_THROWS_AS(s.run({{"x", tensor{element::f32, {2, 3, 2, 2}}}}), error);  // not for models
}
