// Samples as ONNX's own test data stores them: a folder of input_0.pb, input_1.pb, …, each a TensorProto or, for a
// sequence, a SequenceProto.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <octet/calibrate/readers/signature.hpp>
#include <octet/io/tensor_file.hpp>

namespace octet {

namespace detail {

/// One file of a sample: input_<position>.pb.
struct input_file {
  std::size_t position = 0;
  std::string path{};
};

/// The input at `position`; initializers among the inputs are passed over when there are fewer files.
inline model_input const& input_at(std::vector<model_input> const& inputs, input_file const& f, std::size_t files) {
  std::size_t left = f.position;
  for (auto const& in : inputs)
    if (!(in.has_default && files < inputs.size()) && left-- == 0) return in;
  throw error{error_kind::invalid, f.path + ": the model has no input number " + std::to_string(f.position), f.path,
              list_of(inputs)};
}

/// A TensorProto, or a SequenceProto where the input at the file's position is no tensor.
inline tensor load_value(std::vector<model_input> const& inputs, input_file const& f, std::size_t files,
                         std::string& name) {
  bool const all_tensors =
      std::all_of(inputs.begin(), inputs.end(), [](model_input const& in) { return !in.type || in.type->is_tensor(); });
  if (all_tensors) return load_tensor(f.path, &name);
  auto const& type = input_at(inputs, f, files).type;
  if (!type || type->is_tensor()) return load_tensor(f.path, &name);
  if (type->is_sequence()) return tensor::sequence(load_sequence(f.path, &name));
  throw error{error_kind::unsupported, f.path + ": inputs can be tensors and sequences, not optional or map", f.path};
}

/// The sample in these files: bound by name when all have the name of an input, else by position.
inline feed read_inputs(std::vector<input_file> const& files, std::vector<model_input> const& inputs) {
  std::vector<std::string> names(files.size());
  std::vector<tensor> all;
  bool named = true;
  for (auto const& f : files) {
    auto& own = names[all.size()];
    all.push_back(load_value(inputs, f, files.size(), own));
    named = named && std::any_of(inputs.begin(), inputs.end(), [&](model_input const& in) { return in.name == own; });
  }
  feed sample;
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto const& name = named ? names[i] : input_at(inputs, files[i], files.size()).name;
    for (auto const& in : inputs)
      if (in.name == name) check_input(in, all[i], files[i].path);
    if (!sample.emplace(name, std::move(all[i])).second)
      throw error{error_kind::invalid, files[i].path + ": another file holds tensor '" + name + "' too", files[i].path};
  }
  return sample;
}

}  // namespace detail
}  // namespace octet
