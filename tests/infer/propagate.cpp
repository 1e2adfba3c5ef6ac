#include <octet/infer/propagate.hpp>

#include <doctest/doctest.h>

#include <support/builder.hpp>

TEST_CASE("an operator's inference is found in its domain, ai.onnx having two names") {
  auto const found = [](std::string_view op, std::string_view domain) {
    return octet::inference_of(op, domain) != nullptr;
  };
  CHECK(found("Relu", ""));
  CHECK(found("Relu", "ai.onnx"));
  CHECK(found("QAttention", "com.microsoft"));
  CHECK(!found("QAttention", ""));
  CHECK(!found("Nonsense", ""));
}

TEST_CASE("what the file states fills what inference leaves open, and does not overrule it") {
  support::builder g{13};
  auto const x = g.input("x", {2, 3});
  auto const known = g(octet::ops::Relu, {x}), open = g(octet::ops::op{"Mystery", "example"}, {x});
  g.m.main[known].type = octet::tensor_type(octet::element::f32, octet::shape{7, 7});
  g.m.main[open].type = octet::tensor_type(octet::element::f32, octet::shape{5});
  auto const facts = octet::facts_of(g.m);
  CHECK(facts(g.m.main, known).dims->at(0).constant() == 2);
  CHECK(facts(g.m.main, open).dims->at(0).constant() == 5);
}
