#include <octet/io/sparse.hpp>

#include <doctest/doctest.h>

#include <octet/graph/check.hpp>

using namespace octet;

namespace {
std::string message(int field, std::string const& body) {
  return std::string{static_cast<char>(field << 3 | 2), static_cast<char>(body.size())} + body;
}
/// A TensorProto of raw bytes with the given dims.
template <class T>
std::string tensor_message(std::vector<char> const& dims, char type, std::vector<T> const& v, std::string name = {}) {
  std::string s;
  for (auto const d : dims) s += std::string{'\x08', d};
  s += std::string{'\x10', type};
  if (!name.empty()) s += message(8, name);
  return s + message(9, {reinterpret_cast<char const*>(v.data()), v.size() * sizeof(T)});
}
std::string sparse_message(std::string const& indices, std::vector<float> const& values, std::string const& dims) {
  auto const n = static_cast<char>(values.size());
  return message(1, tensor_message({n}, 1, values, "w")) + message(2, indices) + message(3, dims);
}
model with_sparse(std::string bytes) {
  model m{.ir_version = 8};
  m.import_opset("", 17);
  auto& g = m.main;
  auto const w = g.add_value("w");
  g[w].sparse = true;
  g.sparse.push_back({std::move(bytes)});
  g.outputs = {g[g.add_node("Neg", {w}, {"y"})].outputs[0]};
  return m;
}
std::vector<float> dense_of(std::string bytes) {
  auto m = with_sparse(std::move(bytes));
  CHECK(make_dense(m) == 1);
  check(m);
  CHECK(m.main.sparse.empty());
  auto const* t = m.main.constant(m.main.find("w"));
  REQUIRE(t != nullptr);
  CHECK(t->dims() == shape{2, 3});
  return {t->as<float>().begin(), t->as<float>().end()};
}
}  // namespace

TEST_CASE("a sparse initializer becomes a dense one, with indices into the flat tensor or of each axis") {
  std::vector<float> const want{0, 5, 0, 0, 0, 7};
  auto const flat = tensor_message<std::int64_t>({2}, 7, {1, 5});
  auto const pairs = tensor_message<std::int64_t>({2, 2}, 7, {0, 1, 1, 2});
  CHECK(dense_of(sparse_message(flat, {5, 7}, {"\x02\x03", 2})) == want);
  CHECK(dense_of(sparse_message(pairs, {5, 7}, {"\x02\x03", 2})) == want);
}

TEST_CASE("indices outside of the shape and lists that do not fit are refused") {
  for (auto const& indices :
       {tensor_message<std::int64_t>({2}, 7, {1, 6}), tensor_message<std::int64_t>({2}, 7, {-1, 2}),
        tensor_message<std::int64_t>({2, 2}, 7, {0, 3, 0, 0}), tensor_message<std::int64_t>({1}, 7, {1})}) {
    auto m = with_sparse(sparse_message(indices, {5, 7}, {"\x02\x03", 2}));
    CHECK_THROWS_AS(make_dense(m), error);
  }
}

TEST_CASE("what cannot be read stays sparse") {
  auto m = with_sparse(sparse_message(tensor_message<std::int32_t>({2}, 6, {1, 5}), {5, 7}, {"\x02\x03", 2}));
  CHECK(make_dense(m) == 0);
  CHECK(m.main[m.main.find("w")].sparse);
  CHECK(!detail::dense_initializer(m.main, m.main.find("w")).has_value());
}
