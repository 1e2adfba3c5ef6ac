// A small fixed pool of threads. What is computed never depends on their number: tasks are cut by shape alone and share
// nothing but what they read.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <octet/core/serial.hpp>

namespace octet {

/// Threads that wait for work. One pool may be used from several threads at once: while it is busy, others run inline.
class thread_pool {
 public:
  /// `threads` counts the calling one; 0 means as many as the machine has. Where the system refuses more, fewer work.
  explicit thread_pool(unsigned threads = 0, executor_reference host = {}) : host_{host} {
    if (host) return;
    if (threads == 0) threads = std::thread::hardware_concurrency();
    try {
      while (workers_.size() + 1 < threads) workers_.emplace_back([this] { serve(); });
    } catch (std::system_error const&) {
    } catch (...) {
      stop();
      throw;
    }
  }
  /// No threads of its own: tasks go to a host's executor, so that a host with a pool does not get a second one.
  explicit thread_pool(executor_reference host) : thread_pool{1, host} {}
  thread_pool(thread_pool const&) = delete;
  thread_pool& operator=(thread_pool const&) = delete;
  ~thread_pool() { stop(); }

  /// Threads that are this pool's, the calling one included; 1 with a host's executor.
  unsigned size() const { return static_cast<unsigned>(workers_.size()) + 1; }

  /// Calls f(i) for every i in [0, tasks) and returns when all are done; a call from inside a task runs inline.
  /// Rethrows what the task with the lowest index threw; tasks above it may not have run then.
  template <class F>
  void run(std::ptrdiff_t tasks, F const& f) {
    if (host_ && tasks > 1 && !inside_) return run_on_host(tasks, f);
    std::unique_lock<std::mutex> only{running_, std::defer_lock};
    if (tasks < 2 || workers_.empty() || inside_ || !only.try_lock()) return serial{}.run(tasks, f);
    job j{[](void const* g, std::ptrdiff_t i) { (*static_cast<F const*>(g))(i); }, &f, tasks};
    publish(&j);
    work(j);
    finish();
    if (j.thrown) std::rethrow_exception(j.thrown);
  }

 private:
  struct job {
    void (*call)(void const*, std::ptrdiff_t);
    void const* f;
    std::ptrdiff_t tasks;
    std::atomic<std::ptrdiff_t> next{0};
    std::atomic<std::ptrdiff_t> failed{std::numeric_limits<std::ptrdiff_t>::max()};
    std::exception_ptr thrown{};
  };
  static constexpr int spins = 2000;  // about 20 µs: waking a sleeper costs more than a small operator

  /// A host's threads may not let exceptions through, and its tasks may not nest.
  template <class F>
  void run_on_host(std::ptrdiff_t tasks, F const& f) {
    auto failed = std::numeric_limits<std::ptrdiff_t>::max();
    std::exception_ptr thrown;
    std::mutex guard;
    host_.run(tasks, [&](std::ptrdiff_t i) {
      bool const outer = std::exchange(inside_, true);
      try {
        f(i);
      } catch (...) {
        std::lock_guard const lock{guard};
        if (i < failed) failed = i, thrown = std::current_exception();
      }
      inside_ = outer;
    });
    if (thrown) std::rethrow_exception(thrown);
  }

  void publish(job* j) {
    {
      std::lock_guard const lock{mutex_};
      job_ = j;
      epoch_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
  }

  /// No worker joins the job any more, and those inside have left.
  void finish() {
    std::unique_lock lock{mutex_};
    job_ = nullptr;
    idle_.wait(lock, [&] { return busy_ == 0; });
  }

  /// Indices are taken in order, so every task below a failed one has been taken by somebody.
  void work(job& j) {
    inside_ = true;
    for (;;) {
      std::ptrdiff_t const i = j.next.fetch_add(1, std::memory_order_relaxed);
      if (i >= j.tasks || i > j.failed.load(std::memory_order_relaxed)) break;
      try {
        j.call(j.f, i);
      } catch (...) {
        std::lock_guard const lock{mutex_};
        if (i < j.failed) j.failed = i, j.thrown = std::current_exception();
      }
    }
    inside_ = false;
  }

  void serve() {
    std::uint64_t seen = 0;
    for (;;) {
      for (int i = 0; i < spins && epoch_.load(std::memory_order_acquire) == seen; ++i) pause();
      std::unique_lock lock{mutex_};
      wake_.wait(lock, [&] { return epoch_.load(std::memory_order_relaxed) != seen; });
      seen = epoch_.load(std::memory_order_relaxed);
      if (stopping_) return;
      job* const j = job_;
      if (j == nullptr) continue;
      ++busy_;
      lock.unlock();
      work(*j);
      lock.lock();
      if (--busy_ == 0) idle_.notify_one();
    }
  }

  void stop() {
    {
      std::lock_guard const lock{mutex_};
      stopping_ = true;
      epoch_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    for (auto& w : workers_) w.join();
    workers_.clear();
  }

  static void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }

  static inline thread_local bool inside_ = false;
  executor_reference host_{};
  std::mutex running_{};  // one job at a time
  std::mutex mutex_{};    // guards what follows
  std::condition_variable wake_{}, idle_{};
  std::atomic<std::uint64_t> epoch_{0};
  job* job_ = nullptr;
  int busy_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> workers_{};
};

}  // namespace octet
