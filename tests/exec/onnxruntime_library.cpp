// Where ONNX Runtime is looked for, and what is said when it is not there.
#include <octet/exec/onnxruntime_library.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("a library that is not there, or is another, is an io error with a hint") {
  auto const fails = [](char const* path, char const* words) {
    try {
      detail::onnxruntime_library::open(path);
      FAIL("opened");
    } catch (error const& e) {
      CHECK(e.kind == error_kind::io);
      CHECK(e.where == path);
      CHECK(std::string{e.what()}.find(words) != std::string::npos);
    }
  };
  fails("/nowhere/libonnxruntime.so", "not found");
  fails("libc.so.6", "no ONNX Runtime");
}

TEST_CASE("the library that the environment names is the only candidate") {
  char const* const before = std::getenv("OCTET_ONNXRUNTIME");
  std::string const kept = before == nullptr ? "" : before;
  setenv("OCTET_ONNXRUNTIME", "/some/where.so", 1);
  CHECK(detail::onnxruntime_library::candidates() == std::vector<std::string>{"/some/where.so"});
  unsetenv("OCTET_ONNXRUNTIME");
  CHECK(detail::onnxruntime_library::candidates().front() == "libonnxruntime.so.1");
  if (before != nullptr) setenv("OCTET_ONNXRUNTIME", kept.c_str(), 1);
}
