// Einsum: operands are contracted from the left, each step one batched matrix product.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/linear.hpp>
#include <octet/exec/ops/reduction.hpp>

namespace octet::detail {

/// One index of an equation: a letter, or a place counted from the right inside of "...".
using index_label = int;
using labels = std::vector<index_label>;
inline constexpr index_label first_dot = 1000;

/// An equation as text: a term for each operand, and the result's, written or implied.
struct einsum_equation {
  std::vector<std::string> terms{};
  std::string result{};
  bool implied = true;

  einsum_equation(op_label const& who, std::string text, std::size_t operands) {
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    if (auto const arrow = text.find("->"); arrow != std::string::npos) {
      result = text.substr(arrow + 2), implied = false;
      text.resize(arrow);
    }
    for (std::size_t at = 0;;) {
      auto const comma = text.find(',', at);
      terms.push_back(text.substr(at, comma == std::string::npos ? comma : comma - at));
      if (comma == std::string::npos) break;
      at = comma + 1;
    }
    if (terms.size() != operands)
      who.invalid("the equation has " + std::to_string(terms.size()) + " terms for " + std::to_string(operands) +
                  " inputs");
    for (auto const& t : terms) check(who, t);
    check(who, result);
  }

  /// The labels of a term whose "..." stands for `dots` dimensions.
  static labels read(std::string const& term, std::size_t dots) {
    labels r;
    for (std::size_t i = 0; i < term.size(); ++i) {
      if (term[i] != '.') {
        r.push_back(term[i]);
        continue;
      }
      for (std::size_t k = dots; k-- != 0;) r.push_back(first_dot + int(k));
      i += 2;
    }
    return r;
  }
  static std::size_t letters(std::string const& term) {
    return std::size_t(std::count_if(term.begin(), term.end(), [](char x) { return x != '.'; }));
  }
  static bool dotted(std::string const& term) { return term.find('.') != std::string::npos; }

 private:
  static void check(op_label const& who, std::string const& term) {
    auto const dot = term.find('.');
    bool good =
        dot == std::string::npos || (term.compare(dot, 3, "...") == 0 && term.find('.', dot + 3) == std::string::npos);
    for (char const x : term) good = good && (x == '.' || (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z'));
    if (!good) who.invalid("the equation has the term '" + term.substr(0, 40) + "'");
  }
};

/// A tensor whose dimensions have different labels.
struct labelled {
  tensor t{};
  labels names{};

  bool has(index_label l) const { return std::find(names.begin(), names.end(), l) != names.end(); }
  std::int64_t size(labels const& some) const {
    std::int64_t n = 1;
    for (auto const l : some) n *= t.dims()[place(l)];
    return n;
  }
  std::size_t place(index_label l) const {
    return std::size_t(std::find(names.begin(), names.end(), l) - names.begin());
  }
};

using label_sizes = std::map<index_label, std::int64_t>;

/// An operand with its diagonal taken where a label repeats, and without dimensions of 1 that broadcast.
inline labelled einsum_operand(call& c, op_label const& who, tensor const& t, labels const& names,
                               label_sizes const& sizes) {
  labelled r;
  auto const step = strides(t.dims());
  strided_view v;
  integers dims;
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto const n = t.dims()[i];
    if (n == 1 && sizes.at(names[i]) != 1) continue;
    if (r.has(names[i])) {
      v.strides[r.place(names[i])] += step[i];
      continue;
    }
    r.names.push_back(names[i]), dims.push_back(n), v.add(n, step[i]);
  }
  r.t = c.memory.make(t.type(), shape_of(dims));
  copy_strided(c, who, t, v, r.t);
  return r;
}

inline labelled ordered(call& c, op_label const& who, labelled const& a, labels const& order) {
  std::vector<std::size_t> perm;
  for (auto const l : order) perm.push_back(a.place(l));
  return {transposed(c, who, a.t, perm), order};
}

/// Sums over the labels that `keep` refuses.
template <class Keep>
labelled summed(call& c, op_label const& who, labelled const& a, Keep const& keep) {
  labels rest;
  std::vector<char> reduced;
  for (auto const l : a.names) {
    reduced.push_back(!keep(l));
    if (keep(l)) rest.push_back(l);
  }
  if (rest.size() == a.names.size()) return a;
  reduction_view const v{c, who, a.t, reduced};
  tensor out = c.memory.make(a.t.type(), v.dropped);
  visit(who, out.type(), sum_types{}, [&]<class T>(T) { reduce_sum<sum_reduction>(c, v, out.mutable_as<T>().data()); });
  return {out, rest};
}

/// The product of two operands, summed over the labels that nobody needs after it.
template <class Needed>
labelled contracted(call& c, op_label const& who, labelled a, labelled b, Needed const& needed) {
  a = summed(c, who, a, [&](index_label l) { return needed(l) || b.has(l); });
  b = summed(c, who, b, [&](index_label l) { return needed(l) || a.has(l); });
  labels batch, inner, left, right;
  for (auto const l : a.names) (!b.has(l) ? left : needed(l) ? batch : inner).push_back(l);
  for (auto const l : b.names)
    if (!a.has(l)) right.push_back(l);
  auto const joined = [](labels x, labels const& y, labels const& z) {
    x.insert(x.end(), y.begin(), y.end());
    x.insert(x.end(), z.begin(), z.end());
    return x;
  };
  auto const n = a.size(batch), m = a.size(left), k = a.size(inner), columns = b.size(right);
  labelled const p = ordered(c, who, a, joined(batch, left, inner)),
                 q = ordered(c, who, b, joined(batch, inner, right));
  tensor in[] = {p.t.reshaped({n, m, k}), q.t.reshaped({n, k, columns})}, out[1];
  call product{in, out, c.pool, c.memory};
  auto const form = matmul_form::of(in[0].dims(), in[1].dims());
  visit(who, in[0].type(), sum_types{}, [&]<class T>(T) {
    if constexpr (std::is_same_v<T, float>) {
      auto* const y = product.make(0, element::f32, form.output).mutable_as<float>().data();
      if (k == 0) std::fill(y, y + out[0].size(), 0.0f);
      else if (out[0].size() != 0)
        matmul_f32(c.pool, form, in[0].as<float>().data(), in[1].as<float>().data(), nullptr, y);
    } else {
      matmul_naive<T>(product, form);
    }
  });
  integers dims;
  auto const order = joined(batch, left, right);
  for (auto const l : order) dims.push_back(a.has(l) ? a.size({l}) : b.size({l}));
  return {out[0].reshaped(shape_of(dims)), order};
}

/// Labels of all operands, checked against their shapes, and of the result.
struct einsum_labels {
  std::vector<labels> operands{};
  labels result{};
  label_sizes sizes{};

