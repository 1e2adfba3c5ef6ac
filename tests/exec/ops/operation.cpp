// What an operator is given: tensors to make, and when one may be made over another.
#include <octet/exec/ops/operation.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("an output is made over an input only when nobody else sees its bytes and the width fits") {
  thread_pool pool{1};
  buffers memory;
  tensor in[1] = {memory.make(element::f32, {4})}, out[3];
  call c{in, out, pool, memory};
  auto const* const bytes = in[0].bytes().data();
  CHECK(c.make_over(0, 0, element::u8, {4}).bytes().data() != bytes);
  CHECK(c.make_over(1, 0, element::s32, {2, 2}).bytes().data() == bytes);
  CHECK(out[1].dims() == shape{2, 2});
  CHECK(c.make_over(2, 0, element::f32, {4}).bytes().data() != bytes);  // output 1 shares them now
}

TEST_CASE("inputs that are left out are empty, constants are known where they are given") {
  thread_pool pool{1};
  buffers memory;
  tensor in[2] = {tensor::scalar(1.f), {}};
  call c{in, {}, pool, memory};
  CHECK(c.has(0));
  CHECK(!c.has(1));
  CHECK(!c.has(2));
  node n;
  n.inputs = {value_id{0}, value_id::none};
  preparation const p{.node = n, .opset = 1, .constants = in};
  CHECK(p.constant(0)->as<float>()[0] == 1);
  CHECK(p.constant(1) == nullptr);
  CHECK(p.constant(5) == nullptr);
  CHECK(p.has_input(0));
  CHECK(!p.has_input(1));
}
