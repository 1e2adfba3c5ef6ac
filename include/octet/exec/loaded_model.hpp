// What a session is made of: the graph to run, its program, and the check of what it is given.
#pragma once

#include <algorithm>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/bind.hpp>
#include <octet/exec/chain_ends.hpp>
#include <octet/exec/channels_last.hpp>
#include <octet/exec/dynamic_groups.hpp>
#include <octet/exec/linear_groups.hpp>
#include <octet/exec/ops/registry.hpp>
#include <octet/exec/pattern_groups.hpp>
#include <octet/exec/program.hpp>
#include <octet/exec/qdq_groups.hpp>
#include <octet/exec/session.hpp>
#include <octet/exec/unsigned_activations.hpp>
#include <octet/infer/infer.hpp>

namespace octet {

namespace detail {

/// A model with the program of its main graph.
class loaded_model {
 public:
  loaded_model(model const& m, session_options const& o)
      : model_{&m}, env_{std::make_unique<environment>(m, o, &find_operator)} {
    bool const plain = o.operators.empty() && std::none_of(m.main.order.begin(), m.main.order.end(),
                                                           [&](node_id n) { return m.main[n].domain == "octet"; });
    if (o.fusions && o.observer == nullptr && plain) fuse();
    main_ = std::make_unique<program>(*env_, grouped_ ? *grouped_ : m.main, m.opsets);
    if (o.observer != nullptr) main_->observe(o.observer);
  }

  feed run(feed const& in, std::span<std::string const> fetch) {
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

  void prepare(std::span<std::string const> fetch) { main_->prepare(values_of(fetch)); }
  std::size_t peak_memory() const { return env_->memory.peak(); }

 private:
  octet::graph const& graph() const { return model_->main; }

  void fuse() {
    auto g = std::make_unique<octet::graph>(typed());
    auto const opset = model_->opset_version();
    if (has_quantization(*g)) unsigned_maker{*g}.run(), group_maker{*g, opset}.run();
    dynamic_group_maker{*g}.run();
    pattern_group_maker{*g, opset}.run();
    linear_group_maker{*g, opset}.run();
    chain_maker{*g, opset}.run();
    chain_ends{*g}.run();
    grouped_ = std::move(g);
    env_->fused = grouped_.get();
  }

  /// The main graph with the types that inference finds, where a group depends on them.
  octet::graph typed() const {
    auto const& g = model_->main;
    bool const wanted = std::any_of(g.order.begin(), g.order.end(),
                                    [&](node_id n) { return g[n].is("Softmax") || g[n].is("ReduceMean"); });
    if (!wanted) return g;
    auto m = *model_;
    infer(m);
    return std::move(m.main);
  }

  std::vector<value_id> values_of(std::span<std::string const> fetch) const {
    std::vector<value_id> wanted;
    for (auto const& name : fetch) wanted.push_back(value_of(graph(), name));
    return fetch.empty() ? graph().outputs : wanted;
  }

  /// The feed in the order of the graph's inputs, checked against their declared types.
  std::vector<tensor> bind(feed const& in, std::span<value_id const> wanted) {
    refuse_unknown(graph(), in);
    for (auto const& [name, t] : in)
      if (auto const v = graph().find(name); graph()[v].initializer && main_->is_constant(v)) main_->fix(v, {});
    std::vector<tensor> all(graph().inputs.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto const& x = graph()[graph().inputs[i]];
      if (auto const it = in.find(x.name); it != in.end()) all[i] = checked_input(x, it->second);
      else if (x.initializer) all[i] = x.initializer->data.align();
    }
    auto const& needed = main_->needed(wanted);
    for (std::size_t i = 0; i < all.size(); ++i)
      if (auto const v = graph().inputs[i]; !all[i] && std::find(needed.begin(), needed.end(), v) != needed.end())
        refuse_missing(graph(), v);
    return all;
  }

  model const* model_;
  std::unique_ptr<environment> env_;
  std::unique_ptr<octet::graph> grouped_{};  ///< the graph that is run, when it is not the model's
  std::unique_ptr<program> main_;
};

}  // namespace detail

#if OCTET_BODIES
OCTET_API session::session(model const& m, session_options const& o)
    : loaded_{std::make_unique<detail::loaded_model>(m, o)} {}
OCTET_API session::session(session&& other) noexcept = default;
OCTET_API session& session::operator=(session&& other) noexcept = default;
OCTET_API session::~session() = default;
OCTET_API feed session::run(feed const& in, std::span<std::string const> fetch) { return loaded_->run(in, fetch); }
OCTET_API void session::prepare(std::span<std::string const> fetch) { loaded_->prepare(fetch); }
OCTET_API std::size_t session::peak_memory() const { return loaded_->peak_memory(); }
#endif

}  // namespace octet
