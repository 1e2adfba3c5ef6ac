// From a policy that is known at run time to a template argument: a search in a closed list.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <octet/policy/text.hpp>

namespace octet {

namespace detail {
constexpr policy policy_at(unsigned i) {
  constexpr policy bases[] = {u8u8, u8s8, s8s8};
  policy p = bases[i % 3];
  i /= 3;
  if (i & 1) p = p.per_channel();
  if (i & 2) p = p.reduced();
  if (i & 4) p = p.symmetric();
  if (i & 8) p = p.weight_symmetry == symmetry::symmetric ? p.asymmetric_weights() : p.symmetric_weights();
  return p;
}

template <std::size_t... I>
constexpr std::array<policy, sizeof...(I)> policies(std::index_sequence<I...>) {
  return {policy_at(I)...};
}

template <auto const& List>
constexpr bool all_usable() {
  for (policy const& p : List)
    if (!usable(p)) return false;
  return true;
}

template <auto const& List>
[[noreturn]] void refuse_unlisted(policy wanted) {
  std::string hint = "built in are";
  for (std::size_t i = 0; i < List.size() && i < 12; ++i) hint += ' ' + text(List[i]);
  if (List.size() > 12) hint += " and more";
  raise(error_kind::usage, "the policy " + text(wanted) + " was not built in", hint);
}
}  // namespace detail

/// Every usable policy.
inline constexpr auto shipped_policies = detail::policies(std::make_index_sequence<48>{});

/// Calls f.template operator()<P>() for the member P of List that equals `wanted` and returns its result by value.
/// Throws `usage` when there is none.
template <auto const& List = shipped_policies, class F>
auto visit_policy(policy wanted, F&& f) {
  static_assert(detail::all_usable<List>(),
                "octet: the list holds a policy without kernels; see usable_policy in octet/policy/concepts.hpp");
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    using result = std::remove_cvref_t<decltype(f.template operator()<List[0]>())>;
    if constexpr (std::is_void_v<result>) {
      if (!((wanted == List[I] ? (f.template operator()<List[I]>(), true) : false) || ...))
        detail::refuse_unlisted<List>(wanted);
    } else {
      std::optional<result> r;
      (void)((wanted == List[I] ? (r.emplace(f.template operator()<List[I]>()), true) : false) || ...);
      if (!r) detail::refuse_unlisted<List>(wanted);
      return result{*std::move(r)};
    }
  }(std::make_index_sequence<List.size()>{});
}

}  // namespace octet
