#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/adapt.hpp>

using namespace octet;
using namespace octet::detail;

namespace {
std::vector<tensor> called(operation const& f, std::vector<tensor> in, std::size_t outputs = 1) {
  std::vector<tensor> out(outputs);
  thread_pool pool{1};
  buffers memory{};
  call c{in, out, pool, memory};
  f(c);
  return out;
}
}  // namespace

TEST_CASE("an operator on floats takes halves, and only its narrow outputs become halves") {
  auto const f = with_half(
      [](call& c) {
        CHECK(c.inputs[0].type() == element::f32);
        c.outputs[0] = c.inputs[0];
        c.outputs[1] = c.inputs[0];
      },
      1);
  tensor h{element::bf16, {1}};
  h.mutable_as<std::uint16_t>()[0] = 0x4000;
  auto const r = called(f, {h}, 2);
  CHECK(r[0].type() == element::bf16);
  CHECK(r[0].as<std::uint16_t>()[0] == 0x4000);
  CHECK(r[1].as<float>()[0] == 2.0f);
  auto const g = with_half([](call& c) { c.outputs[0] = c.inputs[0]; });
  CHECK(called(g, {test::floats_of({1}, {3})})[0].type() == element::f32);
}

TEST_CASE("an operator that moves elements takes strings and packed integers") {
  auto const reversed = with_any_element([](call& c) {
    auto const in = c.inputs[0];
    visit_width(op_label{preparation{.node = node{}}}, in.type(), [&]<class T>(T) {
      auto const x = in.as<T>();
      auto const y = c.make(0, in.type(), in.dims()).template mutable_as<T>();
      std::copy(x.rbegin(), x.rend(), y.begin());
    });
  });
  auto const s = called(reversed, {tensor{{3}, {"a", "b", "a"}}})[0];
  CHECK(std::vector<std::string>(s.strings().begin(), s.strings().end()) == std::vector<std::string>{"a", "b", "a"});
  tensor p{element::u4, {3}};
  p.mutable_bytes()[0] = std::byte{0x21}, p.mutable_bytes()[1] = std::byte{0x03};
  auto const q = called(reversed, {p})[0];
  CHECK(q.type() == element::u4);
  CHECK(q.bytes()[0] == std::byte{0x23});
  CHECK(q.bytes()[1] == std::byte{0x01});
}

TEST_CASE("inputs of different types are refused") {
  auto const f = with_any_element([](call& c) { c.outputs[0] = c.inputs[0]; }, 3);
  CHECK_THROWS_AS(called(f, {tensor{{1}, {"a"}}, test::floats_of({1}, {1})}), error);
}
