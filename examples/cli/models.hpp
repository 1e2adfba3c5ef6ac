// Models from files and to files, as every command wants them.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <octet/graph/graph.hpp>

#include "arguments.hpp"
#include "console.hpp"

namespace cli {

/// The model in a file, "-" for stdin, checked and with its nodes in order; `sorted` tells whether they had to be
/// sorted.
octet::model load_model(std::string const& path, bool* sorted = nullptr);

/// 0 where there is no such file.
std::uint64_t file_size(std::string const& path);
/// Bytes of a model's file and of the tensors that it keeps in others.
std::uint64_t file_bytes(std::string const& path, octet::model const& m);

/// A checksum of a model and of the tensors that it keeps in other files.
std::string fingerprint(octet::model const& m);

/// Refuses, before any work is done, an output that cannot be written or is one of the inputs; stdout is taken for "-".
void check_output(std::string const& output, std::span<std::string const> inputs, console& out);

struct external {
  bool wanted = false;
  bool one_file = true;
  std::uint64_t threshold = 0;
  std::string file{};
  bool attributes = true;
};

/// Writes a model, "-" for stdout.
void write_model(octet::model const& m, std::string const& output, external const& x = {});

/// Writes a text file as a whole or not at all, "-" for stdout.
void write_text(std::string const& text, std::string const& output);

/// Makes a folder that is not there yet; its parent must be.
void make_folder(std::string const& path);

}  // namespace cli
