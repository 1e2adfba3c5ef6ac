// What the command line says: text for people, one JSON object for programs, progress where it takes long.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <octet/core/error.hpp>

#include "json.hpp"

namespace cli {

class arguments;

class console {
 public:
  console();
  ~console();

  /// Reads --quiet, --verbose, --json, --color.
  void configure(arguments const& args);
  void want_json() { json_ = true; }

  bool json_wanted() const { return json_; }
  bool quiet() const { return quiet_; }
  int verbosity() const { return verbosity_; }
  bool colour(int fd) const;
  /// Columns of the terminal at stderr, 100 where it is none.
  std::size_t width() const;

  json& result() { return *result_; }
  /// With --json: exactly this object, without status and warnings.
  void only(json object);
  /// The result is told with an error too: what the error is about.
  void keep_result() { kept_ = true; }
  /// From now on stdout holds a model or a file: nothing else is written to it.
  void take_stdout() { stdout_taken_ = true; }
  bool stdout_taken() const { return stdout_taken_; }

  /// Text that is the command's result, on stdout; nothing with --json.
  void text(std::string_view s) const;
  /// The report of a command that writes a file, on stderr; nothing with --json or --quiet.
  void report(std::string_view s);
  void warn(std::string const& text);
  /// With --verbose: what is being done.
  void note(std::string const& text, int verbosity = 1);

  /// Called often while something takes long: shows it after a second, on a terminal or with --verbose.
  void progress(std::string_view what, std::size_t done, std::size_t all);
  void end_progress();

  void finish(std::string_view command);
  int fail(std::string_view command, octet::error const& e);

 private:
  void message(std::string_view kind, std::string_view tint, std::string const& text);
  void write_json(json const& object) const;

  bool json_ = false, quiet_ = false, stdout_taken_ = false, progress_shown_ = false, only_ = false, kept_ = false;
  int verbosity_ = 0, colour_ = -1;
  std::vector<std::string> warnings_{};
  std::unique_ptr<json> result_;
  std::string stage_{};
  std::chrono::steady_clock::time_point stage_began_{}, last_shown_{};
};

}  // namespace cli
