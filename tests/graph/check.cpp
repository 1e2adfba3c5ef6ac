// What `check` refuses: every broken promise, by the name of what broke it.
#include <doctest/doctest.h>

#include <octet/graph/check.hpp>

using namespace octet;

namespace {

auto const scalar = tensor_type(element::f32, {});

model chain() {
  model m;
  m.ir_version = 8;
  m.opsets.push_back({.domain = "", .version = 13});
  auto const x = m.main.add_input("x", scalar);
  m.main.add_node("Neg", {x}, {"y"}, {}, {}, "first");
  m.main.add_node("Abs", {m.main.find("y")}, {"z"}, {}, {}, "second");
  m.main.outputs.push_back(m.main.find("z"));
  return m;
}

void refused(model const& m, std::string_view place, std::string_view why) {
  try {
    check(m);
    FAIL_CHECK("accepted although: " << why);
  } catch (error const& e) {
    CHECK(e.kind == error_kind::invalid);
    CHECK(e.where == place);
    CHECK_MESSAGE(std::string_view{e.what()}.find(why) != std::string_view::npos, std::string{e.what()});
  }
}

}  // namespace

TEST_CASE("a chain is consistent") { CHECK_NOTHROW(check(chain())); }

TEST_CASE("order") {
  auto m = chain();
  std::swap(m.main.order[0], m.main.order[1]);
  refused(m, "second", "before it is made");
  m = chain();
  m.main.order.push_back(m.main.order[0]);
  refused(m, "first", "twice");
  m = chain();
  m.main.order.pop_back();
  refused(m, "", "missing");
  m = chain();
  m.main.order.push_back(static_cast<node_id>(99));
  refused(m, "", "does not exist");
}

TEST_CASE("use lists") {
  auto m = chain();
  m.main[m.main.find("x")].uses.clear();
  refused(m, "x", "on record");
  m = chain();
  m.main[m.main.find("y")].uses.push_back({m.main.order[0], 5});
  refused(m, "y", "on record");
  m = chain();
  m.main[m.main.find("x")].uses.push_back(m.main[m.main.find("x")].uses[0]);  // the same reader twice
  refused(m, "x", "on record");
  m = chain();
  m.main[m.main.find("x")].uses.push_back({node_id{99}, 0});
  refused(m, "x", "on record");
  m = chain();
  m.main[m.main.find("x")].uses.push_back({m.main.order[0], -1});  // a capture by a node without a body
  refused(m, "x", "on record");
}

TEST_CASE("sources") {
  auto m = chain();
  m.main.inputs.clear();
  refused(m, "x", "nothing makes it");
  m = chain();
  m.main[m.main.find("y")].producer = node_id::none;
  refused(m, "y", "nothing makes it");
  m = chain();
  m.main.outputs.push_back(m.main.add_value("loose"));
  refused(m, "loose", "made by no node");
  m = chain();
  m.main.inputs.push_back(m.main.find("y"));
  refused(m, "y", "made twice");
  m = chain();
  m.main.inputs.push_back(m.main.find("x"));
  refused(m, "x", "listed twice");
  m = chain();
  m.main[m.main.find("y")].producer = m.main.order[1];
  refused(m, "y", "not an output of its producer");
  m = chain();
  m.main[m.main.find("x")].initializer = stored_tensor{.data = tensor::scalar(1.f)};
  refused(m, "x", "not listed");
}

TEST_CASE("a described value that nothing makes is harmless") {
  auto m = chain();
  m.main.described.push_back(m.main.add_value("stale", scalar));
  CHECK_NOTHROW(check(m));
}

TEST_CASE("captures") {
  auto m = chain();
  graph inner;
  auto const seen = inner.add_value("y");
  inner[seen].captured = m.main.find("y");
  inner.add_node("Abs", {seen}, {"a"});
  inner.outputs.push_back(inner.find("a"));
  auto const id = static_cast<node_id>(m.main.node_count());
  m.main.add_node("If", {}, {"b"}, {{.name = "then_branch", .value = graph_box{std::move(inner)}}}, {}, "branch");
  refused(m, "y", "on record");
  m.main.add_capture_use(m.main.find("y"), id);
  CHECK_NOTHROW(check(m));
  std::rotate(m.main.order.begin(), m.main.order.end() - 1, m.main.order.end());
  refused(m, "branch", "before it is made");
  m = chain();
  m.main[m.main.find("x")].captured = m.main.find("y");
  refused(m, "x", "made twice");
}

TEST_CASE("operator sets") {
  auto m = chain();
  m.opsets.clear();
  refused(m, "", "no operator set");
  m.ir_version = 2;
  CHECK_NOTHROW(check(m));
  m = chain();
  m.main[m.main.order[1]].domain = "com.microsoft";
  refused(m, "second", "com.microsoft");
  m.import_opset("com.microsoft", 1);
  CHECK_NOTHROW(check(m));
  m.main[m.main.order[1]].domain = "ai.onnx";
  CHECK_NOTHROW(check(m));
}

TEST_CASE("functions are checked too") {
  auto m = chain();
  function f{.name = "f", .domain = "local"};
  f.opsets.push_back({.domain = "", .version = 13});
  f.body.add_node("Neg", {f.body.add_value("in")}, {"out"}, {}, {}, "inside");
  m.functions.push_back(std::move(f));
  refused(m, "in", "nothing makes it");
}
