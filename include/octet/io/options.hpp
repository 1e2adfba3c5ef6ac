// What a caller may choose when models are read and written.
#pragma once

#include <cstdint>
#include <string>

namespace octet {

struct load_options {
  bool sort = false;  ///< put nodes into topological order where the file does not have them so
  std::string
      folder{};  ///< of `parse`: where external data lies, with '/' at its end; empty: the model may not have any
};

/// Where `save` puts the bytes of tensors.
enum class external_data : std::uint8_t {
  automatic,        ///< as they were loaded; outside as well when the file would pass `save_options::limit`
  inside,           ///< all in the model file, whatever its size
  one_file,         ///< in one file beside it
  file_per_tensor,  ///< each in a file of its own
};

struct save_options {
  external_data external = external_data::automatic;
  std::uint64_t threshold = 1024;  ///< tensors of fewer bytes stay inside
  std::string file_name{};  ///< of `one_file`; empty: the model's name and ".data". A file of that name is replaced
  bool attributes = false;  ///< tensors in attributes go outside as well
  std::uint64_t limit = (1u << 31) - 1;  ///< what protobuf's readers accept
};

}  // namespace octet
