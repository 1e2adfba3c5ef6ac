#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <octet/core/parallel.hpp>

using octet::thread_pool;

TEST_CASE("every task runs once, whatever the number of threads") {
  for (unsigned threads : {1u, 2u, 3u, 8u}) {
    thread_pool pool{threads};
    CHECK(pool.size() == threads);
    for (std::ptrdiff_t tasks : {0, 1, 2, 7, 1000})
      for (int round = 0; round < 20; ++round) {
        std::vector<std::atomic<int>> seen(static_cast<std::size_t>(tasks));
        pool.run(tasks, [&](std::ptrdiff_t i) { ++seen[static_cast<std::size_t>(i)]; });
        bool once = true;
        for (auto const& s : seen) once &= s == 1;
        CHECK(once);
      }
  }
}

TEST_CASE("a negative number of tasks is none") {
  thread_pool pool{2};
  pool.run(-3, [](std::ptrdiff_t) { FAIL("no task was asked for"); });
}

TEST_CASE("one thread runs everything on the caller, in order") {
  thread_pool pool{1};
  std::vector<std::ptrdiff_t> order;
  auto const caller = std::this_thread::get_id();
  pool.run(5, [&](std::ptrdiff_t i) {
    CHECK(std::this_thread::get_id() == caller);
    order.push_back(i);
  });
  CHECK(order == std::vector<std::ptrdiff_t>{0, 1, 2, 3, 4});
}

TEST_CASE("the exception of the lowest task is rethrown, and the pool works on") {
  for (unsigned threads : {1u, 2u, 4u}) {
    thread_pool pool{threads};
    for (int round = 0; round < 50; ++round) {
      std::string what;
      try {
        pool.run(100, [](std::ptrdiff_t i) {
          if (i % 10 == 7) throw std::runtime_error{"task " + std::to_string(i)};
        });
      } catch (std::runtime_error const& e) {
        what = e.what();
      }
      CHECK(what == "task 7");
    }
    std::atomic<int> n{0};
    pool.run(10, [&](std::ptrdiff_t) { ++n; });
    CHECK(n == 10);
  }
}

TEST_CASE("a nested call runs inline on the thread of its task") {
  thread_pool pool{4};
  std::atomic<int> n{0};
  std::atomic<bool> moved{false};
  pool.run(8, [&](std::ptrdiff_t) {
    auto const mine = std::this_thread::get_id();
    pool.run(8, [&](std::ptrdiff_t) {
      if (std::this_thread::get_id() != mine) moved = true;
      ++n;
    });
  });
  CHECK(n == 64);
  CHECK_FALSE(moved);
}

TEST_CASE("one pool serves several callers at once") {
  thread_pool pool{2};
  std::atomic<int> n{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t)
    callers.emplace_back([&] {
      for (int round = 0; round < 100; ++round) pool.run(10, [&](std::ptrdiff_t) { ++n; });
    });
  for (auto& c : callers) c.join();
  CHECK(n == 4000);
}

TEST_CASE("parallel_for cuts by the grain alone") {
  using pieces = std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>>;
  auto const cut = [](auto& executor, std::ptrdiff_t n, std::ptrdiff_t grain) {
    pieces p(static_cast<std::size_t>(n <= 0 ? 0 : (n - 1) / (grain < 1 ? 1 : grain) + 1));
    octet::parallel_for(executor, n, grain, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
      p[static_cast<std::size_t>(begin / (grain < 1 ? 1 : grain))] = {begin, end};
    });
    return p;
  };
  octet::serial one;
  thread_pool two{2};
  CHECK(cut(one, 10, 4) == pieces{{0, 4}, {4, 8}, {8, 10}});
  CHECK(cut(two, 10, 4) == pieces{{0, 4}, {4, 8}, {8, 10}});
  CHECK(cut(two, 3, 0) == pieces{{0, 1}, {1, 2}, {2, 3}});
  CHECK(cut(two, 4, 4) == pieces{{0, 4}});
  CHECK(cut(two, 0, 4).empty());
}

namespace {
/// What a host may have: threads that are started for each job, and no exceptions through them.
struct parallel_host {
  std::atomic<int> jobs{0}, running{0};

  void run(std::ptrdiff_t tasks, std::function<void(std::ptrdiff_t)> const& f) {
    ++jobs;
    std::vector<std::thread> threads;
    for (std::ptrdiff_t i = 0; i < tasks; ++i) threads.emplace_back([&f, i] { f(i); });
    for (auto& t : threads) t.join();
  }
};
}  // namespace

TEST_CASE("a pool over a host's executor has no threads, runs every task there once, and nested calls inline") {
  static_assert(octet::parallel_executor<parallel_host>);
  parallel_host host;
  thread_pool pool{octet::executor_reference{host}};
  CHECK(pool.size() == 1);
  std::atomic<int> seen{0};
  pool.run(5, [&](std::ptrdiff_t i) {
    auto const here = std::this_thread::get_id();
    pool.run(3, [&](std::ptrdiff_t j) {
      if (std::this_thread::get_id() == here) seen += static_cast<int>(10 * i + j);
    });
  });
  CHECK(seen == 3 * 100 + 5 * 3);
  CHECK(host.jobs == 1);
  pool.run(1, [&](std::ptrdiff_t) { ++seen; });
  CHECK(host.jobs == 1);
}

TEST_CASE("what a task throws on a host's thread arrives at the caller: that of the lowest index") {
  parallel_host host;
  thread_pool pool{octet::executor_reference{host}};
  CHECK_THROWS_WITH(pool.run(6,
                             [](std::ptrdiff_t i) {
                               if (i > 2) throw std::runtime_error{"task " + std::to_string(i)};
                             }),
                    "task 3");
}
