#include <octet/report/html_charts.hpp>

#include "example.hpp"

#include <doctest/doctest.h>

TEST_CASE("the strip has one block a node, coloured where the layer has an error") {
  auto const strip = octet::detail::layer_strip(examined_summary());
  std::size_t blocks = 0;
  for (auto at = strip.find("<i "); at != strip.npos; at = strip.find("<i ", at + 1)) ++blocks;
  CHECK(blocks == 5);
  CHECK(strip.find("title=\"Conv conv_1: 7.0 dB\" style=\"background:hsl(0 65% 45%)\"") != strip.npos);
  CHECK(strip.find("title=\"Relu relu: 45.0 dB\" style=\"background:hsl(120 65% 45%)\"") != strip.npos);
  CHECK(strip.find("title=\"Conv conv_2\">") != strip.npos);
  CHECK(octet::detail::error_colour(25) == "hsl(60 65% 45%)");
}

TEST_CASE("the table of layers says cause and advice") {
  auto const table = octet::detail::layer_table(examined_summary().layers);
  for (auto const* text : {"t&lt;2&gt;", "clipped range", "values 0 … 9", "calibrate anew", "7.0 dB", "5.0 dB"})
    CHECK_MESSAGE(table.find(text) != table.npos, text);
}

TEST_CASE("histograms: heights are square roots, the range lies behind") {
  auto const all = octet::detail::histograms(examined_summary());
  // counts 4 9 0 1: square roots 2 3 0 1, the largest 60 high; each bar a quarter of 256; the range is the first half
  CHECK(all.find("M0.0 64v-40.0h64.0v40.0z") != all.npos);
  CHECK(all.find("M64.0 64v-60.0h64.0v60.0z") != all.npos);
  CHECK(all.find("M128.0") == all.npos);
  CHECK(all.find("M192.0 64v-20.0h64.0v20.0z") != all.npos);
  CHECK(all.find("<rect x=\"0.0\" width=\"128.0\"") != all.npos);
  CHECK(all.find("0 … 1") != all.npos);
}
