// An observer that says nothing about names is shown every tensor.
#include <octet/exec/observer.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("an observer wants everything unless it says otherwise") {
  struct : observer {
    void see(std::string_view, tensor const& t) override { elements += t.size(); }
    std::int64_t elements = 0;
  } o;
  observer& any = o;
  CHECK(any.wants("anything"));
  any.see("x", tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  CHECK(o.elements == 6);
}
