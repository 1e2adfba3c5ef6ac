// Any bytes either become a model that survives writing and reading, or an octet::error.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include <octet/graph.hpp>
#include <octet/io/load.hpp>
#include <octet/io/save.hpp>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  octet::model m;
  try {
    m = octet::parse(std::as_bytes(std::span{data, size}), "fuzz");
  } catch (octet::error const&) {  // the promised answer to bytes that are not a model
    return 0;
  }
  auto const once = octet::serialize(m);  // what was read can be written, and means the same
  auto const again = octet::parse(octet::detail::as_view(once), "fuzz");
  if (octet::serialize(again) != once || octet::text(again) != octet::text(m)) std::abort();
  try {
    octet::check(m);
  } catch (octet::error const&) {
  }
  try {
    auto sorted = octet::parse(octet::detail::as_view(once), "fuzz", nullptr, {.sort = true});
    octet::check(sorted);
    auto const copy = sorted;
    if (octet::serialize(copy) != octet::serialize(sorted)) std::abort();
  } catch (octet::error const&) {
  }
  return 0;
}
