// Any bytes that are a model either run, within their limits, or give an octet::error.
#include <cstdint>
#include <span>

#include <octet/exec/session.hpp>
#include <octet/io/load.hpp>

namespace {

/// A tensor of what an input declares: unknown sizes are 2, and none is larger than 64.
octet::tensor value_for(octet::graph const& g, octet::value_id v) {
  auto const& t = g[v].type;
  if (!t || !t->dims) return octet::tensor{octet::element::f32, {2}};
  octet::shape dims;
  std::int64_t size = 1;
  for (auto const& d : *t->dims) {
    std::int64_t const wanted = d.known() ? d.size : 2;
    dims.push_back(wanted > 64 || size * wanted > 4096 ? 1 : wanted);
    size *= dims[dims.rank() - 1];
  }
  return octet::tensor{t->element, dims};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  try {
    auto const m = octet::parse(std::as_bytes(std::span{data, size}), "fuzz", nullptr, {.sort = true});
    octet::feed in;
    for (auto const v : m.main.inputs) in.emplace(m.main[v].name, value_for(m.main, v));
    octet::session s{m, {.memory_limit = std::size_t{1} << 24, .loop_limit = 64}};
    s.run(in);
  } catch (octet::error const&) {  // the promised answer
  }
  return 0;
}
