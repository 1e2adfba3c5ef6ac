// A part is a file that says which calibration it belongs to, so that nothing is merged or continued by mistake.
#include "parts.hpp"

#include <sys/stat.h>

#include <charconv>

#include <nlohmann/json.hpp>

#include <octet/calibrate/calibrators.hpp>
#include <octet/calibrate/ranges_file.hpp>
#include <octet/calibrate/resume.hpp>

#include "calibration.hpp"
#include "models.hpp"
#include "samples.hpp"
#include "stages.hpp"

namespace cli {
namespace {

using octet::error;
using octet::error_kind;

/// What must be equal for parts to belong together; the text of this object is their key.
json description(arguments const& args, octet::model const& m, octet::data_files const& all,
                 octet::calibrate_options const& o) {
  return {{"model", fingerprint(m)},  {"data", octet::fingerprint(all)},
          {"samples", all.size()},    {"method", calibrator_text(args, "")},
          {"symmetric", o.symmetric}, {"per_channel", o.per_channel},
          {"op_types", o.op_types},   {"subgraphs", o.subgraphs}};
}

/// The object in a part's key; throws `invalid` for keys that the command line did not write.
json description_in(std::string const& key, std::string const& file) {
  auto const j = parse_json(key, file);
  for (auto const* name : {"model", "data", "method"})
    if (!j.contains(name) || !j[name].is_string()) octet::detail::byte_reader::damaged();
  for (auto const* name : {"symmetric", "per_channel"})
    if (!j.contains(name) || !j[name].is_boolean()) octet::detail::byte_reader::damaged();
  if (!j.contains("samples") || !j["samples"].is_number_unsigned()) octet::detail::byte_reader::damaged();
  return j;
}

/// Throws `invalid`, saying what differs, unless a file's description is the expected one.
void check_same(json const& expected, json const& found, std::string const& file, std::string const& hint) {
  auto const differs = [&](char const* name) { return expected[name] != found[name]; };
  if (expected == found) return;
  auto const method = [](json const& j) { return j["method"].get<std::string>(); };
  std::string const what = differs("model")    ? "another model"
                           : differs("data")   ? "other data"
                           : differs("method") ? "the method " + method(found) + ", not " + method(expected)
                                               : "other settings";
  throw error{error_kind::invalid, "'" + file + "' was made with " + what, file, hint};
}

octet::calibration_outline outline_of(std::string const& path, json& about) {
  auto o = octet::partial_calibration::outline(path);
  about = octet::detail::in_file(path, [&] { return description_in(o.key, path); });
  return o;
}

/// Sets the I and N of --shard, I counted from 0.
void read_shard(arguments const& args, octet::data_options& o) {
  if (!args.has("shard")) return;
  auto const text = args.text("shard");
  auto const slash = std::min(text.find('/'), text.size());
  auto const number = [&](std::string_view s, std::size_t& n) {
    auto const [end, code] = std::from_chars(s.data(), s.data() + s.size(), n);
    return code == std::errc{} && end == s.data() + s.size();
  };
  std::size_t i = 0;
  bool const good = number(std::string_view{text}.substr(0, slash), i) && slash != text.size() &&
                    number(std::string_view{text}.substr(slash + 1), o.shards) && i >= 1 && i <= o.shards;
  if (!good) usage_error("'" + text + "' is not a shard", "--shard 1/4 to --shard 4/4 are four parts");
  o.shard = i - 1;
}

void finish_part(octet::partial_calibration const& part, std::size_t all, std::string const& output, console& out) {
  write_text(part.bytes(), output);
  out.result()["output"] = output;
  out.result()["tensors"] = part.data().names().size();
  out.result()["samples"] = part.samples().size();
  out.report(std::to_string(part.samples().size()) + " of " + std::to_string(all) + " samples -> " + output + "\n");
}

/// Throws `invalid` when samples are missing.
void check_complete(octet::partial_calibration const& part, std::size_t all) {
  auto const& in = part.samples();
  if (in.size() == all) return;
  std::size_t first = 0;
  while (first < in.size() && in[first] == first) ++first;
  throw error{error_kind::invalid,
              std::to_string(all - in.size()) + " of " + std::to_string(all) +
                  " samples are missing, the first is sample " + std::to_string(first),
              {},
              "give the files of all shards, each of which has ended; -o FILE.octcal keeps the union of some"};
}

}  // namespace

void finish_ranges(octet::ranges const& r, std::string const& output, console& out) {
  for (auto const& w : r.warnings) out.warn(w);
  write_text(octet::to_json(r) + "\n", output);
  out.result()["output"] = output;
  out.result()["tensors"] = r.size();
  out.result()["samples"] = r.samples;
  out.report(std::to_string(r.size()) + " tensors, " + std::to_string(r.samples) + " samples -> " + output + "\n");
}

void calibrate_in_parts(arguments const& args, console& out, octet::model const& m,
                        std::vector<std::string> const& paths, octet::calibrate_options o) {
  auto which = data_options_of(args, paths, o.limit);
  octet::data_files const all{paths, m, which};
  read_shard(args, which);
  auto const mine = std::make_shared<octet::data_files const>(paths, m, which);
  check_stride(args, "", all.size());
  auto const about = description(args, m, all, o);
  auto const c = calibrator_of(args, "");
  octet::partial_calibration part{dump(about), octet::calibrated_tensors(m, o.op_types, o.subgraphs), octet::ref(c),
                                  o.per_channel};
  octet::checkpoint const keep{.path = args.text("state"),
                               .samples = static_cast<std::size_t>(args.integer("state-every", 0, 1, 1 << 30))};
  if (keep.path == "-") usage_error("--state needs a file that can be read again");
  if (!keep.path.empty()) check_output(keep.path, args.positional, out);
  struct stat s{};
  if (!keep.path.empty() && ::stat(keep.path.c_str(), &s) == 0) {
    json found;
    outline_of(keep.path, found);
    check_same(about, found, keep.path, "give another --state, or remove the file to begin anew");
    part.load(keep.path);
  }
  out.result()["continued"] = part.samples().size();
  if (!part.samples().empty()) out.note(std::to_string(part.samples().size()) + " samples were finished before");
  calibrate_part(m, *mine, c, o, part, keep, sample_loader(args, m, mine));
  out.end_progress();
  auto const output = args.required("output");
  if (args.has("shard")) finish_part(part, all.size(), output, out);
  else finish_ranges(part.data().choose(o), output, out);
}

void merge_parts(arguments const& args, console& out) {
  std::vector<std::string> others{"shuffle"};
  for (auto const& o : reading_options()) others.emplace_back(o.name);
  for (auto const* other : {"data", "limit", "method", "op-types", "symmetric", "moving-average", "per-channel",
                            "percentile", "num-bins", "num-quantized-bins", "stride", "state", "state-every", "shard",
                            "augmented-model", "augment-only", "enable-subgraph"})
    others.emplace_back(other);
  for (auto const& other : others)
    if (args.has(other)) usage_error("--merge takes no --" + other, "model, data and settings are those of the parts");
  auto const output = args.required("output");
  args.argument(0, "PART");
  check_output(output, args.positional, out);
  json about;
  auto const first = outline_of(args.positional[0], about);
  auto const c = octet::parse_calibrator(about["method"].get<std::string>());
  bool const per_channel = about["per_channel"].get<bool>();
  octet::partial_calibration all{first.key, first.names, octet::ref(c), per_channel};
  for (auto const& path : args.positional) {
    json found;
    outline_of(path, found);
    check_same(about, found, path, "merge parts of one calibration; the first is '" + args.positional[0] + "'");
    octet::partial_calibration one{first.key, first.names, octet::ref(c), per_channel};
    one.load(path);
    octet::detail::in_file(path, [&] { all.merge(one); });
  }
  auto const samples = about["samples"].get<std::size_t>();
  if (output.ends_with(".octcal")) return finish_part(all, samples, output, out);
  check_complete(all, samples);
  finish_ranges(all.data().choose({.symmetric = about["symmetric"].get<bool>(), .per_channel = per_channel}), output,
                out);
}

}  // namespace cli
