// expect: octet: no kernel multiplies s8 activations with u8 weights; use octet::s8s8, octet::u8s8 or octet::u8u8
#include <octet/policy/concepts.hpp>
int main() {
#ifdef OCTET_REJECT
  octet::require_usable<octet::policy{.activation = octet::element::s8, .weight = octet::element::u8}>();
#else
  octet::require_usable<octet::u8u8>();
#endif
}
