#include <doctest/doctest.h>

#include <array>
#include <string>

#include <octet/kernels/instruction_set.hpp>

using namespace octet;

namespace {

constexpr std::array three{instruction_set::generic, instruction_set::avx2, instruction_set::avx512vnni};
bool without_avx512(instruction_set s) { return s <= instruction_set::avx2; }
bool with_all(instruction_set) { return true; }

std::string choice_fails(char const* wish, error_kind kind) {
  try {
    choose(three, wish, &without_avx512);
  } catch (error const& e) {
    CHECK(e.kind == kind);
    return std::string{e.what()} + "; " + e.hint;
  }
  return "";
}

}  // namespace

TEST_CASE("this unit runs, so the processor has what it was compiled for") {
  CHECK(available(compiled_for()));
  CHECK(available(instruction_set::generic));
#ifdef OCTET_EXPECTED_PATH
  CHECK(name(compiled_for()) == OCTET_EXPECTED_PATH);
#endif
}

TEST_CASE("the best that is built and available is chosen, or what is asked for") {
  CHECK(choose(three, nullptr, &with_all) == instruction_set::avx512vnni);
  CHECK(choose(three, "", &without_avx512) == instruction_set::avx2);
  CHECK(choose(three, "generic", &with_all) == instruction_set::generic);
  CHECK(choose(three, "avx2", &with_all) == instruction_set::avx2);
}

TEST_CASE("a name that is unknown, not built or not of this processor is an error that says what there is") {
  CHECK(choice_fails("avx1024", error_kind::usage) ==
        "OCTET_ARCH=avx1024: no such instruction set; it may be: generic, avx2, avx512vnni");
  CHECK(choice_fails("AVX2", error_kind::usage).find("no such instruction set") != std::string::npos);
  CHECK(choice_fails("avx512bw", error_kind::usage) ==
        "OCTET_ARCH=avx512bw: this build has no such kernels; it has: generic, avx2, avx512vnni");
  CHECK(choice_fails("avx512vnni", error_kind::unsupported).find("lacks these instructions") != std::string::npos);
}

TEST_CASE("every set has a name of its own") {
  for (auto const s : instruction_sets) {
    auto const same = [&](char const* wish) { return choose(instruction_sets, wish, &with_all) == s; };
    CHECK(same(std::string{name(s)}.c_str()));
  }
}
