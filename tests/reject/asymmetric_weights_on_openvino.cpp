// expect: takes_weight_symmetry
#include <octet/policy/target.hpp>
template <octet::policy P, class T>
  requires octet::legal_on<T, P>
void quantize_for(T) {}
int main() {
#ifdef OCTET_REJECT
  quantize_for<octet::u8s8.asymmetric_weights()>(octet::openvino{});
#else
  quantize_for<octet::s8s8>(octet::openvino{});
#endif
}
