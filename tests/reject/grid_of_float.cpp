// expect: has_grid
#include <octet/numeric/grid.hpp>
int main() {
#ifdef OCTET_REJECT
  return octet::numeric::choose<octet::element::f32>({0, 1}).zero_point;
#else
  return octet::numeric::choose<octet::element::u8>({0, 1}).zero_point;
#endif
}
