// Instruction sets that have kernels of their own: their names, which of them this processor has, and the choice among
// those that a program was built with. A unit is compiled for one; the opt-in dispatch chooses when a program starts.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include <octet/core/error.hpp>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace octet {

/// Ordered: of two that a processor has, the later one is faster.
enum class instruction_set : std::uint8_t { generic, avx2, avxvnni, avx512bw, avx512vnni, dotprod, i8mm };

inline constexpr instruction_set instruction_sets[] = {
    instruction_set::generic,    instruction_set::avx2,    instruction_set::avxvnni, instruction_set::avx512bw,
    instruction_set::avx512vnni, instruction_set::dotprod, instruction_set::i8mm};

/// As it is written in OCTET_ARCH and in the build's option.
constexpr std::string_view name(instruction_set s) {
  constexpr std::string_view names[] = {"generic", "avx2", "avxvnni", "avx512bw", "avx512vnni", "dotprod", "i8mm"};
  return names[static_cast<int>(s)];
}

/// What this translation unit was compiled for: the path that its kernels take.
constexpr instruction_set compiled_for() {
#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
  return instruction_set::avx512vnni;
#elif defined(__AVX512BW__)
  return instruction_set::avx512bw;
#elif defined(__AVXVNNI__) && defined(__AVX2__)
  return instruction_set::avxvnni;
#elif defined(__AVX2__)
  return instruction_set::avx2;
#elif defined(__aarch64__) && defined(__ARM_FEATURE_MATMUL_INT8)
  return instruction_set::i8mm;
#elif defined(__aarch64__) && defined(__ARM_FEATURE_DOTPROD)
  return instruction_set::dotprod;
#else
  return instruction_set::generic;
#endif
}

/// Whether this processor, and the system that it runs, can execute code compiled for `s`.
inline bool available(instruction_set s) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool const avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("bmi2");
  bool const avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512cd");
  if (s == instruction_set::avx2) return avx2;
  if (s == instruction_set::avx512bw) return avx512;
  if (s == instruction_set::avx512vnni) return avx512 && __builtin_cpu_supports("avx512vnni");
  if (s == instruction_set::avxvnni) {  // compilers of our age do not know its name
    unsigned a = 0, b = 0, c = 0, d = 0;
    return avx2 && __get_cpuid_count(7, 0, &a, &b, &c, &d) && a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) &&
           (a & (1u << 4)) != 0;
  }
#elif defined(__aarch64__) && defined(__linux__)
  if (s == instruction_set::dotprod) return (getauxval(AT_HWCAP) & (1ul << 20)) != 0;
  if (s == instruction_set::i8mm) return (getauxval(AT_HWCAP) & (1ul << 20)) && (getauxval(AT_HWCAP2) & (1ul << 13));
#endif
  return s == instruction_set::generic;
}

/// The last of `built` that is available, or the one whose name is `wish` (null or empty: none); an error when that is
/// unknown, not among them, or not of this processor. `has` tells what is available.
inline instruction_set choose(std::span<instruction_set const> built, char const* wish,
                              bool (*has)(instruction_set) = &available) {
  std::string const wanted = wish == nullptr ? "" : wish;
  std::string names;
  for (auto const s : built) names += (names.empty() ? "" : ", ") + std::string{name(s)};
  auto best = instruction_set::generic;
  for (auto const s : instruction_sets) {
    bool found = false;
    for (auto const b : built) found = found || b == s;
    if (wanted.empty() && found && has(s)) best = s;
    if (wanted != name(s)) continue;
    if (!found)
      detail::raise(error_kind::usage, "OCTET_ARCH=" + wanted + ": this build has no such kernels", "it has: " + names);
    if (!has(s))
      detail::raise(error_kind::unsupported, "OCTET_ARCH=" + wanted + ": this processor lacks these instructions",
                    "without OCTET_ARCH the best that it has is taken");
    return s;
  }
  if (!wanted.empty())
    detail::raise(error_kind::usage, "OCTET_ARCH=" + wanted + ": no such instruction set", "it may be: " + names);
  return best;
}

}  // namespace octet
