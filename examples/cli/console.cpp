// Messages go to stderr, results to stdout; a program that asks for JSON gets one object and nothing else.
#include "console.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <nlohmann/json.hpp>

#include "arguments.hpp"

namespace cli {

console::console() : result_{std::make_unique<json>(json::object())} {}
console::~console() = default;

void console::configure(arguments const& args) {
  json_ = args.flag("json");
  quiet_ = args.flag("quiet");
  if (auto const* v = args.find("verbose"))
    for (auto const& each : v->values) verbosity_ = each == "true" ? verbosity_ + 1 : 0;
  constexpr int choices[] = {-1, 1, 0};
  colour_ = choices[args.choice("color", {"auto", "always", "never"}, 0)];
}

bool console::colour(int fd) const {
  if (colour_ >= 0) return colour_ == 1;
  auto const* const no = std::getenv("NO_COLOR");
  auto const* const term = std::getenv("TERM");
  return (no == nullptr || *no == '\0') && (term == nullptr || std::strcmp(term, "dumb") != 0) && isatty(fd) != 0;
}

std::size_t console::width() const {
  winsize w{};
  if (ioctl(2, TIOCGWINSZ, &w) == 0 && w.ws_col >= 40) return w.ws_col;
  return 100;
}

void console::text(std::string_view s) const {
  if (json_) return;
  std::fwrite(s.data(), 1, s.size(), stdout);
}

void console::report(std::string_view s) {
  end_progress();
  if (json_ || quiet_) return;
  std::fwrite(s.data(), 1, s.size(), stderr);
}

void console::message(std::string_view kind, std::string_view tint, std::string const& text) {
  end_progress();
  bool const c = colour(2);
  std::string line = "octet: ";
  if (c) line += tint;
  line += kind;
  if (c) line += "\x1b[0m";
  line += ": ";
  for (char const x : text) line += x == '\n' ? ' ' : x;
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void console::warn(std::string const& text) {
  warnings_.push_back(text);
  if (!quiet_) message("warning", "\x1b[1;33m", text);
}

void console::note(std::string const& text, int verbosity) {
  if (quiet_ || verbosity_ < verbosity) return;
  end_progress();
  std::fprintf(stderr, "%s\n", text.c_str());
}

void console::progress(std::string_view what, std::size_t done, std::size_t all) {
  using namespace std::chrono_literals;
  if (quiet_) return;
  auto const now = std::chrono::steady_clock::now();
  if (what != stage_) {
    end_progress();
    stage_ = what, stage_began_ = now, last_shown_ = {};
  }
  bool const terminal = isatty(2) != 0;
  if (!terminal && verbosity_ == 0) return;
  if (now - stage_began_ < 1s || now - last_shown_ < (terminal ? 100ms : 2000ms)) return;
  last_shown_ = now;
  char line[200];
  double const seconds = std::chrono::duration<double>(now - stage_began_).count();
  int n;
  if (all == 0) n = std::snprintf(line, sizeof line, "%s: %zu, %.0f s", stage_.c_str(), done, seconds);
  else
    n = std::snprintf(line, sizeof line, "%s: %zu of %zu, %.0f s%s", stage_.c_str(), done, all, seconds,
                      done == 0 ? ""
                                : (", " +
                                   std::to_string(static_cast<long>(seconds / static_cast<double>(done) *
                                                                    static_cast<double>(all - done))) +
                                   " s left")
                                      .c_str());
  (void)n;
  std::fprintf(stderr, terminal ? "\r\x1b[K%s" : "%s\n", line);
  std::fflush(stderr);
  progress_shown_ = terminal;
}

void console::end_progress() {
  if (progress_shown_) std::fputs("\r\x1b[K", stderr);
  progress_shown_ = false;
  stage_.clear();
}

void console::write_json(json const& object) const {
  auto const line = dump(object) + "\n";
  std::fwrite(line.data(), 1, line.size(), stdout_taken_ ? stderr : stdout);
}

void console::only(json object) {
  *result_ = std::move(object);
  only_ = true;
}

void console::finish(std::string_view command) {
  end_progress();
  if (json_ && only_) {
    write_json(*result_);
  } else if (json_) {
    json all{{"status", "ok"}, {"command", command}};
    if (result_->contains("output")) all["output"] = (*result_)["output"];
    all["warnings"] = warnings_;
    for (auto const& item : result_->items()) all[item.key()] = item.value();
    write_json(all);
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    throw octet::error{octet::error_kind::io, std::string{"cannot write to stdout: "} + std::strerror(errno)};
}

int console::fail(std::string_view command, octet::error const& e) {
  std::string text = e.what();
  if (!e.where.empty() && text.find(e.where) == text.npos) text += " (at " + e.where + ")";
  if (!e.hint.empty()) text += "; " + e.hint;
  message("error", "\x1b[1;31m", text);
  if (json_) {
    json error{{"kind", octet::name(e.kind)}, {"message", e.what()}};
    if (!e.where.empty()) error["where"] = e.where;
    if (!e.hint.empty()) error["hint"] = e.hint;
    json all{{"status", "error"}, {"command", command}, {"error", error}, {"warnings", warnings_}};
    if (kept_)
      for (auto const& item : result_->items()) all[item.key()] = item.value();
    write_json(all);
    std::fflush(stdout);
  }
  return static_cast<int>(e.kind);
}

}  // namespace cli
