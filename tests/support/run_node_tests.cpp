// Runs ONNX test directories (model.onnx, test_data_set_K/input_J.pb, output_J.pb) in the embedded session.
//   run_node_tests [--tolerance RELATIVE ABSOLUTE] [--of-maximum RELATIVE] [--threads N] DIRECTORY…
// prints one line for each and a summary; the exit code tells whether all passed. With --of-maximum an output may
// differ by RELATIVE · max|expected|; otherwise a file `tolerance` in the directory may hold the two numbers.
#include <sys/stat.h>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <octet/exec/ops/convert.hpp>
#include <octet/exec/session.hpp>
#include <octet/io/load.hpp>
#include <octet/io/tensor_file.hpp>

using namespace octet;

namespace {

struct limits {
  double relative = 1e-3, absolute = 1e-7, of_maximum = 0;
  unsigned threads = 1;
};

bool exists(std::string const& path) {
  struct stat s;
  return stat(path.c_str(), &s) == 0;
}

std::vector<double> numbers(tensor const& t) {
  std::vector<double> r(static_cast<std::size_t>(t.size()));
  auto const floating = detail::carrier_of(t.type()) == detail::carrier::f32;
  for (std::size_t i = 0; i < r.size(); ++i) {
    auto const at = static_cast<std::int64_t>(i);
    if (t.type() == element::f64) r[i] = t.as<double>()[i];
    else if (t.type() == element::u64) r[i] = static_cast<double>(t.as<std::uint64_t>()[i]);
    else if (floating) {
      float x;
      detail::load_floats(t.type(), t.bytes().data(), at, 1, &x);
      r[i] = x;
    } else {
      std::int64_t x;
      detail::load_integers(t.type(), t.bytes().data(), at, 1, &x);
      r[i] = static_cast<double>(x);
    }
  }
  return r;
}

/// Empty when `got` is what was expected, else why not.
std::string compare(tensor const& got, tensor const& want, limits const& l) {
  if (got.type() != want.type()) return "type " + onnx_name(got.type()) + " instead of " + onnx_name(want.type());
  if (got.dims() != want.dims()) return "shape " + got.dims().text() + " instead of " + want.dims().text();
  if (got.type() == element::text) {
    auto const a = got.strings(), b = want.strings();
    return std::equal(a.begin(), a.end(), b.begin()) ? "" : "other strings";
  }
  auto const a = numbers(got), b = numbers(want);
  double most = 0, worst = 0;
  std::size_t wrong = 0;
  for (auto const x : b) most = std::isfinite(x) ? std::max(most, std::fabs(x)) : most;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
    auto const allowed = l.of_maximum > 0 ? l.of_maximum * most : l.absolute + l.relative * std::fabs(b[i]);
    auto const distance = std::fabs(a[i] - b[i]);
    if (!(distance <= allowed)) ++wrong;
    worst = std::max(worst, std::isnan(distance) ? INFINITY : distance);
  }
  if (wrong == 0) return "";
  return std::to_string(wrong) + " of " + std::to_string(a.size()) + " values differ, by up to " +
         std::to_string(worst) + " (largest " + std::to_string(most) + ")";
}

std::string run_set(session& s, model const& m, std::string const& folder, limits const& l) {
  feed in;
  std::vector<value_id> inputs;
  for (auto const v : m.main.inputs) inputs.push_back(v);
  auto const listed = [&](std::vector<value_id> const& all, std::size_t j) {
    if (j >= all.size() || !m.main[all[j]].type || m.main[all[j]].type->is_tensor()) return false;
    if (!m.main[all[j]].type->is_sequence()) throw error{error_kind::unsupported, "a map, or an optional of its own"};
    return true;
  };
  for (std::size_t j = 0; exists(folder + "/input_" + std::to_string(j) + ".pb"); ++j) {
    std::string name;
    auto const file = folder + "/input_" + std::to_string(j) + ".pb";
    auto t = listed(inputs, j) ? tensor::sequence(load_sequence(file, &name)) : load_tensor(file, &name);
    if (name.empty() || m.main.find(name) == value_id::none) name = j < inputs.size() ? m.main[inputs[j]].name : name;
    in[name] = std::move(t);
  }
  for (std::size_t j = 0; j < inputs.size(); ++j) listed(inputs, j);
  auto const out = s.run(in);
  for (std::size_t j = 0; j < m.main.outputs.size(); ++j) {
    auto const file = folder + "/output_" + std::to_string(j) + ".pb";
    if (!exists(file)) continue;
    auto const& name = m.main[m.main.outputs[j]].name;
    auto const want = listed(m.main.outputs, j) ? load_sequence(file) : std::vector{load_tensor(file)};
    auto const& got = out.at(name);
    auto const items = got.is_sequence() ? std::vector(got.items().begin(), got.items().end()) : std::vector{got};
    if (items.size() != want.size()) return "output " + name + ": " + std::to_string(items.size()) + " tensors";
    for (std::size_t i = 0; i < want.size(); ++i)
      if (auto const why = compare(items[i], want[i], l); !why.empty()) return "output " + name + ": " + why;
  }
  return "";
}

std::string run_directory(std::string const& folder, limits l) {
  if (std::ifstream t{folder + "/tolerance"}; t && l.of_maximum == 0) t >> l.relative >> l.absolute;
  auto const m = load(folder + "/model.onnx", {.sort = true});
  session s{m, {.threads = l.threads}};
  int sets = 0;
  for (auto const& base : {folder, folder + "/eval"})
    for (int k = 0; exists(base + "/test_data_set_" + std::to_string(k)); ++k, ++sets)
      if (auto const why = run_set(s, m, base + "/test_data_set_" + std::to_string(k), l); !why.empty())
        return "set " + std::to_string(k) + ": " + why;
  return sets == 0 ? "no test data" : "";
}

}  // namespace

int main(int argc, char** argv) {
  limits l;
  int passed = 0, unsupported = 0, failed = 0;
  for (int i = 1; i < argc; ++i) {
    std::string const a = argv[i];
    if (a == "--tolerance" && i + 2 < argc) {
      l.relative = std::atof(argv[++i]), l.absolute = std::atof(argv[++i]);
      continue;
    }
    if (a == "--of-maximum" && i + 1 < argc) {
      l.of_maximum = std::atof(argv[++i]);
      continue;
    }
    if (a == "--threads" && i + 1 < argc) {
      l.threads = static_cast<unsigned>(std::atoi(argv[++i]));
      continue;
    }
    auto const slash = a.find_last_of('/');
    auto const name = slash == std::string::npos ? a : a.substr(slash + 1);
    char const* verdict = "FAIL";
    std::string why;
    try {
      why = run_directory(a, l);
      if (why.empty()) verdict = "pass";
    } catch (error const& e) {
      verdict = e.kind == error_kind::unsupported ? "unsupported" : "FAIL";
      why = (e.where.empty() ? "" : e.where + ": ") + e.what();
    } catch (std::exception const& e) {
      why = std::string{"exception: "} + e.what();
    }
    ++(verdict[0] == 'p' ? passed : verdict[0] == 'u' ? unsupported : failed);
    std::printf("%-11s %s%s%s\n", verdict, name.c_str(), why.empty() ? "" : ": ", why.c_str());
    std::fflush(stdout);
  }
  std::printf("%d passed, %d unsupported, %d failed\n", passed, unsupported, failed);
  return failed + unsupported == 0 ? 0 : 1;
}
