// The only unit that reads and writes model files.
#include "models.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstdio>

#include <octet/graph/check.hpp>
#include <octet/io/load.hpp>
#include <octet/io/replace_file.hpp>
#include <octet/io/save.hpp>

namespace cli {
namespace {

using octet::error;
using octet::error_kind;

void to_stdout(std::span<std::byte const> bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size())
    octet::detail::io_failure("write to", "stdout", errno);
}

}  // namespace

octet::model load_model(std::string const& path, bool* sorted) {
  auto m = octet::load(path);
  auto const order = m.main.order;
  octet::located(path == "-" ? "stdin" : path, [&] { m.main.sort(); });
  if (sorted != nullptr) *sorted = order != m.main.order;
  octet::located(path == "-" ? "stdin" : path, [&] { octet::check(m); });
  return m;
}

std::uint64_t file_size(std::string const& path) {
  struct stat s{};
  return path != "-" && ::stat(path.c_str(), &s) == 0 ? static_cast<std::uint64_t>(s.st_size) : 0;
}

std::uint64_t file_bytes(std::string const& path, octet::model const& m) {
  auto n = file_size(path);
  octet::for_each_stored_tensor(
      m, [&](auto const& t, auto const&) { n += t.storage == octet::storage::external ? t.data.bytes().size() : 0; },
      [&](auto const& t, auto const&) { n += t.storage == octet::storage::external ? t.data.bytes().size() : 0; });
  return n;
}

std::string fingerprint(octet::model const& m) {
  uLong sum = 0;
  std::uint64_t size = 0;
  auto const add = [&](std::span<std::byte const> b) {
    sum = ::crc32_z(sum, reinterpret_cast<Bytef const*>(b.data()), b.size());
    size += b.size();
  };
  auto const outside = [&](auto const& t, auto const&) {
    if (t.storage == octet::storage::external) add(t.data.bytes());
  };
  octet::write(m, add);
  octet::for_each_stored_tensor(m, outside, outside);
  return std::to_string(sum) + '-' + std::to_string(size);
}

void check_output(std::string const& output, std::span<std::string const> inputs, console& out) {
  if (output == "-") return out.take_stdout();
  auto const folder = octet::detail::folder_of(output);
  struct stat s{};
  if (::stat(folder.empty() ? "." : folder.c_str(), &s) != 0)
    throw error{error_kind::io, "cannot write '" + output + "': there is no folder '" + folder + "'", output,
                "make it first"};
  if (::stat(output.c_str(), &s) != 0) return;
  if (S_ISDIR(s.st_mode)) throw error{error_kind::io, "cannot write '" + output + "': it is a folder", output};
  for (auto const& input : inputs) {
    struct stat other{};
    if (S_ISREG(s.st_mode) && ::stat(input.c_str(), &other) == 0 && other.st_dev == s.st_dev &&
        other.st_ino == s.st_ino)
      throw error{error_kind::invalid, "the output '" + output + "' is the input; input files are never modified",
                  output};
  }
}

void write_model(octet::model const& m, std::string const& output, external const& x) {
  if (output == "-") {
    octet::write(m, [](std::span<std::byte const> bytes) { to_stdout(bytes); });
    return;
  }
  octet::save_options o;
  if (x.wanted) {
    o.external = x.one_file ? octet::external_data::one_file : octet::external_data::file_per_tensor;
    o.threshold = x.threshold, o.file_name = x.file, o.attributes = x.attributes;
  }
  octet::save(m, output, o);
}

void write_text(std::string const& text, std::string const& output) {
  auto const bytes = octet::detail::as_view(text);
  if (output == "-") to_stdout(bytes);
  else octet::detail::save_bytes(bytes, output);
}

void make_folder(std::string const& path) {
  struct stat s{};
  if (::stat(path.c_str(), &s) == 0 && S_ISDIR(s.st_mode)) return;
  if (::mkdir(path.c_str(), 0777) != 0) octet::detail::io_failure("make the folder", path, errno);
}

}  // namespace cli
