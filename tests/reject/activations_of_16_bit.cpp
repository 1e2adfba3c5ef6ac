// expect: has_8_bit_activations
#include <octet/policy/concepts.hpp>
template <octet::policy P>
  requires octet::usable_policy<P>
void quantize() {}
int main() {
#ifdef OCTET_REJECT
  quantize<octet::policy{.activation = octet::element::u16}>();
#else
  quantize<octet::policy{.activation = octet::element::u8}>();
#endif
}
