#include <octet/calibrate/min_max.hpp>

#include <doctest/doctest.h>

#include <vector>

TEST_CASE("min_max takes everything, moving_average the mean of the samples' extremes") {
  octet::sketch s;
  for (std::vector<float> const& x : {std::vector<float>{-1, 2}, {-3, 4}, {-2, 30}}) s.observe(x), s.end_sample();
  CHECK(octet::min_max{}.choose(s) == octet::range{-3, 30});
  CHECK(octet::moving_average{}.choose(s) == octet::range{-2, 12});
}
