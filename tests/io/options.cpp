// What happens when nothing is chosen.
#include <octet/io/options.hpp>

#include "models.hpp"

using namespace octet;

TEST_CASE("without options a model is written as it was loaded, nodes in the file's order") {
  CHECK(save_options{}.external == external_data::automatic);
  CHECK(save_options{}.limit == 2147483647u);  // what other readers accept, which use protobuf for everything
  CHECK_FALSE(save_options{}.attributes);
  CHECK_FALSE(load_options{}.sort);
}

TEST_CASE("the threshold is in bytes, and a tensor of as many goes outside") {
  scratch_folder const folder;
  auto const m = models::parse(models::small());  // w has 2400 bytes
  save(m, folder / "a", {.external = external_data::one_file, .threshold = 2401});
  CHECK_FALSE(std::filesystem::exists(folder / "a.data"));
  save(m, folder / "a", {.external = external_data::one_file, .threshold = 2400});
  CHECK(std::filesystem::file_size(folder / "a.data") == 2400);
}
