// shapes_driver MODEL: loads a model, forgets what the file states of computed values, infers, and prints one line a
// value: name, element type, and the dimensions ("?" without a rank), separated by tabs. Assumptions go to stderr.
#include <cstdio>

#include <octet/infer/infer.hpp>
#include <octet/io/load.hpp>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    auto m = octet::load(argv[1], {.sort = true});
    auto& g = m.main;
    for (std::size_t i = 0; i < g.value_count(); ++i)
      if (auto& v = g[static_cast<octet::value_id>(i)]; v.producer != octet::node_id::none) v.type.reset();
    auto const facts = octet::infer(m);
    for (auto const n : g.order)
      for (auto const o : g[n].outputs) {
        if (o == octet::value_id::none) continue;
        auto const& t = g[o].type;
        std::printf("%s\t%s\t%s", g[n].op.c_str(), g[o].name.c_str(),
                    t ? octet::onnx_name(t->element).c_str() : "UNDEFINED");
        if (!t || !t->dims) std::printf("\t?");
        else
          for (auto const& d : *t->dims)
            std::printf("\t%s", d.known() ? std::to_string(d.size).c_str() : d.symbol.empty() ? "?" : d.symbol.c_str());
        std::printf("\n");
      }
    for (auto const& a : facts.assumptions) std::fprintf(stderr, "%s\n", a.c_str());
  } catch (octet::error const& e) {
    std::fprintf(stderr, "%s (%s)\n", e.what(), e.where.c_str());
    return 1;
  }
}