  einsum_labels(op_label const& who, einsum_equation const& e, call const& c) {
    std::size_t dots = 0;
    for (std::size_t i = 0; i < e.terms.size(); ++i) {
      auto const rank = c.inputs[i].rank(), letters = e.letters(e.terms[i]);
      if (rank < letters || (rank > letters && !e.dotted(e.terms[i])))
        who.invalid("'" + e.terms[i] + "' does not label shape " + c.inputs[i].dims().text());
      operands.push_back(e.read(e.terms[i], rank - letters));
      dots = std::max(dots, rank - letters);
      for (std::size_t d = 0; d < rank; ++d) {
        auto const n = c.inputs[i].dims()[d];
        auto& size = sizes.emplace(operands.back()[d], n).first->second;
        if (size == 1) size = n;
        if (n != size && n != 1)
          who.invalid("a label stands for dimensions of " + std::to_string(size) + " and " + std::to_string(n));
      }
    }
    result = e.implied ? implied(e, dots) : e.read(e.result, dots);
    for (std::size_t i = 0; i < result.size(); ++i) {
      if (sizes.find(result[i]) == sizes.end()) who.invalid("the result has a label that no input has");
      if (std::find(result.begin(), result.begin() + std::ptrdiff_t(i), result[i]) !=
          result.begin() + std::ptrdiff_t(i))
        who.invalid("the result has a label twice");
    }
  }

 private:
  static labels implied(einsum_equation const& e, std::size_t dots) {
    std::map<char, int> times;
    for (auto const& t : e.terms)
      for (char const x : t)
        if (x != '.') ++times[x];
    labels r = einsum_equation::read("...", dots);
    for (auto const& [letter, n] : times)
      if (n == 1) r.push_back(letter);
    return r;
  }
};

inline operation prepare_einsum(preparation const& p) {
  expect_inputs(p, p.node.inputs.size());
  op_label const who_{p};
  einsum_equation const equation{who_, p.get<std::string>("equation", ""), p.node.inputs.size()};
  return with_half([who = who_, equation](call& c) {
    einsum_labels const l{who, equation, c};
    auto const operand = [&](std::size_t i) {
      same_types(who, c.inputs[0], c.inputs[i]);
      return einsum_operand(c, who, c.inputs[i], l.operands[i], l.sizes);
    };
    auto const in = [](labels const& list, index_label x) {
      return std::find(list.begin(), list.end(), x) != list.end();
    };
    labelled all = operand(0);
    for (std::size_t i = 1; i < l.operands.size(); ++i)
      all = contracted(c, who, std::move(all), operand(i), [&](index_label x) {
        return in(l.result, x) || std::any_of(l.operands.begin() + std::ptrdiff_t(i) + 1, l.operands.end(),
                                              [&](auto const& o) { return in(o, x); });
      });
    all = summed(c, who, all, [&](index_label x) { return in(l.result, x); });
    c.outputs[0] = ordered(c, who, all, l.result).t;
  });
}

}  // namespace octet::detail

namespace octet {

inline constexpr operator_entry einsum_operators[] = {
    {"Einsum", "", 12, &detail::prepare_einsum},
};

}  // namespace octet
