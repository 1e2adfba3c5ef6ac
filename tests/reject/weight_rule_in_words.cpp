// expect: octet: weights of a policy are element::u8 or element::s8; give 4 or 16-bit tensors an override instead
#include <octet/policy/concepts.hpp>
int main() {
#ifdef OCTET_REJECT
  octet::require_usable<octet::policy{.weight = octet::element::u4}>();
#else
  octet::require_usable<octet::policy{.weight = octet::element::s8}>();
#endif
}
