// Prints what octet can do with each operator, for tests/checks/operators.py: domain, operator, columns.
#include <cstdint>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <octet/exec/ops/registry.hpp>
#include <octet/infer/propagate.hpp>
#include <octet/ops/catalogue.hpp>

int main() {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> can;
  auto const at = [&](std::string_view domain, std::string_view op) -> auto& {
    return can[{std::string{domain == "ai.onnx" ? "" : domain}, std::string{op}}];
  };
  for (auto const table : octet::inference_tables)
    for (auto const& e : table) at(e.domain, e.op).insert("inferred");
  octet::for_each_operator_family([&](auto const family) {
    for (auto const& e : family) {
      bool const integer = e.op.substr(0, 7) == "QLinear" || e.op == "QGemm" || e.op.find("Integer") != e.op.npos;
      at(e.domain, e.op).insert(integer ? "int8" : "float");
    }
  });
  auto const runs = [](octet::form const& f) {
    return f && octet::find_operator(f.op, f.domain, INT64_MAX) != nullptr;
  };
  for (auto const& t : octet::catalogue) {
    auto& mine = at(t.domain, t.op);
    if (t.qdq) mine.insert("qdq");
    if (t.qoperator) mine.insert("qoperator");
    if (t.integer) mine.insert("dynamic");
    if (runs(t.qoperator) || runs(t.integer)) mine.insert("int8");
  }
  for (auto const& [name, columns] : can) {
    std::string all;
    for (auto const& c : columns) all += (all.empty() ? "" : " ") + c;
    std::printf("%s\t%s\t%s\n", name.first.c_str(), name.second.c_str(), all.c_str());
  }
}
