// Samples as ONNX's own test data stores them: a folder of input_0.pb, input_1.pb, …, each a TensorProto.
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

/// The name of the input at `position`; initializers among the inputs are passed over when there are fewer files.
inline std::string const& input_at(std::vector<model_input> const& inputs, input_file const& f, std::size_t files) {
  std::size_t left = f.position;
  for (auto const& in : inputs)
    if (!(in.has_default && files < inputs.size()) && left-- == 0) return in.name;
  throw error{error_kind::invalid, f.path + ": the model has no input number " + std::to_string(f.position), f.path,
              list_of(inputs)};
}

/// The sample in these files: bound by name when all have the name of an input, else by position.
inline feed read_inputs(std::vector<input_file> const& files, std::vector<model_input> const& inputs) {
  std::vector<std::string> names(files.size());
  std::vector<tensor> all;
  bool named = true;
  for (auto const& f : files) {
    auto& own = names[all.size()];
    all.push_back(load_tensor(f.path, &own));
    named = named && std::any_of(inputs.begin(), inputs.end(), [&](model_input const& in) { return in.name == own; });
  }
  feed sample;
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto const& name = named ? names[i] : input_at(inputs, files[i], files.size());
    for (auto const& in : inputs)
      if (in.name == name) check_input(in, all[i], files[i].path);
    if (!sample.emplace(name, std::move(all[i])).second)
      throw error{error_kind::invalid, files[i].path + ": another file holds tensor '" + name + "' too", files[i].path};
  }
  return sample;
}

}  // namespace detail
}  // namespace octet
