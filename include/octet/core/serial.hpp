// How work is cut into tasks, and the executor that needs no thread. Apart from the pool, because `<thread>` costs
// every includer a third of a second.
#pragma once

#include <concepts>
#include <cstddef>
#include <utility>

#include <octet/core/config.hpp>

namespace octet {

/// Whatever can call f(0), …, f(tasks − 1), in any order and on any thread: octet's pool, or a host's own.
template <class Executor>
concept parallel_executor = requires(Executor& e, void (*f)(std::ptrdiff_t)) { e.run(std::ptrdiff_t{}, f); };

/// Runs tasks one after the other on the calling thread.
struct serial {
  constexpr unsigned size() const { return 1; }

  template <class F>
  OCTET_INLINE void run(std::ptrdiff_t tasks, F const& f) const {
    for (std::ptrdiff_t i = 0; i < tasks; ++i) f(i);
  }
};

/// One task of several behind one type.
struct erased_task {
  void const* f;
  void (*call)(void const*, std::ptrdiff_t);
  void operator()(std::ptrdiff_t i) const { call(f, i); }
};

/// Any executor behind one type: how a host gives its own to code that is compiled once. The executor must outlive it,
/// and take a callable object for f.
class executor_reference {
 public:
  executor_reference() = default;  ///< refers to none; `run` must not be called
  template <parallel_executor Executor>
    requires(!std::same_as<Executor, executor_reference>)
  executor_reference(Executor& host)
      : host_{&host},
        run_{[](void* e, std::ptrdiff_t tasks, erased_task const& t) { static_cast<Executor*>(e)->run(tasks, t); }} {}

  explicit operator bool() const { return host_ != nullptr; }

  template <class F>
  void run(std::ptrdiff_t tasks, F const& f) const {
    OCTET_ASSERT(host_ != nullptr);
    run_(host_, tasks, {&f, [](void const* g, std::ptrdiff_t i) { (*static_cast<F const*>(g))(i); }});
  }

 private:
  void* host_ = nullptr;
  void (*run_)(void*, std::ptrdiff_t, erased_task const&) = nullptr;
};

/// Calls f(begin, end) for consecutive pieces of [0, n). The pieces have `grain` indices (at least one), whatever the
/// number of threads.
template <parallel_executor Executor, class F>
void parallel_for(Executor& executor, std::ptrdiff_t n, std::ptrdiff_t grain, F f) {
  if (n <= 0) return;
  if (grain < 1) grain = 1;
  if (n <= grain) return f(std::ptrdiff_t{0}, n);
  executor.run((n - 1) / grain + 1, [&](std::ptrdiff_t task) {
    std::ptrdiff_t const begin = task * grain;
    f(begin, n - begin < grain ? n : begin + grain);
  });
}

}  // namespace octet
