#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/strided.hpp>

using namespace octet;
using namespace octet::detail;

namespace {
op_label const who{preparation{.node = node{}}};

/// Copies by the engine and by the definition, for one element type.
template <class T>
bool copies(std::int64_t size, strided_view const& v, unsigned threads) {
  tensor in{element_of<T>(), {size}};
  for (std::int64_t i = 0; i < size; ++i) in.mutable_as<T>()[i] = static_cast<T>(i * 7 + 1);
  shape dims;
  for (auto const d : v.dims) dims.push_back(d);
  tensor out{element_of<T>(), dims};
  std::vector<tensor> none;
  thread_pool pool{threads};
  buffers memory{};
  call c{none, none, pool, memory};
  copy_strided(c, who, in, v, out);
  for (std::int64_t i = 0; i < out.size(); ++i) {
    std::int64_t at = v.offset, rest = i;
    for (std::size_t d = v.dims.size(); d-- != 0; rest /= v.dims[d]) at += rest % v.dims[d] * v.strides[d];
    if (out.as<T>()[i] != in.as<T>()[at]) return false;
  }
  return true;
}
strided_view view(std::int64_t offset, std::vector<std::int64_t> dims, std::vector<std::int64_t> strides) {
  strided_view v;
  v.offset = offset, v.dims = std::move(dims), v.strides = std::move(strides);
  return v;
}
}  // namespace

TEST_CASE("any strides are followed, for elements of every width and any number of threads") {
  strided_view const all[] = {
      view(0, {3, 4}, {4, 1}),           // contiguous
      view(0, {37, 53}, {1, 37}),        // a transpose with uneven blocks
      view(0, {5, 37, 19}, {1, 95, 5}),  // the last axis first
      view(0, {64, 1, 96}, {96, 5, 1}),  //
      view(0, {2, 3, 4, 5}, {1, 40, 2, 8}),
      view(1999, {20, 100}, {-100, -1}),  // backwards
      view(3, {7, 9}, {0, 2}),            // repeated rows, every other element
      view(0, {6, 500}, {1, 0}),          // one value a row
      view(0, {300, 300}, {1, 300}),      // enough for several tasks
      view(5, {1}, {1}),
      view(0, {}, {}),
      view(0, {0, 4}, {4, 1}),
  };
  for (auto const& v : all) {
    std::int64_t last = v.offset;
    for (std::size_t d = 0; d < v.dims.size(); ++d)
      last += std::max<std::int64_t>(v.dims[d] - 1, 0) * std::max<std::int64_t>(v.strides[d], 0);
    for (unsigned threads : {1u, 2u}) {
      CHECK(copies<std::uint8_t>(last + 1, v, threads));
      CHECK(copies<std::uint16_t>(last + 1, v, threads));
      CHECK(copies<float>(last + 1, v, threads));
      CHECK(copies<std::int64_t>(last + 1, v, threads));
    }
  }
}

TEST_CASE("dimensions that one loop can walk are merged") {
  auto v = view(0, {2, 1, 3, 4}, {12, 99, 4, 1});
  v.collapse();
  CHECK(v.contiguous());
  v = view(0, {2, 3, 4}, {1, 8, 2});
  v.collapse();
  CHECK(v.dims == std::vector<std::int64_t>{2, 12});
  CHECK(v.strides == std::vector<std::int64_t>{1, 2});
  CHECK(!v.contiguous());
}

TEST_CASE("an odometer may start anywhere") {
  std::vector<std::int64_t> const dims{2, 3, 2}, strides{100, 10, 1};
  for (std::int64_t start = 0; start < 12; ++start) {
    odometer o{dims, strides, start};
    for (auto i = start; i < 12; ++i, o.next()) CHECK(o.offset == i / 6 * 100 + i / 2 % 3 * 10 + i % 2);
  }
}
