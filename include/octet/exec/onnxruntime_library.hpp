// ONNX Runtime's C interface as a library that is found when the program runs. Its functions stand in a table whose
// order never changes (the interface's promise of binary compatibility), so neither its header nor a link is needed.
#pragma once

#include <dlfcn.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <octet/core/error.hpp>

namespace octet::detail {

/// Places in the table of functions, OrtApi.
enum class ort : std::size_t {
  get_error_message = 2,
  create_env = 3,
  create_session = 7,
  create_session_from_array = 8,
  run = 9,
  create_session_options = 10,
  set_log_severity = 22,
  set_optimization_level = 23,
  set_intra_threads = 24,
  tensor_over_bytes = 49,
  is_tensor = 50,
  tensor_bytes = 51,
  element_type = 60,
  dimension_count = 61,
  dimensions = 62,
  type_and_shape = 65,
  cpu_memory = 69,
  release_env = 92,
  release_status = 93,
  release_memory = 94,
  release_session = 95,
  release_value = 96,
  release_type_and_shape = 99,
  release_session_options = 100,
};

/// Something of ONNX Runtime's own, released with its last owner.
using ort_object = std::shared_ptr<void>;

class onnxruntime_library {
 public:
  /// Loads the library at `path`; an empty path searches (`candidates`). Throws `io` when there is none.
  static std::shared_ptr<onnxruntime_library const> open(std::string const& path = {}) {
    std::string tried;
    for (auto const& p : path.empty() ? candidates() : std::vector{path}) {
      if (void* const h = dlopen(p.c_str(), RTLD_NOW | RTLD_LOCAL))
        return std::shared_ptr<onnxruntime_library const>{new onnxruntime_library{h, p}};
      tried += " " + p;
    }
    throw error{error_kind::io, "ONNX Runtime was not found", path,
                "set OCTET_ONNXRUNTIME to its library (of the PyPI package: onnxruntime/capi/libonnxruntime.so.*); "
                "tried:" +
                    tried};
  }

  /// $OCTET_ONNXRUNTIME; or else the system's library, and the one in an active Python environment.
  static std::vector<std::string> candidates() {
    if (char const* const named = std::getenv("OCTET_ONNXRUNTIME"); named != nullptr && *named != '\0') return {named};
    std::vector<std::string> all{"libonnxruntime.so.1", "libonnxruntime.so"};
    namespace fs = std::filesystem;
    std::error_code failed;
    if (char const* const root = std::getenv("VIRTUAL_ENV"))
      for (auto const& python : fs::directory_iterator{fs::path{root} / "lib", failed})
        for (auto const& file :
             fs::directory_iterator{python.path() / "site-packages" / "onnxruntime" / "capi", failed})
          if (file.path().filename().string().starts_with("libonnxruntime.so")) all.push_back(file.path().string());
    return all;
  }

  onnxruntime_library(onnxruntime_library const&) = delete;
  onnxruntime_library& operator=(onnxruntime_library const&) = delete;

  /// Calls a function that returns a status; a failure is thrown with its words as `kind`.
  template <class... A>
  void call(error_kind kind, ort which, A... a) const {
    if (void* const status = function<void*(A...)>(which)(a...)) {
      std::string const words = function<char const*(void*)>(ort::get_error_message)(status);
      release(ort::release_status, status);
      throw error{kind, "ONNX Runtime: " + words};
    }
  }

  /// The object that a function makes in its last argument.
  template <class... A>
  ort_object make(error_kind kind, ort which, ort release_by, A... a) const {
    void* made = nullptr;
    call(kind, which, a..., &made);
    return own(made, release_by);
  }

  ort_object own(void* made, ort release_by) const {
    return {made, [this, release_by](void* p) {
              if (p != nullptr) release(release_by, p);
            }};
  }

  std::string const& version() const { return version_; }

 private:
  struct base {
    void const* const* (*table)(std::uint32_t version);
    char const* (*version)();
  };
  // Old enough for any that is in use; all that is needed is in it.
  static constexpr std::uint32_t interface_version = 11;

  onnxruntime_library(void* handle, std::string const& path) {
    auto const get = reinterpret_cast<base const* (*)()>(dlsym(handle, "OrtGetApiBase"));
    if (get != nullptr) version_ = get()->version(), table_ = get()->table(interface_version);
    if (table_ == nullptr) throw error{error_kind::io, "this is no ONNX Runtime", path};
  }

  template <class F>
  std::add_pointer_t<F> function(ort which) const {
    return reinterpret_cast<std::add_pointer_t<F>>(const_cast<void*>(table_[static_cast<std::size_t>(which)]));
  }
  void release(ort by, void* p) const { function<void(void*)>(by)(p); }

  void const* const* table_ = nullptr;  // the library stays loaded: its threads outlive whoever used it
  std::string version_{};
};

}  // namespace octet::detail
