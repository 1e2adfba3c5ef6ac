#include <octet/calibrate/entropy.hpp>

#include <doctest/doctest.h>

#include <random>
#include <vector>

namespace {
octet::sketch of(std::vector<float> const& x) {
  octet::sketch s;
  s.observe(x);
  return s;
}

/// The divergence as its definition says: P and Q written out.
double written_out(std::vector<double> const& counts, std::size_t n, std::size_t levels) {
  std::vector<double> p(counts.begin(), counts.begin() + std::ptrdiff_t(n)), q(n, 0);
  for (std::size_t i = n; i < counts.size(); ++i) p.back() += counts[i];
  double inside = 0, all = 0;
  for (std::size_t level = 0; level < levels; ++level) {
    double sum = 0, used = 0;
    auto const from = level * n / levels, to = (level + 1) * n / levels;
    for (auto i = from; i < to; ++i) sum += counts[i], used += counts[i] > 0;
    for (auto i = from; i < to; ++i)
      if (counts[i] > 0) q[i] = sum / used;
    inside += sum;
  }
  for (auto const v : counts) all += v;
  double kl = 0;
  for (std::size_t i = 0; i < n; ++i)
    if (p[i] > 0) kl += p[i] / all * std::log(p[i] / all / ((q[i] > 0 ? q[i] : 1e-4 * inside / double(n)) / inside));
  return kl;
}
}  // namespace

TEST_CASE("running sums give the divergence of its definition") {
  std::mt19937 random{5};
  std::vector<double> counts(500);
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = double(random() % (1 + 200000 / (1 + i * i)));
  octet::detail::divergence const kl{counts, 64};
  for (std::size_t n = 64; n <= 500; n += 7) CHECK(kl(n) == doctest::Approx(written_out(counts, n, 64)).epsilon(1e-9));
}

TEST_CASE("A12, A15: outliers are clipped, where the tail is thin") {
  std::mt19937 random{6};
  std::normal_distribution<float> normal;
  std::vector<float> x(200000);
  for (auto& v : x) v = normal(random);
  auto const plain = octet::entropy{}.choose(of(x));
  CHECK(plain.high > 2.5);
  x.push_back(100);
  auto const r = octet::entropy{}.choose(of(x));
  CHECK(r.high < 20);
  CHECK(r.high > 2.5);
  CHECK(r.low > -20);
}

TEST_CASE("an even distribution is kept whole") {
  std::vector<float> x;
  for (int i = 0; i < 100000; ++i) x.push_back(float(i % 1000) / 1000);
  auto const s = of(x);
  CHECK(octet::entropy{}.choose(s).high > 0.95f);
  CHECK(octet::entropy{.bins = 128}.choose(s) == s.extremes());  // as many bins as levels: nothing to search
  CHECK(octet::entropy{}.choose(of({0})) == octet::range{0, 0});
  CHECK(octet::entropy{.bins = 0, .quantized_bins = 0}.choose(of({-1, 1, 3})).high <= 3);
}
