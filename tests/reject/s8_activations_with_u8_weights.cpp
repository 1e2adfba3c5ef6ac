// expect: has_kernel
#include <octet/policy/concepts.hpp>
template <octet::policy P>
  requires octet::usable_policy<P>
void quantize() {}
int main() {
#ifdef OCTET_REJECT
  quantize<octet::policy{.activation = octet::element::s8, .weight = octet::element::u8}>();
#else
  quantize<octet::s8s8>();
#endif
}
