// What is refused of a feed; the words are tried through the session and through every backend.
#include <octet/exec/bind.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("an input without a type takes any tensor, one with a type takes only its own") {
  value untyped{.name = "u"};
  CHECK(detail::checked_input(untyped, tensor::scalar(std::int64_t{3})).type() == element::s64);
  value typed{.name = "t", .type = value_type{.element = element::f32, .dims = std::vector<dimension>{2}}};
  CHECK(detail::checked_input(typed, tensor::of<float>({2}, {1, 2})).dims() == shape{2});
  CHECK_THROWS_WITH_AS(detail::checked_input(typed, tensor::of<float>({3}, {1, 2, 3})),
                       "input 't' is FLOAT[2] and was given FLOAT[3]", error);
}

TEST_CASE("the hint lists the inputs that have to be given") {
  graph g;
  g.add_input("x", {.element = element::f32, .dims = std::vector<dimension>{dimension{"n"}, 2}});
  CHECK(detail::inputs_text(g) == "the model's inputs: x FLOAT[n,2]");
  CHECK_THROWS_AS(detail::refuse_unknown(g, {{"y", tensor::scalar(1.f)}}), error);
  CHECK_THROWS_AS(detail::value_of(g, "y"), error);
}
