// A scratch folder that also makes the folders of the files written into it.
#pragma once

#include "files.hpp"

struct scratch : scratch_folder {
  /// Writes a file (and its folders) and returns its path.
  std::string write(std::string const& name, std::string const& bytes) const {
    auto const file = *this / name;
    std::filesystem::create_directories(std::filesystem::path{file}.parent_path());
    write_file(file, bytes);
    return file;
  }
};
