// A model as text: stable and readable, for golden files, differences between stages, and people.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <octet/graph/walk.hpp>

namespace octet {

namespace detail {

template <class T>
std::string number_text(T v) {
  char s[40];
  return {s, std::to_chars(s, s + sizeof s, v).ptr};
}

inline std::string quoted(std::string_view s) {
  std::string r = "\"";
  for (char const c : s.substr(0, 80)) {
    constexpr char hex[] = "0123456789abcdef";
    auto const u = static_cast<unsigned char>(c);
    if (u >= 32 && u < 127 && c != '"' && c != '\\') r += c;
    else r += "\\x", r += hex[u >> 4], r += hex[u & 15];
  }
  return r + (s.size() > 80 ? "\"…" : "\"");
}

template <class List, class F>
std::string joined(List const& all, F&& f, std::size_t limit = 16) {
  std::string s;
  std::size_t n = 0;
  for (auto const& x : all) {
    if (n != 0) s += ", ";
    if (n++ == limit) return s + "…";
    s += f(x);
  }
  return s;
}

template <class T>
std::string elements_text(tensor const& t, std::size_t n) {
  std::string s;
  for (std::size_t i = 0; i < n; ++i) {
    T v;
    std::memcpy(&v, t.bytes().data() + i * sizeof v, sizeof v);
    if (i != 0) s += ", ";
    if constexpr (sizeof(T) == 1) s += number_text(static_cast<int>(v));
    else s += number_text(v);
  }
  return s;
}

/// Up to eight elements; a longer tensor is told apart by a checksum of its bytes.
inline std::string contents_text(tensor const& t) {
  using enum element;
  if (!t) return "absent";
  if (t.type() == text) return joined(t.strings(), quoted, 8);
  if (t.size() <= 8) {
    auto const n = static_cast<std::size_t>(t.size());
    switch (t.type()) {
      case f32:
        return elements_text<float>(t, n);
      case f64:
        return elements_text<double>(t, n);
      case s64:
        return elements_text<std::int64_t>(t, n);
      case s32:
        return elements_text<std::int32_t>(t, n);
      case s8:
        return elements_text<std::int8_t>(t, n);
      case u8:
      case boolean:
        return elements_text<std::uint8_t>(t, n);
      default:
        break;
    }
  }
  std::uint64_t h = 14695981039346656037u;  // FNV-1a
  for (auto const b : t.bytes()) h = (h ^ std::to_integer<std::uint64_t>(b)) * 1099511628211u;
  constexpr char hex[] = "0123456789abcdef";
  std::string s = "#";
  for (int shift = 60; shift >= 0; shift -= 4) s += hex[h >> shift & 15];
  return s;
}

inline std::string tensor_text(stored_tensor const& t) {
  if (t.foreign) return onnx_name(static_cast<element>(t.foreign->type)) + t.foreign->dims.text();
  auto const place = t.storage == storage::typed ? " typed" : t.storage == storage::external ? " external" : "";
  return onnx_name(t.data.type()) + t.data.dims().text() + place + " {" + contents_text(t.data) + '}';
}

class text_writer {
 public:
  void write(graph const& g, std::string const& indent) {
    for (auto const v : g.inputs) line(indent, "input " + declared(g, v));
    for (auto const v : g.initializers)
      line(indent, "initializer " + g[v].name + " = " + (g[v].initializer ? tensor_text(*g[v].initializer) : "?"));
    for (auto const& s : g.sparse) line(indent, "sparse initializer of " + std::to_string(s.bytes.size()) + " bytes");
    for (auto const n : g.order) node_line(g, n, indent);
    for (auto const v : g.outputs) line(indent, "output " + declared(g, v));
  }

  void line(std::string const& indent, std::string const& s) { out += indent, out += s, out += '\n'; }

  std::string out{};

 private:
  static std::string name(graph const& g, value_id v) { return v == value_id::none ? "-" : g[v].name; }
  static std::string declared(graph const& g, value_id v) {
    return g[v].name + (g[v].type ? ": " + text(*g[v].type) : "");
  }

  static std::string value_text(attribute const& a) {
    struct visitor {
      std::string operator()(std::monostate) const { return "nothing"; }
      std::string operator()(float v) const { return number_text(v); }
      std::string operator()(std::int64_t v) const { return number_text(v); }
      std::string operator()(std::string const& v) const { return detail::quoted(v); }
      std::string operator()(stored_tensor const& v) const { return tensor_text(v); }
      std::string operator()(graph_box const&) const { return "graph"; }
      std::string operator()(std::vector<float> const& v) const { return '[' + joined(v, number_text<float>) + ']'; }
      std::string operator()(std::vector<std::int64_t> const& v) const {
        return '[' + joined(v, number_text<std::int64_t>) + ']';
      }
      std::string operator()(std::vector<std::string> const& v) const { return '[' + joined(v, quoted) + ']'; }
      std::string operator()(std::vector<stored_tensor> const& v) const { return '[' + joined(v, tensor_text) + ']'; }
      std::string operator()(std::vector<graph_box> const& v) const { return std::to_string(v.size()) + " graphs"; }
      std::string operator()(opaque const& v) const { return std::to_string(v.bytes.size()) + " bytes unread"; }
    };
    return a.reference.empty() ? std::visit(visitor{}, a.value) : '@' + a.reference;
  }

  void node_line(graph const& g, node_id id, std::string const& indent) {
    auto const& n = g[id];
    std::vector<attribute const*> sorted;
    for (auto const& a : n.attributes) sorted.push_back(&a);
    std::stable_sort(sorted.begin(), sorted.end(), [](auto const* a, auto const* b) { return a->name < b->name; });
    auto const names = [&](value_id v) { return name(g, v); };
    auto const made = [&](value_id v) {  // outputs of the graph state their types where they are listed
      return v == value_id::none || g.is_output(v) ? name(g, v) : declared(g, v);
    };
    auto s = joined(n.outputs, made, 1000) + " = " + (n.domain.empty() ? "" : n.domain + '.') + n.op + '(' +
             joined(n.inputs, names, 1000) + ')';
    if (!n.name.empty()) s += " '" + n.name + '\'';
    if (!sorted.empty())
      s += " {" + joined(sorted, [](auto const* a) { return a->name + ": " + value_text(*a); }, 1000) + '}';
    for (auto const& p : n.metadata) s += " [" + p.key + '=' + p.value + ']';
    line(indent, s);
    for_each_subgraph(n, [&](graph const& inner) {
      line(indent + "  ", "graph " + inner.name);
      write(inner, indent + "    ");
    });
  }
};

}  // namespace detail

/// A graph, one line a value or node; tensors of more than eight elements appear as a checksum.
inline std::string text(graph const& g) {
  detail::text_writer w;
  w.write(g, "");
  return std::move(w.out);
}

/// A model: its header, graph and functions.
inline std::string text(model const& m) {
  detail::text_writer w;
  w.line("", "ir " + std::to_string(m.ir_version));
  for (auto const& o : m.opsets)
    w.line("", "opset " + (o.domain.empty() ? "ai.onnx" : o.domain) + ' ' + std::to_string(o.version));
  for (auto const& p : m.metadata) w.line("", "metadata " + p.key + '=' + p.value);
  w.line("", "graph " + m.main.name);
  w.write(m.main, "  ");
  for (auto const& f : m.functions) {
    w.line("", "function " + f.domain + '.' + f.name);
    w.write(f.body, "  ");
  }
  return std::move(w.out);
}

}  // namespace octet
