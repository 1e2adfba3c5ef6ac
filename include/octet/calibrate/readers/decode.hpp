// Image files, decoded by stb_image: for programs that use octet-images (OCTET_IMAGES is defined, stb is linked).
#pragma once

#include <memory>
#include <string>

#include <octet/calibrate/readers/image.hpp>
#include <octet/io/file.hpp>

#ifdef OCTET_IMAGES
#include <stb_image.h>
#endif

namespace octet {

/// Whether this program can read image files.
#ifdef OCTET_IMAGES
inline constexpr bool reads_images = true;
#else
inline constexpr bool reads_images = false;
#endif

/// The pixels of a PNG, JPEG, BMP, PPM or PGM file, with 1 (grey) or 3 (RGB) channels; transparency is dropped, 16-bit
/// values lose their low byte. Throws `io`, `invalid`, and `unsupported` where octet was built without images.
inline image decode_image(std::string const& path, std::int64_t channels) {
#ifdef OCTET_IMAGES
  auto const s = detail::open_source(path);
  constexpr std::size_t most = std::size_t{1} << 30;
  auto const* const bytes = reinterpret_cast<stbi_uc const*>(s.bytes.data());
  int const size = s.bytes.size() < most ? static_cast<int>(s.bytes.size()) : 0;
  int width = 0, height = 0, stored = 0;
  auto const refuse = [&](std::string const& why) {
    throw error{error_kind::invalid, path + ": not an image, or a damaged one (" + why + ")", path,
                "PNG, JPEG, BMP, PPM and PGM are read"};
  };
  if (stbi_info_from_memory(bytes, size, &width, &height, &stored) == 0) refuse(stbi_failure_reason());
  if (std::int64_t{width} * height > std::int64_t{1} << 28) refuse("more than 268 million pixels");
  std::unique_ptr<stbi_uc, void (*)(void*)> const pixels{
      stbi_load_from_memory(bytes, size, &width, &height, &stored, static_cast<int>(channels)), stbi_image_free};
  if (pixels == nullptr) refuse(stbi_failure_reason());
  auto const count =
      static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * static_cast<std::size_t>(channels);
  return {height, width, channels, {pixels.get(), pixels.get() + count}};
#else
  (void)channels;
  throw error{error_kind::unsupported, path + ": this octet was built without images", path,
              "build it where libstb-dev is installed, with -Dimages=enabled, or convert images to .npy"};
#endif
}

}  // namespace octet
