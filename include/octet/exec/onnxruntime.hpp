// ONNX Runtime as a backend, where someone has it: to calibrate on it, or to see what it makes of a quantized model.
#pragma once

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/bind.hpp>
#include <octet/exec/onnxruntime_library.hpp>
#include <octet/io/save.hpp>

namespace octet {

struct onnxruntime_options {
  unsigned threads = 1;   ///< inside operators; 0: as many as the machine has
  int optimization = 99;  ///< level of its graph optimizations: 0, 1, 2 or 99, all
  /// Its shared library; empty: $OCTET_ONNXRUNTIME, the system's, an active Python environment's.
  std::string library{};
};

/// A model in ONNX Runtime, loaded at run time through its C interface: tensors in, tensors out, like `session`. One
/// thread at a time; the model must outlive it.
class onnxruntime_session {
 public:
  /// Throws `io` when ONNX Runtime is not there, `unsupported` for a model of 2 GB or more.
  explicit onnxruntime_session(model const& m, onnxruntime_options const& o = {})
      : model_{&m}, library_{detail::onnxruntime_library::open(o.library)} {
    using detail::ort;
    auto const i = error_kind::internal;
    env_ = library_->make(i, ort::create_env, ort::release_env, 3, "octet");
    memory_ = library_->make(i, ort::cpu_memory, ort::release_memory, 1, 0);
    settings_ = library_->make(i, ort::create_session_options, ort::release_session_options);
    library_->call(i, ort::set_log_severity, settings_.get(), 3);
    library_->call(i, ort::set_optimization_level, settings_.get(), o.optimization);
    library_->call(i, ort::set_intra_threads, settings_.get(), static_cast<int>(o.threads));
  }

  /// As `session::run`. Throws `invalid` where a session does, or when ONNX Runtime refuses the model, and `runtime`
  /// when it fails in it.
  feed run(feed const& in, std::span<std::string const> fetch = {}) {
    auto const& g = model_->main;
    detail::refuse_unknown(g, in);
    for (auto const v : g.inputs)
      if (!g[v].initializer && !in.contains(g[v].name)) detail::refuse_missing(g, v);
    feed out;
    std::vector<std::string> asked{fetch.begin(), fetch.end()};
    if (fetch.empty())
      for (auto const v : g.outputs) asked.push_back(g[v].name);
    std::erase_if(asked, [&](std::string const& name) { return known(in, name, out); });
    if (!asked.empty()) compute(in, asked, out);
    return out;
  }

  std::string const& version() const { return library_->version(); }

 private:
  /// What takes no run: inputs and constants.
  bool known(feed const& in, std::string const& name, feed& out) const {
    auto const& x = model_->main[detail::value_of(model_->main, name)];
    if (auto const it = in.find(name); it != in.end()) out[name] = it->second;
    else if (x.initializer) out[name] = x.initializer->data;
    else return false;
    return true;
  }

  /// A session whose outputs are these tensors.
  detail::ort_object const& loaded(std::vector<std::string> const& names) {
    auto& s = sessions_[names];
    if (s) return s;
    model m = *model_;
    m.main.outputs.clear();
    for (auto const& name : names) m.main.outputs.push_back(m.main.find(name));
    auto const bytes = serialize(m);
    if (bytes.size() >= std::size_t{1} << 31)
      throw error{
          error_kind::unsupported, "ONNX Runtime is given models of less than 2 GB", {}, "use octet's own backend"};
    s = library_->make(error_kind::invalid, detail::ort::create_session_from_array, detail::ort::release_session,
                       env_.get(), static_cast<void const*>(bytes.data()), bytes.size(),
                       static_cast<void const*>(settings_.get()));
    return s;
  }

  void compute(feed const& in, std::vector<std::string> const& asked, feed& out) {
    std::vector<tensor> kept;
    std::vector<detail::ort_object> values;
    std::vector<char const*> from, to;
    std::vector<void*> inputs, outputs(asked.size());
    for (auto const& [name, t] : in) {
      kept.push_back(detail::checked_input(model_->main[model_->main.find(name)], t));
      values.push_back(wrap(kept.back(), name));
      from.push_back(name.c_str());
      inputs.push_back(values.back().get());
    }
    for (auto const& name : asked) to.push_back(name.c_str());
    library_->call(error_kind::runtime, detail::ort::run, loaded(asked).get(), static_cast<void*>(nullptr), from.data(),
                   inputs.data(), inputs.size(), to.data(), to.size(), outputs.data());
    std::vector<detail::ort_object> made;  // all owned before one is refused
    for (auto* const v : outputs) made.push_back(library_->own(v, detail::ort::release_value));
    for (std::size_t i = 0; i < asked.size(); ++i) out[asked[i]] = unwrap(made[i], asked[i]);
  }

  static void refuse_others(element e, std::string const& name) {
    if (bits(e) == 0)
      throw error{error_kind::unsupported, "'" + name + "' is no tensor of numbers", name, "use octet's own backend"};
  }

  detail::ort_object wrap(tensor const& t, std::string const& name) const {
    refuse_others(t.type(), name);
    auto const& dims = t.dims();
    std::vector<std::int64_t> const d(dims.begin(), dims.end());
    auto* const bytes = const_cast<void*>(static_cast<void const*>(t.bytes().data()));
    return library_->make(error_kind::invalid, detail::ort::tensor_over_bytes, detail::ort::release_value,
                          static_cast<void const*>(memory_.get()), bytes, t.bytes().size(), d.data(), d.size(),
                          static_cast<int>(t.type()));
  }

  tensor unwrap(detail::ort_object const& v, std::string const& name) const {
    using detail::ort;
    auto const i = error_kind::internal;
    int is_tensor = 0, type = 0;
    library_->call(i, ort::is_tensor, v.get(), &is_tensor);
    if (is_tensor == 0) refuse_others(element::undefined, name);
    auto const info = library_->make(i, ort::type_and_shape, ort::release_type_and_shape, v.get());
    std::size_t rank = 0;
    library_->call(i, ort::element_type, info.get(), &type);
    library_->call(i, ort::dimension_count, info.get(), &rank);
    refuse_others(element{type}, name);
    std::vector<std::int64_t> d(rank);
    library_->call(i, ort::dimensions, info.get(), d.data(), rank);
    void* bytes = nullptr;
    library_->call(i, ort::tensor_bytes, v.get(), &bytes);
    shape dims;
    for (auto const n : d) dims.push_back(n);
    auto const size = byte_size(element{type}, dims.size());
    tensor made{element{type}, std::move(dims)};  // a copy: its padding may be read, ONNX Runtime's may not
    if (size != 0) std::copy_n(static_cast<std::byte const*>(bytes), size, made.mutable_bytes().begin());
    return made;
  }

  model const* model_;
  std::shared_ptr<detail::onnxruntime_library const> library_;
  detail::ort_object env_{}, memory_{}, settings_{};
  std::map<std::vector<std::string>, detail::ort_object> sessions_{};
};

}  // namespace octet
