// Times octet's kernels and those of its peers on request, so that peers.py can interleave all of them in one run:
//   prepare KIND M N K   →  names of who can do it, one line
//   time NAME MS         →  nanoseconds of one call
#include <cstdio>
#include <cstring>
#include <iostream>
#include <sstream>

#include "work.hpp"

namespace peers {
namespace {

template <policy P>
void add_product(works& all, dims d) {
  auto const a = values<kernels::left_element<P>>(d.m * d.k);
  auto const b = values<kernels::right_element<P>>(d.k * d.n);
  auto const packed = std::make_shared<kernels::packed<P>>(kernels::pack<P>({b->data(), d.k, d.n}));
  auto const c = std::make_shared<std::vector<std::int32_t>>(std::size_t(d.m * d.n));
  all["octet"] = [=] { kernels::gemm<P>({a->data(), d.m, d.k}, *packed, matrix<std::int32_t>{c->data(), d.m, d.n}); };
}

void add_float_product(works& all, dims d) {
  auto const a = values<float>(d.m * d.k), b = values<float>(d.k * d.n), c = values<float>(d.m * d.n);
  auto const packed = std::make_shared<kernels::packed_f32<>>(kernels::pack_f32({b->data(), d.k, d.n}));
  all["octet"] = [=] { kernels::gemm_f32({a->data(), d.m, d.k}, *packed, {c->data(), d.m, d.n}); };
}

/// A loop that only reads the bytes of B (bound of M = 1) and memcpy.
void add_memory(works& all, std::ptrdiff_t bytes) {
  auto const x = values<float>(bytes / 4 + 64);
  auto const to = std::make_shared<std::vector<float>>(x->size());
  all["read"] = [=] {
    using ints = xsimd::batch<std::int32_t>;
    constexpr auto lanes = static_cast<std::ptrdiff_t>(ints::size);
    auto const* p = reinterpret_cast<std::int32_t const*>(x->data());
    ints s[8];
    for (auto& t : s) t = ints(0);
    for (std::ptrdiff_t n = bytes / 4; n >= 8 * lanes; n -= 8 * lanes, p += 8 * lanes)
      kernels::unroll<8>([&](auto i) OCTET_INLINE_LAMBDA { s[i] = s[i] ^ ints::load_unaligned(p + i * lanes); });
    static volatile std::int32_t sink;
    ints all_of = s[0];
    for (int i = 1; i < 8; ++i) all_of = all_of ^ s[i];
    std::int32_t t[ints::size];
    all_of.store_unaligned(t);
    sink = t[0];
    (void)sink;
  };
  all["copy"] = [=] { std::memcpy(to->data(), x->data(), static_cast<std::size_t>(bytes)); };
}

void add_elements(works& all, std::string const& kind, std::ptrdiff_t n) {
  auto const x = values<float>(n);
  auto const q = values<std::uint8_t>(n);
  grid const g{0.02f, 131, element::u8};
  if (kind == "quantize") all["octet"] = [=] { kernels::quantize(std::span<float const>{*x}, g, std::span{*q}); };
  if (kind == "dequantize") all["octet"] = [=] { kernels::dequantize(std::span{*q}, g, std::span{*x}); };
  if (kind == "min_max")
    all["octet"] = [=] {
      static volatile float sink;
      sink = kernels::min_max(*x).high;
      (void)sink;
    };
  add_memory(all, kind == "min_max" ? 4 * n : 5 * n / 2);  // copy: what is read and written together is 5 n bytes
}

works prepare(std::string const& kind, dims d) {
  works all;
  if (kind == "u8s8") add_product<u8s8>(all, d);
  if (kind == "s8s8") add_product<s8s8>(all, d);
  if (kind == "u8u8") add_product<u8u8>(all, d);
  if (kind == "f32") add_float_product(all, d);
  if (kind == "quantize" || kind == "dequantize" || kind == "min_max") {
    add_elements(all, kind, d.n);
    return all;
  }
  all["peak"] =
      kind == "f32" ? &peak<kernels::fma1<xsimd::default_arch>>::run : &peak<kernels::dot4<xsimd::default_arch>>::run;
  if (d.m == 1) add_memory(all, d.n * d.k * (kind == "f32" ? 4 : 1)), all.erase("copy");
  add_dnnl(all, kind, d);
  add_blas(all, kind, d);
  return all;
}

}  // namespace
}  // namespace peers

int main() {
  using namespace peers;
  works now;
  std::string line;
  std::printf("octet peers %s %.0f %.0f\n", std::string{name(compiled_for())}.c_str(),
              peak<kernels::dot4<xsimd::default_arch>>::operations,
              peak<kernels::fma1<xsimd::default_arch>>::operations);
  std::fflush(stdout);
  while (std::getline(std::cin, line)) {
    std::istringstream words{line};
    std::string command, what;
    words >> command >> what;
    if (command == "prepare") {
      dims d;
      words >> d.m >> d.n >> d.k;
      now = prepare(what, d);
      for (auto const& [who, f] : now) std::printf("%s ", who.c_str());
      std::printf("\n");
    } else {
      double least = 2;
      words >> least;
      std::printf("%.1f\n", nanoseconds(now.at(what), least));
    }
    std::fflush(stdout);
  }
}
