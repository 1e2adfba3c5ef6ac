// expect: has_8_bit_weights
#include <octet/policy/concepts.hpp>
template <octet::policy P>
  requires octet::usable_policy<P>
void quantize() {}
int main() {
#ifdef OCTET_REJECT
  quantize<octet::policy{.weight = octet::element::s4}>();
#else
  quantize<octet::policy{.weight = octet::element::u8}>();
#endif
}
