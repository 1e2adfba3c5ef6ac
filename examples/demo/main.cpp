// What `./dev demo` runs: one model, quantized under six policies, each compared with the float model on labelled data.
//   demo [MODEL --data DIR] [--out DIR]
// DIR holds calib/ and eval/ with samples and perhaps labels.txt; or just samples, which then serve for both.
#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <octet/octet.hpp>

namespace {

using clock_type = std::chrono::steady_clock;

double milliseconds_since(clock_type::time_point t) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - t).count();
}

bool is_folder(std::string const& path) {
  struct stat s{};
  return ::stat(path.c_str(), &s) == 0 && S_ISDIR(s.st_mode);
}

struct paths {
  std::string model = "examples/data/digits_mbv2/model.onnx", data = "examples/data/digits_mbv2",
              out = "build/demo/models";

  std::string calibration() const { return is_folder(data + "/calib") ? data + "/calib" : data; }
  std::string evaluation() const { return is_folder(data + "/eval") ? data + "/eval" : data; }
  std::string stem() const {
    auto const file = model.substr(model.rfind('/') + 1), name = file.substr(0, file.rfind('.'));
    if (name != "model") return name;
    auto const folder = model.substr(0, model.rfind('/'));
    return folder.substr(folder.rfind('/') + 1);
  }
};

paths parse(int argc, char** argv) {
  paths p;
  bool model = false, data = false;
  for (int i = 1; i < argc; ++i) {
    std::string const word = argv[i];
    if ((word == "--data" || word == "--out") && i + 1 < argc) {
      data = data || word == "--data";
      (word == "--data" ? p.data : p.out) = argv[++i];
    } else if (word.starts_with("-") || model) {
      throw octet::error{
          octet::error_kind::usage, "unexpected '" + word + "'", {}, "demo [MODEL --data DIR] [--out DIR]"};
    } else {
      p.model = word, model = true;
    }
  }
  if (model != data)
    throw octet::error{
        octet::error_kind::usage, "a model needs its data, and data its model", {}, "demo MODEL --data DIR"};
  return p;
}

std::vector<octet::feed> read_all(std::string const& path, octet::model const& m) {
  std::vector<octet::feed> all;
  auto next = octet::open_data({path}, m);
  while (auto sample = next()) all.push_back(std::move(*sample));
  return all;
}

std::vector<int> read_labels(std::string const& folder) {
  std::vector<int> all;
  std::ifstream in{folder + "/labels.txt"};
  for (int label; in >> label;) all.push_back(label);
  return all;
}

/// The class that the first output of `m` gives a sample.
int top1(octet::model const& m, octet::feed const& outputs) {
  auto const scores = octet::to_f32(outputs.at(m.main[m.main.outputs[0]].name));
  auto const x = scores.as<float>();
  return static_cast<int>(std::max_element(x.begin(), x.end()) - x.begin());
}

struct result {
  std::vector<octet::feed> outputs{};
  double milliseconds = 0;  ///< per sample
  std::size_t right = 0;
};

result evaluate(octet::model const& m, std::vector<octet::feed> const& samples, std::vector<int> const& labels) {
  octet::session s{m};
  s.prepare();
  result r;
  s.run(samples[0]);  // the first run also fetches memory
  auto const began = clock_type::now();
  for (auto const& sample : samples) r.outputs.push_back(s.run(sample));
  r.milliseconds = milliseconds_since(began) / static_cast<double>(samples.size());
  for (std::size_t i = 0; i < samples.size() && i < labels.size(); ++i) r.right += top1(m, r.outputs[i]) == labels[i];
  return r;
}

std::string share(std::size_t n, std::size_t all) {
  return all == 0 ? "-"
                  : octet::detail::fixed_text(100.0 * static_cast<double>(n) / static_cast<double>(all), 1) + " %";
}

std::uint64_t size_of(std::string const& path) {
  struct stat s{};
  return ::stat(path.c_str(), &s) == 0 ? static_cast<std::uint64_t>(s.st_size) : 0;
}

void run(paths const& p) {
  auto m = octet::load(p.model, {.sort = true});
  auto const samples = read_all(p.evaluation(), m);
  auto const labels = read_labels(p.data);
  auto const used = std::min(labels.size(), samples.size());
  auto began = clock_type::now();
  octet::preprocess(m);
  auto const preprocessed = milliseconds_since(began);
  began = clock_type::now();
  auto const ranges = octet::calibrate(m, octet::open_data({p.calibration()}, m));
  auto const calibrated = milliseconds_since(began);
  auto const whole = evaluate(m, samples, labels);
  std::printf("%s: %s, %zu calibration samples, %zu evaluation samples%s\n", p.model.c_str(),
              octet::detail::bytes_text(size_of(p.model)).c_str(), ranges.samples, samples.size(),
              used == 0 ? ", no labels" : "");
  std::printf("preprocess %.1f ms, calibrate (min-max) %.1f ms; float: top-1 %s, %.2f ms a sample\n\n", preprocessed,
              calibrated, share(whole.right, used).c_str(), whole.milliseconds);
  std::printf("%-18s %9s %7s %9s %8s %10s %9s %13s\n", "policy", "size", "ratio", "top-1", "agrees", "SQNR", "quantize",
              "int8 a sample");
  std::string written;
  for (std::string const policy :
       {"u8u8", "u8u8:per-channel", "u8s8", "u8s8:per-channel", "s8s8", "s8s8:per-channel"}) {
    auto q = m;
    began = clock_type::now();
    octet::visit_policy(octet::parse_policy(policy), [&]<octet::policy P> { return octet::quantize<P>(q, ranges); });
    auto const quantized = milliseconds_since(began);
    auto file = p.out + "/" + p.stem() + "." + policy + ".onnx";
    std::replace(file.begin(), file.end(), ':', '.');
    octet::save(q, file);
    auto const narrow = evaluate(q, samples, labels);
    octet::accuracy a;
    for (std::size_t i = 0; i < samples.size(); ++i) a.add(whole.outputs[i], narrow.outputs[i]);
    auto const& first = a.outputs().at(0);
    std::printf("%-18s %9s %7s %9s %8s %10s %6.1f ms %10.2f ms\n", policy.c_str(),
                octet::detail::bytes_text(size_of(file)).c_str(), share(size_of(file), size_of(p.model)).c_str(),
                share(narrow.right, used).c_str(), share(first.same_top1, first.rows).c_str(),
                octet::detail::decibel_text(first.sqnr_db()).c_str(), quantized, narrow.milliseconds);
    std::fflush(stdout);
    written += "  " + file + "\n";
  }
  std::printf("\nThe models were written to\n%s", written.c_str());
}

void make_folders(std::string const& path) {
  for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
    ::mkdir(path.substr(0, at).c_str(), 0777);
    if (at == path.npos) return;
  }
}

}  // namespace

int main(int argc, char** argv) try {
  auto const p = parse(argc, argv);
  make_folders(p.out);
  run(p);
} catch (octet::error const& e) {
  std::fprintf(stderr, "demo: %s%s%s\n", e.what(), e.hint.empty() ? "" : "; ", e.hint.c_str());
  return static_cast<int>(e.kind);
}
