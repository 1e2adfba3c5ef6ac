#include <octet/calibrate/calibrators.hpp>

#include <doctest/doctest.h>

TEST_CASE("calibrators by name") {
  using octet::parse_calibrator, octet::shipped_calibrator;
  CHECK(parse_calibrator("MinMax") == shipped_calibrator{octet::min_max{}});
  CHECK(parse_calibrator("moving-average") == shipped_calibrator{octet::moving_average{}});
  CHECK(parse_calibrator("percentile:99.99") == shipped_calibrator{octet::percentile{99.99}});
  CHECK(parse_calibrator("percentile:99:asymmetric") == shipped_calibrator{octet::percentile{99, false}});
  CHECK(parse_calibrator("entropy:1024:256") == shipped_calibrator{octet::entropy{1024, 256}});
  CHECK(parse_calibrator("mse") == shipped_calibrator{octet::mse{}});
  CHECK(parse_calibrator("automatic") == shipped_calibrator{octet::automatic{}});
  CHECK(parse_calibrator("automatic:2.5") == shipped_calibrator{octet::automatic{.clipping = 2.5}});
  CHECK(octet::ref(shipped_calibrator{octet::entropy{}}).name == "Entropy");
  for (auto const* bad : {"", "kl", "percentile:101", "percentile:x", "percentile:9:neither", "minmax:1", "entropy:-1",
                          "percentile:nan", "mse:symmetric:1", "automatic:0"})
    CHECK_THROWS_AS(parse_calibrator(bad), octet::error);
}
