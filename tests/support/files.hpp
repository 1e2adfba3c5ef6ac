// Files for tests: a scratch folder that removes itself, whole files as strings, the data that lies beside the
// repository.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

/// A new folder in the system's place for temporary files.
class scratch_folder {
 public:
  scratch_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "octet-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(scratch_folder const&) = delete;
  scratch_folder& operator=(scratch_folder const&) = delete;
  std::string operator/(std::string const& name) const { return path_ + '/' + name; }
  std::string const& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string read_file(std::string const& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

inline void write_file(std::string const& path, std::string const& bytes) {
  std::ofstream{path, std::ios::binary}.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// The repository, for tests that read committed files.
inline std::string repository() {
  char const* const given = std::getenv("OCTET_SOURCE");
  return given != nullptr ? given : ".";
}

/// ../shared/data beside the repository, or "" when it is not there.
inline std::string shared_data() {
  auto const path = repository() + "/../shared/data";
  return std::filesystem::is_directory(path) ? path : "";
}
