#include <octet/calibrate/readers/signature.hpp>

#include <doctest/doctest.h>

using octet::element, octet::tensor;

namespace {
octet::model two_inputs() {
  octet::model m;
  auto t = octet::tensor_type(element::f32, {1, 2});
  (*t.dims)[0] = octet::dimension{"batch"};
  m.main.add_input("x", t);
  m.main.add_input("n", octet::tensor_type(element::s64, {}));
  return m;
}

std::string complaint(octet::feed const& sample) {
  try {
    octet::detail::check_sample(octet::inputs_of(two_inputs()), sample, "f.npz");
  } catch (octet::error const& e) {
    CHECK(e.kind == octet::error_kind::invalid);
    CHECK(e.where == "f.npz");
    return e.what();
  }
  return "";
}
}  // namespace

TEST_CASE("a sample has exactly the model's inputs, of its types") {
  auto const x = tensor::of<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  auto const n = tensor::scalar(std::int64_t{1});
  CHECK(complaint({{"x", x}, {"n", n}}) == "");
  CHECK(complaint({{"x", x}}) == "f.npz: tensor 'n' is missing, the model wants INT64[]");
  CHECK(complaint({{"x", x}, {"n", n}, {"z", n}}) == "f.npz: tensor 'z' (INT64[]) is not an input of the model");
  CHECK(complaint({{"x", x}, {"n", tensor::scalar(1.f)}}) == "f.npz: tensor 'n' is FLOAT[], the model wants INT64[]");
  CHECK(complaint({{"x", x.reshaped({2, 3})}, {"n", n}}) ==
        "f.npz: tensor 'x' is FLOAT[2,3], the model wants FLOAT[batch,2]");
  CHECK(complaint({{"x", x.reshaped({6})}, {"n", n}}) ==
        "f.npz: tensor 'x' is FLOAT[6], the model wants FLOAT[batch,2]");
}

TEST_CASE("an input with an initializer may be left out") {
  auto m = two_inputs();
  auto const v = m.main.find("n");
  m.main[v].initializer = octet::stored_tensor{.data = tensor::scalar(std::int64_t{1})};
  CHECK_NOTHROW(octet::detail::check_sample(octet::inputs_of(m), {{"x", tensor::of<float>({1, 2}, {1, 2})}}, "f"));
}
