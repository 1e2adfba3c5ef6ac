// The embedded executor: runs a model on the processor, in float or in integers, without another runtime.
#pragma once

#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/channels_last.hpp>
#include <octet/exec/feed.hpp>
#include <octet/exec/ops/registry.hpp>
#include <octet/exec/program.hpp>
#include <octet/exec/qdq_groups.hpp>

namespace octet {

/// A model made ready to run. One thread at a time; several sessions may share a model, which must outlive them and
/// stay as it is.
class session {
 public:
  explicit session(model const& m, session_options const& o = {}) : session{m, o, &find_operator} {}
  /// A session with operators of the caller's choice instead of octet's.
  session(model const& m, session_options const& o, detail::operator_lookup lookup)
      : model_{&m}, env_{std::make_unique<detail::environment>(m, o, lookup)} {
    bool const plain =
        o.operators.empty() && lookup == &find_operator &&
        std::none_of(m.main.order.begin(), m.main.order.end(), [&](node_id n) { return m.main[n].domain == "octet"; });
    if (o.fusions && o.observer == nullptr && plain) fuse();
    main_ = std::make_unique<detail::program>(*env_, grouped_ ? *grouped_ : m.main, m.opsets);
    if (o.observer != nullptr) main_->observe(o.observer);
  }

  /// Runs one feed and returns the tensors named in `fetch`, any of the main graph, or the model's outputs when it is
  /// empty. Only what they need is prepared and run. Throws `invalid` for a missing, unknown or mistyped input or an
  /// unknown name, `unsupported` for a needed operator that octet lacks, `runtime` for failures inside an operator.
  feed run(feed const& in, std::span<std::string const> fetch = {}) {
    try {
      auto const wanted = values_of(fetch);
      auto const inputs = bind(in, wanted);
      auto made = main_->run(inputs, wanted);
      feed out;
      for (std::size_t i = 0; i < wanted.size(); ++i) out[graph()[wanted[i]].name] = std::move(made[i]);
      return out;
    } catch (std::bad_alloc const&) {
      throw error{error_kind::runtime, "out of memory"};
    } catch (std::length_error const&) {
      throw error{error_kind::runtime, "a tensor is too large"};
    }
  }

  /// Prepares operators and constants for `fetch`, so that the first run takes no longer than the next ones.
  void prepare(std::span<std::string const> fetch = {}) { main_->prepare(values_of(fetch)); }

  /// Most bytes of activations that were in use or kept for reuse at once.
  std::size_t peak_memory() const { return env_->memory.peak(); }

 private:
  octet::graph const& graph() const { return model_->main; }

  void fuse() {
    auto g = std::make_unique<octet::graph>(model_->main);
    if (detail::has_quantization(*g)) detail::group_maker{*g, model_->opset_version()}.run();
    detail::chain_maker{*g}.run();
    grouped_ = std::move(g);
    env_->fused = grouped_.get();
  }

  std::vector<value_id> values_of(std::span<std::string const> fetch) const {
    std::vector<value_id> wanted;
    for (auto const& name : fetch) {
      auto const v = graph().find(name);
      if (v == value_id::none) throw error{error_kind::invalid, "the model has no tensor '" + name + "'", name};
      wanted.push_back(v);
    }
    return fetch.empty() ? graph().outputs : wanted;
  }

  /// The feed in the order of the graph's inputs, checked against their declared types.
  std::vector<tensor> bind(feed const& in, std::span<value_id const> wanted) {
    for (auto const& [name, t] : in) {
      auto const v = graph().find(name);
      if (v == value_id::none || !graph().is_input(v))
        throw error{error_kind::invalid, "the model has no input '" + name + "'", name, inputs_text()};
      if (graph()[v].initializer && main_->is_constant(v)) main_->fix(v, {});
    }
    std::vector<tensor> all(graph().inputs.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto const& x = graph()[graph().inputs[i]];
      if (auto const it = in.find(x.name); it != in.end()) all[i] = checked(x, it->second);
      else if (x.initializer) all[i] = x.initializer->data.align();
    }
    auto const& needed = main_->needed(wanted);
    for (std::size_t i = 0; i < all.size(); ++i)
      if (auto const v = graph().inputs[i]; !all[i] && std::find(needed.begin(), needed.end(), v) != needed.end())
        throw error{error_kind::invalid, "input '" + graph()[v].name + "' is missing", graph()[v].name, inputs_text()};
    return all;
  }

  static tensor checked(value const& x, tensor const& t) {
    if (!x.type || !x.type->is_tensor()) return t.align();
    if (auto const want = x.type->element; want != element::undefined && want != t.type())
      throw error{error_kind::invalid,
                  "input '" + x.name + "' is " + onnx_name(want) + " and was given " + onnx_name(t.type()), x.name};
    if (auto const& dims = x.type->dims) {
      bool fits = dims->size() == t.rank();
      for (std::size_t i = 0; fits && i < t.rank(); ++i) fits = !(*dims)[i].known() || (*dims)[i].size == t.dims()[i];
      if (!fits)
        throw error{
            error_kind::invalid,
            "input '" + x.name + "' is " + text(*x.type) + " and was given " + text(tensor_type(t.type(), t.dims())),
            x.name};
    }
    return t.align();
  }

  std::string inputs_text() const {
    std::string s = "the model's inputs:";
    for (auto const v : graph().inputs)
      if (!graph()[v].initializer) s += " " + graph()[v].name + (graph()[v].type ? " " + text(*graph()[v].type) : "");
    return s;
  }

  model const* model_;
  std::unique_ptr<detail::environment> env_;
  std::unique_ptr<octet::graph> grouped_{};  ///< the graph that is run, when it is not the model's
  std::unique_ptr<detail::program> main_;
};

}  // namespace octet
