#include <octet/octet.hpp>

int main(int, char** argv) {
  auto const model = octet::load(argv[1]);
  auto const& graph = model.main;
  return &graph == &model.main ? 0 : 1;
}
