// Models that carry a state: what one step puts out is an input of the next one.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <octet/calibrate/readers/folder.hpp>

namespace octet {

/// An output that is fed to an input of the next step.
struct recurrent_link {
  std::string output{}, input{};
};

/// Samples completed by the state that the model itself has reached there: zeros at the beginning of each sequence,
/// then what the step before put out. A sample that holds the state itself goes on from that. One thread at a time;
/// samples in order cost one run each, any other order what is in front of them.
class recurrent_samples {
 public:
  using run_function = std::function<feed(feed const&, std::span<std::string const> fetch)>;

  /// `run` runs `m`; `files` were opened with the inputs of `links` as `fed` and with `sequences`. Throws `usage` for
  /// names that are none of the model's.
  recurrent_samples(std::shared_ptr<data_files const> files, model const& m, std::vector<recurrent_link> links,
                    run_function run)
      : files_{std::move(files)}, inputs_{inputs_of(m)}, links_{std::move(links)}, run_{std::move(run)} {
    for (auto const& link : links_) {
      if (find(link.input) == nullptr)
        throw error{error_kind::usage, "'" + link.input + "' is no input of the model", link.input,
                    detail::list_of(inputs_)};
      if (m.main.find(link.output) == value_id::none)
        throw error{error_kind::usage, "'" + link.output + "' is no tensor of the model", link.output};
      outputs_.push_back(link.output);
    }
  }

  std::size_t size() const { return files_->size(); }

  /// Sample i with its state.
  feed load(std::size_t i) {
    auto from = i;
    while (!files_->begins(from) && from != next_) --from;
    if (files_->begins(from)) state_.clear(), next_ = from;
    for (; from < i; ++from) step(complete(from), from);
    auto sample = complete(i);
    if (i + 1 < files_->size() && !files_->begins(i + 1)) step(sample, i);
    return sample;
  }

 private:
  model_input const* find(std::string const& name) const {
    for (auto const& in : inputs_)
      if (in.name == name) return &in;
    return nullptr;
  }
  feed complete(std::size_t i) const {
    auto sample = files_->load(i);
    for (auto const& link : links_) {
      if (sample.contains(link.input)) continue;
      auto const it = state_.find(link.input);
      sample.emplace(link.input, it != state_.end() ? it->second : first_state(*find(link.input), sample));
    }
    detail::check_sample(inputs_, sample, files_->name(i));
    return sample;
  }
  void step(feed const& sample, std::size_t i) {
    feed made = run_(sample, outputs_);
    state_.clear();
    for (auto const& link : links_) state_[link.input] = made.at(link.output);
    next_ = i + 1;
  }

  /// Zeros; a dimension that is only named is as long as the sample's that has the same name.
  tensor first_state(model_input const& in, feed const& sample) const {
    if (!in.type || !in.type->is_tensor() || !in.type->dims || bits(in.type->element) == 0)
      throw error{error_kind::invalid, "the model does not say what the state '" + in.name + "' is", in.name,
                  "give the first one in the sample that begins a sequence"};
    shape dims;
    for (auto const& d : *in.type->dims) dims.push_back(d.known() ? d.size : length_of(d.symbol, sample, in.name));
    tensor zeros{in.type->element, std::move(dims)};
    auto const bytes = zeros.mutable_bytes();
    std::fill(bytes.begin(), bytes.end(), std::byte{0});
    return zeros;
  }
  std::int64_t length_of(std::string const& symbol, feed const& sample, std::string const& state) const {
    for (auto const& in : inputs_) {
      auto const it = sample.find(in.name);
      if (symbol.empty() || it == sample.end() || !in.type || !in.type->dims) continue;
      for (std::size_t k = 0; k < in.type->dims->size() && k < it->second.rank(); ++k)
        if ((*in.type->dims)[k].symbol == symbol) return it->second.dims()[k];
    }
    throw error{error_kind::invalid, "the model does not say how long the state '" + state + "' is", state,
                "give the first one in the sample that begins a sequence, or the input a fixed shape"};
  }

  std::shared_ptr<data_files const> files_;
  std::vector<model_input> inputs_;
  std::vector<recurrent_link> links_;
  run_function run_;
  std::vector<std::string> outputs_{};
  std::map<std::string, tensor> state_{};
  std::size_t next_ = 0;  ///< which sample state_ is for
};

/// A reader over them, in order.
inline reader as_reader(std::shared_ptr<recurrent_samples> all) {
  auto const size = all->size();
  return reader{[all = std::move(all), i = std::size_t{0}]() mutable -> std::optional<feed> {
                  if (i == all->size()) return std::nullopt;
                  return all->load(i++);
                },
                size};
}

}  // namespace octet
