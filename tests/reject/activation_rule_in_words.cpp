// expect: octet: activations of a policy are element::u8 or element::s8; give 16-bit tensors an override instead
#include <octet/policy/concepts.hpp>
int main() {
#ifdef OCTET_REJECT
  octet::require_usable<octet::policy{.activation = octet::element::s16}>();
#else
  octet::require_usable<octet::policy{.activation = octet::element::s8}>();
#endif
}
