// Samples as ONNX's own test data stores them: a folder of input_0.pb, input_1.pb, …, each a TensorProto.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <octet/calibrate/readers/signature.hpp>
#include <octet/io/load.hpp>

namespace octet {

/// A tensor and the name that its file gives it.
struct named_tensor {
  std::string name{};
  tensor data{};
};

/// The TensorProto in a file; external data is looked for beside it. Throws `io` and `invalid`.
inline named_tensor load_tensor(std::string const& path) {
  return detail::in_file(path, [&] {
    auto const s = detail::open_source(path);
    if (s.bytes.empty()) throw error{error_kind::invalid, "the file is empty"};
    wire::TensorProto m;
    detail::parse_outline(s.bytes, detail::part::tensor, m);
    detail::external_files external{true, detail::folder_of(path)};
    named_tensor t;
    auto stored = detail::read_tensor(m, {s.bytes, s.owner, &external}, &t.name);
    if (!stored.data) throw error{error_kind::unsupported, "the element type of the tensor is unknown"};
    t.data = std::move(stored.data);
    return t;
  });
}

namespace detail {

/// One file of a sample: input_<position>.pb.
struct input_file {
  std::size_t position = 0;
  std::string path{};
};

/// The name of the input at `position`; initializers among the inputs are passed over when there are fewer files.
inline std::string const& input_at(std::vector<model_input> const& inputs, input_file const& f, std::size_t files) {
  std::size_t left = f.position;
  for (auto const& in : inputs)
    if (!(in.has_default && files < inputs.size()) && left-- == 0) return in.name;
  throw error{error_kind::invalid, f.path + ": the model has no input number " + std::to_string(f.position), f.path, list_of(inputs)};
}

/// The sample in these files: bound by name when all have the name of an input, else by position.
inline feed read_inputs(std::vector<input_file> const& files, std::vector<model_input> const& inputs) {
  std::vector<named_tensor> all;
  bool named = true;
  for (auto const& f : files) {
    all.push_back(load_tensor(f.path));
    auto const known = [&](model_input const& in) { return in.name == all.back().name; };
    named = named && std::any_of(inputs.begin(), inputs.end(), known);
  }
  feed sample;
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto const& name = named ? all[i].name : input_at(inputs, files[i], files.size());
    for (auto const& in : inputs)
      if (in.name == name) check_input(in, all[i].data, files[i].path);
    if (!sample.emplace(name, std::move(all[i].data)).second)
      throw error{error_kind::invalid, files[i].path + ": another file holds tensor '" + name + "' too", files[i].path};
  }
  return sample;
}

}  // namespace detail
}  // namespace octet
