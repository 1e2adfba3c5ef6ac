// A layer of a network as one step: a product with constant weights, its bias, limits or an activation. Domain "octet":
// these nodes exist in graphs that are only run, never in files.
#pragma once

#include <limits>
#include <memory>
#include <string>

#include <octet/exec/ops/linear.hpp>
#include <octet/exec/ops/row_activation.hpp>

namespace octet {
namespace detail {

/// X, W, B (may be left out). `matrix`: X must be one.
class linear_layer {
 public:
  explicit linear_layer(preparation const& p)
      : product_{p.get("product", std::string{"MatMul"})},
        matrix_{p.get("matrix", std::int64_t{0}) != 0},
        low_{p.get("low", -std::numeric_limits<float>::infinity())},
        high_{p.get("high", std::numeric_limits<float>::infinity())},
        activation_{noted_activation(p.node)} {
    auto const* w = p.constant(1);
    bool const turned = p.get("transB", std::int64_t{0}) != 0;
    if (w == nullptr || w->type() != element::f32 || w->rank() != 2)
      op_label{p}.invalid("the weights are not a matrix");
    shape_ = w->dims();
    auto const rows = w->dims()[0], columns = w->dims()[1];
    auto const* const from = w->as<float>().data();
    weights_ = turned ? pack_right(from, columns, rows, 1, columns) : pack_right(from, rows, columns, columns, 1);
  }

  void operator()(call& c) const {
    auto const& x = c.inputs[0];
    if (x.type() != element::f32) refuse("the inputs have different types");
    if (matrix_ && x.rank() != 2) refuse("A must be a matrix, not " + x.dims().text());
    if (x.rank() == 0 || x.dims()[x.rank() - 1] != weights_.k)
      refuse("A of " + x.dims().text() + " and B of " + shape_.text() + " do not fit");
    auto const f = matmul_form::of(x.dims(), {weights_.k, weights_.n});
    auto* const y = c.make(0, element::f32, f.output).mutable_as<float>().data();
    kernels::float_terms const terms{.low = low_, .high = high_, .then = activation_.then()};
    if (f.batches == 1)
      product(c.pool, matrix<float const>{x.as<float>().data(), f.m, f.k}, weights_,
              c.has(2) ? c.inputs[2].as<float>().data() : nullptr, matrix<float>{y, f.m, f.n}, terms);
  }

 private:
  /// As the operator of the model whose place this took.
  [[noreturn]] void refuse(std::string const& what) const { throw error{error_kind::invalid, product_ + ": " + what}; }

  std::string product_;
  shape shape_{};
  bool matrix_;
  float low_, high_;
  row_activation activation_;
  right_f32 weights_{};
};

inline operation prepare_linear_layer(preparation const& p) {
  expect_inputs(p, 2, 3);
  return [self = std::make_shared<linear_layer const>(p)](call& c) { (*self)(c); };
}

}  // namespace detail

inline constexpr operator_entry linear_layer_operators[] = {
    {"Linear", "octet", 1, &detail::prepare_linear_layer},
};

}  // namespace octet
