#include <octet/report/text.hpp>

#include "example.hpp"

#include <doctest/doctest.h>

TEST_CASE("the report is aligned and says everything once") {
  auto const expected = R"(quantize static  int8 x int8, QDQ
a.onnx -> b.onnx

Operators    nodes  quantized  absorbed  float
  Conv           2          1         .      1
  Bar            1          .         .      1
  Foo            1          .         .      1
  Relu           1          .         1      .
  all            5          1         1      3

Stays float
  2 nodes: weight is not constant
      conv_2, n<1>
  1 node: no "range"
      bar

Size
  file     4.00 KB -> 1.00 KB  (25.0 %)
  weights  3.00 KB -> 800 B  (26.7 %)

Against the float model, 1 sample
  output        SQNR   same top-1
  y          14.0 dB   0 of 1  (0 %)

Time
  load 1.2 ms, calibrate 1.5 s, in all 1.5 s

Warnings
  - the first, with a consequence
  - the second
)";
  CHECK(octet::to_text(example_summary()) == expected);
}

TEST_CASE("operators are counted where names would be too many, warnings can be left out") {
  auto const text = octet::to_text(example_summary(), {.names = 1, .warnings = false});
  CHECK(text.find("      Conv ×1, Foo ×1\n") != text.npos);
  CHECK(text.find("Warnings") == text.npos);
}

TEST_CASE("colour adds escape sequences and nothing else") {
  auto colourful = octet::to_text(example_summary(), {.colour = true});
  CHECK(colourful.find("\x1b[1mquantize static\x1b[0m") == 0);
  for (std::size_t at; (at = colourful.find('\x1b')) != colourful.npos;)
    colourful.erase(at, colourful.find('m', at) + 1 - at);
  CHECK(colourful == octet::to_text(example_summary()));
}

TEST_CASE("an empty summary has no empty tables") {
  auto const text = octet::to_text({});
  CHECK(text.find("Operators") == text.npos);
  CHECK(text.find("Stays float") == text.npos);
  CHECK(text.find("Against") == text.npos);
}

TEST_CASE("what was tried and kept, and what a bound costs in time") {
  auto const all = octet::to_text(examined_summary());
  for (auto const* text : {"Bias correction", "3.5 dB -> 4.2 dB; kept 1 of 2", "-0.75 dB noise  conv_1 (Conv)\n",
                           "a run takes 2.5 ms in float, 1.25 ms with everything quantized, 1.5 ms as written"})
    CHECK_MESSAGE(all.find(text) != all.npos, text);
}
