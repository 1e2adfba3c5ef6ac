// Any bytes are a sample, or ranges, in the form that the first byte chooses, or an octet::error.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include <octet/calibrate/ranges_file.hpp>
#include <octet/calibrate/readers/json_lines.hpp>
#include <octet/calibrate/readers/numpy.hpp>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace octet;
  if (size == 0) return 0;
  auto const bytes = std::as_bytes(std::span{data + 1, size - 1});
  std::string_view const text{reinterpret_cast<char const*>(data + 1), size - 1};
  static std::vector<model_input> const inputs{{"ids", tensor_type(element::s64, {2, 3})},
                                               {"x", tensor_type(element::f32, {1})}};
  try {
    switch (data[0] % 4) {
      case 0:
        detail::read_npy(bytes);
        break;
      case 1: {
        detail::zip_archive const zip{bytes};
        for (auto const& m : zip.members()) zip.read(m);
        break;
      }
      case 2:
        detail::read_json_line(text, inputs, &inputs[0]);
        break;
      default: {
        auto const all = ranges_of_json(text);  // what was read is written in a form that reads the same
        if (to_json(ranges_of_json(to_json(all))) != to_json(all)) std::abort();
      }
    }
  } catch (error const&) {  // the promised answer
  }
  return 0;
}
