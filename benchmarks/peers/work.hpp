// A piece of work that can be timed at any moment: what peers.cpp interleaves with its peers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <octet/kernels.hpp>
#include <octet/kernels/instruction_set.hpp>

namespace peers {

using namespace octet;

struct dims {
  std::ptrdiff_t m = 0, n = 0, k = 0;
};

/// What one prepared problem can run, by who computes it: octet, a library, or a bound of the machine.
using works = std::map<std::string, std::function<void()>>;

/// Nanoseconds of this process's own time for one call: as many calls as fill `least_ms`. Time that other processes
/// take from a shared machine does not count, what they do to its caches does.
inline double nanoseconds(std::function<void()> const& f, double least_ms) {
  auto const now = [] {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e9 * double(t.tv_sec) + double(t.tv_nsec);
  };
  for (std::int64_t calls = 1;;) {
    double const began = now();
    for (std::int64_t i = 0; i < calls; ++i) f();
    double const spent = now() - began;
    if (spent > least_ms * 1e6) return spent / double(calls);
    calls = std::max(2 * calls, static_cast<std::int64_t>(double(calls) * least_ms * 1.2e6 / std::max(spent, 1e3)));
  }
}

template <class T>
std::shared_ptr<std::vector<T>> values(std::ptrdiff_t n) {
  std::mt19937 random{1};
  auto v = std::make_shared<std::vector<T>>(static_cast<std::size_t>(n));
  for (auto& x : *v)
    if constexpr (std::is_same_v<T, float>) x = std::uniform_real_distribution<float>(-2, 2)(random);
    else x = static_cast<T>(random());
  return v;
}

/// The instruction of the dot product on registers alone: what no product can exceed.
template <class Dot>
struct peak {
  static constexpr int chains = 12, rounds = 1000;
  static constexpr double operations = 2.0 * Dot::step * double(Dot::acc::size) * chains * rounds;

  static void run() {
    using acc = typename Dot::acc;
    alignas(64) static float const memory[64] = {1, 2, 3, 4, 5, 6, 7, 8};
    auto const left = Dot::left(Dot::broadcast(memory));
    auto const right = Dot::right(memory);
    acc c[chains];
    kernels::unroll<chains>([&](auto i) OCTET_INLINE_LAMBDA { c[i] = acc(0); });
    for (int r = 0; r < rounds; ++r)
      kernels::unroll<chains>([&](auto i) OCTET_INLINE_LAMBDA {
        c[i] = Dot::dot(c[i], left, right);
#if defined(__x86_64__)
        asm volatile("" : "+v"(c[i].data));  // equal chains would become one
#endif
      });
    alignas(64) static typename acc::value_type out[64];
    kernels::unroll<chains>([&](auto i) OCTET_INLINE_LAMBDA { c[i].store_unaligned(out); });
  }
};

void add_dnnl(works&, std::string const& kind, dims);
void add_blas(works&, std::string const& kind, dims);

}  // namespace peers
