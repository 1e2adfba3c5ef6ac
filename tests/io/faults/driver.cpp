// What faults.py kills, starves and locks out: makes, copies and rewrites models; its exit code is the error's kind.
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include <octet/graph.hpp>
#include <octet/io/load.hpp>
#include <octet/io/save.hpp>

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer);
#else
constexpr bool sanitized = false;
#endif

/// A model of `count` weights of 64 KiB, all filled with `value`.
octet::model filled(int count, float value) {
  octet::model m;
  m.ir_version = 8, m.doc = std::to_string(value);
  m.import_opset("", 13);
  for (int i = 0; i < count; ++i)
    m.main.add_initializer("w" + std::to_string(i),
                           octet::tensor::of<float>({16384}, std::vector<float>(16384, value)));
  return m;
}

/// The value that fills a model; throws when it is not one value throughout.
float value_of(octet::model const& m) {
  octet::check(m);
  auto const value = std::stof(m.doc);
  for (auto const v : m.main.initializers) {
    auto const t = m.main[v].initializer->data.align();
    for (auto const x : t.as<float>())
      if (x != value) throw octet::error{octet::error_kind::invalid, "half old, half new"};
  }
  return value;
}

/// Loading and saving throw octet::error when memory runs out, and nothing else.
octet::model load_strictly(std::string const& path) {
  try {
    return octet::load(path);
  } catch (std::bad_alloc const&) {
    std::abort();
  }
}
void save_strictly(octet::model const& m, std::string const& path, octet::save_options const& options = {}) {
  try {
    octet::save(m, path, options);
  } catch (std::bad_alloc const&) {
    std::abort();
  }
}

int run(int count, char** arguments) {
  std::string const command = count > 1 ? arguments[1] : "", path = count > 2 ? arguments[2] : "";
  octet::save_options options;
  if (count > 4 && std::string_view{arguments[4]} == "outside") options.external = octet::external_data::one_file;
  if (command == "sanitized") return sanitized;
  if (command == "load") std::printf("%g\n", double(value_of(load_strictly(path))));
  else if (command == "make" && count > 3) save_strictly(filled(40, std::stof(arguments[3])), path, options);
  else if (command == "copy" && count > 3) save_strictly(load_strictly(path), arguments[3], options);
  else if (command == "rewrite") {  // until somebody ends this
    std::puts("ready"), std::fflush(stdout);
    for (int i = 1;; ++i) {
      save_strictly(filled(40, float(i)), path, options);
      if (i % 3 == 0) save_strictly(load_strictly(path), path);
    }
  } else {
    return 2;
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    return run(count, arguments);
  } catch (octet::error const& e) {
    std::fprintf(stderr, "%s: %s (%s) %s\n", std::string{octet::name(e.kind)}.c_str(), e.what(), e.where.c_str(),
                 e.hint.c_str());
    return static_cast<int>(e.kind);
  } catch (std::bad_alloc const&) {
    std::fputs("runtime: not enough memory for what this program does itself\n", stderr);
    return 5;
  }
}
