#include <octet/report/html.hpp>

#include "example.hpp"

#include <doctest/doctest.h>

TEST_CASE("the page needs nothing else and escapes names") {
  auto const page = octet::to_html(examined_summary());
  CHECK(page.starts_with("<!DOCTYPE html>"));
  CHECK(page.ends_with("</html>\n"));
  for (auto const* outside : {"http:", "https:", "<script", "<img", "<link"}) CHECK(page.find(outside) == page.npos);
  CHECK(page.find("n&lt;1&gt;") != page.npos);
  CHECK(page.find("n<1>") == page.npos);
  CHECK(page.find("no &quot;range&quot;") != page.npos);
}

TEST_CASE("every element that is opened is closed") {
  auto const page = octet::to_html(examined_summary());
  for (std::string const tag :
       {"figure", "svg", "p", "b", "table", "div", "details", "ul", "code", "tr", "td", "h2", "i", "pre", "body"}) {
    auto const count = [&](std::string const& what) {
      std::size_t n = 0;
      for (auto at = page.find(what); at != page.npos; at = page.find(what, at + 1)) {
        auto const next = page[at + what.size()];
        n += next == '>' || next == ' ';
      }
      return n;
    };
    CHECK_MESSAGE(count("<" + tag) == count("</" + tag), tag);
  }
}

TEST_CASE("the page shows size, accuracy, reasons, times and the plan") {
  auto const page = octet::to_html(example_summary());
  for (auto const* text :
       {"25.0 %", "4.00 KB → 1.00 KB", "14.0 dB", "weight is not constant", "calibrate", "weight w INT8", "the second"})
    CHECK_MESSAGE(page.find(text) != page.npos, text);
}

TEST_CASE("the page shows layers, histograms, the bound and the recipe") {
  auto const page = octet::to_html(examined_summary());
  for (auto const* text :
       {"Error along the graph", "Layers, worst first", "Values of tensors", "<svg", "20.5 dB", "1.50 ms",
        "Bias correction", "conv&lt;2&gt;", "left out by hand", "octet quantize static a.onnx -o b.onnx"})
    CHECK_MESSAGE(page.find(text) != page.npos, text);
}
