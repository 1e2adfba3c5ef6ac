// Every kernel at sizes in cache and in memory, and products at the shapes of BERT, ResNet and MobileNet layers.
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>

#include <octet/kernels.hpp>

using namespace octet;

template <class T>
static std::vector<T> values(std::ptrdiff_t n) {
  std::mt19937 random{1};
  std::vector<T> v(static_cast<std::size_t>(n));
  for (auto& x : v)
    if constexpr (std::is_same_v<T, float>) x = std::normal_distribution<float>()(random);
    else x = static_cast<T>(random() % 128);
  return v;
}

static void min_max(benchmark::State& state) {
  auto const x = values<float>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(kernels::min_max(x));
  state.SetBytesProcessed(state.iterations() * state.range(0) * 4);
}
BENCHMARK(min_max)->Arg(10'000)->Arg(1'000'000)->Arg(30'000'000);

template <class T>
static void quantize(benchmark::State& state) {
  auto const x = values<float>(state.range(0));
  std::vector<T> q(x.size());
  for (auto _ : state) {
    kernels::quantize(x, {0.02f, std::is_signed_v<T> ? 3 : 131, element_of<T>()}, std::span{q});
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0) * std::int64_t(4 + sizeof(T)));
}
BENCHMARK(quantize<std::uint8_t>)->Arg(10'000)->Arg(1'000'000)->Arg(30'000'000);
BENCHMARK(quantize<std::int16_t>)->Arg(1'000'000);

static void dequantize(benchmark::State& state) {
  auto const q = values<std::uint8_t>(state.range(0));
  std::vector<float> y(q.size());
  for (auto _ : state) {
    kernels::dequantize(std::span{q}, {0.02f, 131, element::u8}, std::span{y});
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0) * 5);
}
BENCHMARK(dequantize)->Arg(10'000)->Arg(1'000'000)->Arg(30'000'000);

static void shapes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"m", "n", "k"});
  for (auto const& s : {std::vector<std::int64_t>{512, 768, 768},
                        {128, 768, 3072},
                        {128, 128, 64},
                        {1, 768, 3072},
                        {3136, 64, 256},
                        {784, 128, 1152},
                        {12544, 16, 32},
                        {196, 576, 96},
                        {49, 1280, 320}})
    b->Args(s);
}

static void count_operations(benchmark::State& state) {
  state.counters["op/s"] = benchmark::Counter(double(2 * state.range(0) * state.range(1) * state.range(2)),
                                              benchmark::Counter::kIsIterationInvariantRate);
}

template <policy P>
static void gemm(benchmark::State& state) {
  auto const m = state.range(0), n = state.range(1), k = state.range(2);
  auto const a = values<kernels::left_element<P>>(m * k);
  auto const b = values<kernels::right_element<P>>(k * n);
  auto const packed = kernels::pack<P>({b.data(), k, n});
  std::vector<std::int32_t> c(static_cast<std::size_t>(m * n));
  for (auto _ : state) {
    kernels::gemm<P>({a.data(), m, k}, packed, matrix<std::int32_t>{c.data(), m, n}, {.a_zero = 3});
    benchmark::ClobberMemory();
  }
  count_operations(state);
}
BENCHMARK(gemm<u8s8>)->Apply(shapes);
BENCHMARK(gemm<s8s8>)->Apply(shapes);
BENCHMARK(gemm<u8u8>)->Apply(shapes);

static void gemm_f32(benchmark::State& state) {
  auto const m = state.range(0), n = state.range(1), k = state.range(2);
  auto const a = values<float>(m * k), b = values<float>(k * n);
  auto const packed = kernels::pack_f32({b.data(), k, n});
  std::vector<float> c(static_cast<std::size_t>(m * n));
  for (auto _ : state) {
    kernels::gemm_f32({a.data(), m, k}, packed, {c.data(), m, n});
    benchmark::ClobberMemory();
  }
  count_operations(state);
}
BENCHMARK(gemm_f32)->Apply(shapes);

template <policy P, bool Transposed>
static void pack(benchmark::State& state) {
  auto const n = state.range(0), k = state.range(1);
  auto const b = values<kernels::right_element<P>>(k * n);
  kernels::packed<P> to;
  for (auto _ : state) {
    kernels::repack(to,
                    Transposed ? matrix<kernels::right_element<P> const>{b.data(), n, k}
                               : matrix<kernels::right_element<P> const>{b.data(), k, n},
                    Transposed);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * n * k);
}
BENCHMARK(pack<u8s8, false>)->Args({128, 64})->Args({768, 768});
BENCHMARK(pack<u8u8, true>)->Args({128, 64})->Args({768, 768});

static void pack_f32(benchmark::State& state) {
  auto const n = state.range(0), k = state.range(1);
  auto const b = values<float>(k * n);
  kernels::packed_f32<> to;
  for (auto _ : state) {
    kernels::repack_f32(to, {b.data(), n, k}, true);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * n * k * 4);
}
BENCHMARK(pack_f32)->Args({128, 64})->Args({768, 768});

BENCHMARK_MAIN();
