// expect: takes_activation_type
#include <octet/policy/target.hpp>
template <octet::policy P, class T>
  requires octet::legal_on<T, P>
void quantize_for(T) {}
int main() {
#ifdef OCTET_REJECT
  quantize_for<octet::s8s8>(octet::web{});
#else
  quantize_for<octet::u8u8>(octet::web{});
#endif
}
