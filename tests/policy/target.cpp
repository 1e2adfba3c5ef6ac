#include <octet/policy/target.hpp>

#include <doctest/doctest.h>

using namespace octet;

TEST_CASE("every shipped target takes what it recommends, and is found by its name") {
  for (auto const* t : shipped_targets) {
    CHECK(!first_broken(*t, t->recommended));
    CHECK(usable(t->recommended));
    CHECK(find_target(t->name) == t);
  }
  CHECK(find_target("cpu") == nullptr);
}

TEST_CASE("the concept and the question at run time agree for every policy and target") {
  auto const agree = []<class T, policy P>(T) {
    static_assert(legal_on<T, P> == !first_broken(T::rules, P));
    return true;
  };
  CHECK(agree.operator()<tensorrt, s8s8>({}));
  CHECK(agree.operator()<tensorrt, s8s8.symmetric()>({}));
  CHECK(agree.operator()<tensorrt, u8s8.symmetric()>({}));
  CHECK(agree.operator()<openvino, u8u8>({}));
  CHECK(agree.operator()<openvino, u8s8.asymmetric_weights()>({}));
  CHECK(agree.operator()<openvino, u8s8.per_channel()>({}));
  CHECK(agree.operator()<web, s8s8>({}));
  CHECK(agree.operator()<web, u8u8>({}));
  CHECK(agree.operator()<ort_arm, s8s8>({}));
}

TEST_CASE("a broken rule has the name of its concept, and a remedy") {
  CHECK(first_broken(tensorrt::rules, u8s8).rule == "takes_activation_type");
  CHECK(first_broken(tensorrt::rules, s8s8).rule == "takes_activation_symmetry");
  CHECK(first_broken(openvino::rules, u8u8).rule == "takes_weight_type");
  CHECK(first_broken(openvino::rules, u8s8.asymmetric_weights()).rule == "takes_weight_symmetry");
  CHECK(first_broken(web::rules, s8s8).remedy == "--activation-type uint8");
}

namespace {
struct own_target {
  static constexpr target_rules rules{.name = "mine", .title = "mine", .recommended = s8s8, .u8_activations = false};
};
}  // namespace
TEST_CASE("a host's own target is a type with rules") {
  static_assert(target<own_target>);
  static_assert(legal_on<own_target, s8s8>);
  static_assert(!legal_on<own_target, u8s8>);
  static_assert(!target<int>);
  CHECK(first_broken(own_target::rules, u8s8).rule == "takes_activation_type");
}
