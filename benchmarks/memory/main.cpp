// Runs a model some times in one of two runtimes and prints the most memory that the process ever had (VmHWM), in
// kilobytes: what the libraries themselves take, and what the whole run took. memory.py makes a table of it.
//   peak-memory octet|onnxruntime MODEL SAMPLE [RUNS [OUTPUT…]]      SAMPLE: a folder with input_0.pb …
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <octet/exec/onnxruntime_library.hpp>
#include <octet/exec/session.hpp>
#include <octet/io/load.hpp>
#include <octet/io/tensor_file.hpp>

namespace {

long peak() {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;)
    if (word == "VmHWM:") {
      long kilobytes = 0;
      status >> kilobytes;
      return kilobytes;
    }
  return 0;
}

octet::feed inputs_in(std::string const& folder) {
  octet::feed all;
  struct stat s;
  for (int j = 0;; ++j) {
    auto const path = folder + "/input_" + std::to_string(j) + ".pb";
    if (stat(path.c_str(), &s) != 0) return all;
    std::string name;
    auto t = octet::load_tensor(path, &name);
    all[name] = std::move(t);
  }
}

void run_octet(std::string const& path, octet::feed const& in, int runs) {
  auto const m = octet::load(path);
  octet::session s{m};
  for (int i = 0; i < runs; ++i) s.run(in);
}

/// From the file, as its users open one: with all optimizations, on one thread.
class peer {
 public:
  using ort = octet::detail::ort;

  peer() {
    env_ = library_->make(i, ort::create_env, ort::release_env, 3, "octet");
    memory_ = library_->make(i, ort::cpu_memory, ort::release_memory, 1, 0);
    settings_ = library_->make(i, ort::create_session_options, ort::release_session_options);
    library_->call(i, ort::set_log_severity, settings_.get(), 3);
    library_->call(i, ort::set_intra_threads, settings_.get(), 1);
  }
  void run(std::string const& path, octet::feed const& in, std::vector<std::string> const& fetch, int runs) const {
    auto const session = library_->make(i, ort::create_session, ort::release_session, env_.get(), path.c_str(),
                                        static_cast<void const*>(settings_.get()));
    std::vector<octet::detail::ort_object> values;
    std::vector<char const*> from, to;
    std::vector<void*> inputs;
    for (auto const& [name, t] : in) {
      std::vector<std::int64_t> const d(t.dims().begin(), t.dims().end());
      values.push_back(library_->make(i, ort::tensor_over_bytes, ort::release_value,
                                      static_cast<void const*>(memory_.get()),
                                      const_cast<void*>(static_cast<void const*>(t.bytes().data())), t.bytes().size(),
                                      d.data(), d.size(), static_cast<int>(t.type())));
      from.push_back(name.c_str()), inputs.push_back(values.back().get());
    }
    for (auto const& name : fetch) to.push_back(name.c_str());
    for (int k = 0; k < runs; ++k) {
      std::vector<void*> out(fetch.size());
      library_->call(i, ort::run, session.get(), static_cast<void*>(nullptr), from.data(), inputs.data(), inputs.size(),
                     to.data(), to.size(), out.data());
      for (auto* const v : out) library_->own(v, ort::release_value);
    }
  }

 private:
  static constexpr auto i = octet::error_kind::runtime;
  std::shared_ptr<octet::detail::onnxruntime_library const> library_ = octet::detail::onnxruntime_library::open();
  octet::detail::ort_object env_{}, memory_{}, settings_{};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || (std::strcmp(argv[1], "octet") != 0 && std::strcmp(argv[1], "onnxruntime") != 0)) {
    std::fprintf(stderr, "usage: peak-memory octet|onnxruntime MODEL SAMPLE [RUNS [OUTPUT…]]\n");
    return 2;
  }
  try {
    auto const in = inputs_in(argv[3]);
    int const runs = argc > 4 ? std::atoi(argv[4]) : 3;
    std::vector<std::string> const fetch(argv + std::min(argc, 5), argv + argc);
    if (std::strcmp(argv[1], "octet") == 0) {
      std::printf("%ld ", peak());
      run_octet(argv[2], in, runs);
    } else {
      peer const p;
      std::printf("%ld ", peak());
      p.run(argv[2], in, fetch, runs);
    }
    std::printf("%ld\n", peak());
  } catch (octet::error const& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
