// expect: octet: the list holds a policy without kernels; see usable_policy in octet/policy/concepts.hpp
#include <octet/policy/visit.hpp>
#ifdef OCTET_REJECT
inline constexpr std::array mine{octet::policy{.activation = octet::element::s8, .weight = octet::element::u8}};
#else
inline constexpr std::array mine{octet::s8s8};
#endif
int main() {
  return octet::visit_policy<mine>(octet::s8s8, []<octet::policy P> { return 0; });
}
