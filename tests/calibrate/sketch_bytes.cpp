#include <octet/calibrate/sketch_bytes.hpp>

#include <doctest/doctest.h>

#include <random>
#include <vector>

using octet::sketch, octet::sketch_bytes, octet::sketch_parts;

namespace {
std::string bytes(sketch const& s) {
  octet::detail::byte_writer w;
  sketch_bytes::write(s, w);
  return w.bytes();
}
sketch read(std::string const& b) {
  octet::detail::byte_reader r{b};
  auto s = sketch_bytes::read(r);
  if (!r.done()) r.damaged();
  return s;
}
}  // namespace

TEST_CASE("sketches of any parts come back") {
  std::mt19937 random{4};
  std::vector<float> x(3000);
  for (auto& v : x) v = std::ldexp(std::uniform_real_distribution<float>{-1, 1}(random), int(random() % 200) - 100);
  for (unsigned parts = 0; parts <= 15; ++parts) {
    sketch s{static_cast<sketch_parts>(parts)}, none{static_cast<sketch_parts>(parts)};
    s.observe(x);
    s.observe_channels(x, 3, 10);
    s.end_sample();
    CHECK(read(bytes(s)) == s);
    CHECK(read(bytes(none)) == none);
  }
}

TEST_CASE("damaged bytes give an error or another sketch, never more") {
  sketch s;
  s.observe(std::vector<float>{1, -2, 3, 1000});
  s.observe_channels(std::vector<float>{1, 2}, 2, 1);
  s.end_sample();
  auto const good = bytes(s);
  for (std::size_t n = 0; n < good.size(); ++n) CHECK_THROWS_AS(read(good.substr(0, n)), octet::error);
  for (std::size_t i = 0; i < good.size(); ++i)
    for (int const b : {1, 0x80, 0xff}) {
      auto bad = good;
      bad[i] = static_cast<char>(bad[i] ^ b);
      try {
        auto const t = read(bad);
        CHECK(t.counts().total() == t.count());
      } catch (octet::error const&) {
      }
    }
}
