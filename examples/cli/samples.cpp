// The one place that opens --data.
#include "samples.hpp"

#include <charconv>

#include <octet/calibrate/readers/decode.hpp>
#include <octet/calibrate/readers/recurrent.hpp>

#include "runner.hpp"

namespace cli {
namespace {

using octet::error;
using octet::error_kind;

/// What came through standard input, which can be read once only.
std::string const& standard_input() {
  static std::string const all = read_text("-");
  return all;
}

std::vector<std::int64_t> integers(std::string_view text, char separator, std::string const& option) {
  std::vector<std::int64_t> all;
  for (auto const word : split(text, separator)) {
    std::int64_t n = 0;
    auto const [end, code] = std::from_chars(word.data(), word.data() + word.size(), n);
    if (code != std::errc{} || end != word.data() + word.size() || n < 1)
      usage_error("option '--" + option + "' takes positive integers, not '" + std::string{text} + "'");
    all.push_back(n);
  }
  return all;
}

std::vector<float> numbers(arguments const& args, std::string const& option) {
  std::vector<float> all;
  for (auto const& word : args.all(option)) {
    char* end = nullptr;
    all.push_back(std::strtof(word.c_str(), &end));
    if (*end != '\0' || !(std::abs(all.back()) <= 1e30f))
      usage_error("option '--" + option + "' takes numbers, not '" + word + "'");
  }
  return all;
}

octet::element raw_type(std::string const& word) {
  using enum octet::element;
  constexpr std::pair<std::string_view, octet::element> names[] = {
      {"float32", f32}, {"float", f32}, {"float16", f16}, {"bfloat16", bf16}, {"float64", f64},
      {"int8", s8},     {"uint8", u8},  {"int16", s16},   {"uint16", u16},    {"int32", s32},
      {"uint32", u32},  {"int64", s64}, {"uint64", u64},  {"bool", boolean}};
  std::string list;
  for (auto const& [name, type] : names) {
    if (name == lower(word)) return type;
    if (name != "float") list += (list.empty() ? "" : ", ") + std::string{name};
  }
  usage_error("option '--raw-type' is one of " + list + ", not '" + word + "'");
}

octet::raw_options raw_of(arguments const& args) {
  octet::raw_options o;
  if (args.has("raw-type")) o.type = raw_type(args.text("raw-type"));
  if (args.has("raw-shape")) {
    auto const dims = integers(args.text("raw-shape"), ',', "raw-shape");
    o.dims = octet::shape{std::span<std::int64_t const>{dims}};
  }
  return o;
}

/// stretch, crop, crop:SHORTER, pad, pad:VALUE.
void read_fit(arguments const& args, octet::image_options& o) {
  auto const word = lower(args.text("image-fit", "stretch"));
  auto const colon = word.find(':');
  auto const name = word.substr(0, colon), more = colon == word.npos ? "" : word.substr(colon + 1);
  if (name == "crop") o.fit = octet::image_fit::crop;
  else if (name == "pad") o.fit = octet::image_fit::pad;
  else if (word != "stretch")
    usage_error("option '--image-fit' is stretch, crop, crop:SHORTER, pad or pad:VALUE, not '" + word + "'");
  if (colon == word.npos) return;
  if (name == "crop") {
    o.shorter = integers(more, ',', "image-fit")[0];
  } else {
    char* end = nullptr;
    o.fill = std::strtof(more.c_str(), &end);
    if (more.empty() || *end != '\0' || !(o.fill >= 0 && o.fill <= 255))
      usage_error("option '--image-fit pad' takes a pixel value from 0 to 255, not '" + more + "'");
  }
}

octet::image_options image_of(arguments const& args) {
  octet::image_options o{.decode = octet::decode_image};
  if (args.has("image-size")) {
    auto const sides = integers(args.text("image-size"), 'x', "image-size");
    if (sides.size() > 2) usage_error("option '--image-size' is HEIGHTxWIDTH or one number");
    o.height = sides[0], o.width = sides.back();
  }
  read_fit(args, o);
  o.filter = static_cast<octet::image_filter>(args.choice("image-filter", {"antialias", "linear", "nearest"}, 0));
  if (args.has("image-layout"))
    o.order = static_cast<octet::image_order>(1 + args.choice("image-layout", {"nchw", "nhwc"}, 0));
  if (args.has("image-channels"))
    o.colour = static_cast<octet::image_colour>(1 + args.choice("image-channels", {"rgb", "bgr", "grey"}, 0));
  if (args.has("image-scale")) o.scale = static_cast<float>(args.number("image-scale", 1, -1e30, 1e30));
  o.mean = numbers(args, "image-mean"), o.deviation = numbers(args, "image-std");
  for (auto const x : o.deviation)
    if (x == 0) usage_error("option '--image-std' takes numbers that are not 0");
  return o;
}

std::vector<octet::recurrent_link> links_of(arguments const& args) {
  std::vector<octet::recurrent_link> all;
  for (auto const& word : args.all("recurrent")) {
    auto const equals = word.find('=');
    if (equals == word.npos || equals == 0 || equals + 1 == word.size())
      usage_error("option '--recurrent' is OUTPUT=INPUT, not '" + word + "'");
    all.push_back({word.substr(0, equals), word.substr(equals + 1)});
  }
  return all;
}

}  // namespace

std::vector<std::string> data_paths(arguments const& args) {
  auto paths = args.all("data");
  if (paths.empty())
    throw error{error_kind::invalid, "No data is collected: --data is missing", {}, "give --data PATH"};
  return paths;
}

octet::data_options data_options_of(arguments const& args, std::vector<std::string> const& paths, std::size_t limit) {
  octet::data_options o{.limit = limit};
  constexpr auto most = std::int64_t{1} << 62;
  o.shuffle = args.has("shuffle");
  o.seed = static_cast<std::uint64_t>(args.integer("shuffle", 0, 0, most));
  o.raw = raw_of(args);
  o.image = image_of(args);
  for (auto& link : links_of(args)) o.fed.push_back(std::move(link.input));
  o.sequences = !o.fed.empty();
  o.sequence_length = static_cast<std::size_t>(args.integer("sequence", 0, 1, most));
  if (args.has("sequence") && !o.sequences)
    usage_error("--sequence says where the state of --recurrent begins anew", "give --recurrent OUTPUT=INPUT");
  if (std::find(paths.begin(), paths.end(), "-") != paths.end()) o.standard_input = standard_input();
  return o;
}

std::function<octet::feed(std::size_t)> sample_loader(arguments const& args, octet::model const& m,
                                                      std::shared_ptr<octet::data_files const> files) {
  auto links = links_of(args);
  if (links.empty()) return [files](std::size_t i) { return files->load(i); };
  auto const runs = std::make_shared<runner>(m, args);
  auto const all = std::make_shared<octet::recurrent_samples>(
      std::move(files), m, std::move(links),
      [runs](octet::feed const& in, std::span<std::string const> fetch) { return runs->run(in, fetch); });
  return [all](std::size_t i) { return all->load(i); };
}

octet::reader samples_of(arguments const& args, octet::model const& m, std::size_t limit) {
  auto const paths = data_paths(args);
  auto const files = std::make_shared<octet::data_files const>(paths, m, data_options_of(args, paths, limit));
  return octet::reader{[files, load = sample_loader(args, m, files), i = std::size_t{0}]() mutable {
                         return i == files->size() ? std::optional<octet::feed>{} : load(i++);
                       },
                       files->size()};
}

}  // namespace cli
