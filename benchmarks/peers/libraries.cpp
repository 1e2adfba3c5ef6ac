// The peers that Debian has: oneDNN, with weights in the layout that it prefers; OpenBLAS and Eigen, which take them as
// they are. Whatever the build did not find is left out.
#include <cstring>
#include <unordered_map>

#include "work.hpp"

#ifdef WITH_DNNL
#include <oneapi/dnnl/dnnl.hpp>
#endif
#ifdef WITH_OPENBLAS
#include <cblas.h>
#endif
#ifdef WITH_EIGEN
#include <Eigen/Core>
#endif

namespace peers {

#ifdef WITH_DNNL
void add_dnnl(works& all, std::string const& kind, dims d) {
  using namespace dnnl;
  using type = memory::data_type;
  using tag = memory::format_tag;
  static engine e(engine::kind::cpu, 0);
  static stream s(e);
  bool const real = kind == "f32";
  if (kind == "u8u8") return;  // it has none
  memory::desc const a({d.m, d.k}, real ? type::f32 : kind == "s8s8" ? type::s8 : type::u8, tag::ab);
  memory::desc const b({d.k, d.n}, real ? type::f32 : type::s8, tag::ab),
      any({d.k, d.n}, real ? type::f32 : type::s8, tag::any);
  memory::desc const c({d.m, d.n}, real ? type::f32 : type::s32, tag::ab);
  matmul::primitive_desc const how(matmul::desc(a, any, c), e);
  memory am(a, e), bm(b, e), wm(how.weights_desc(), e), cm(c, e);
  for (auto* const m : {&am, &bm}) std::memset(m->get_data_handle(), real ? 0 : 1, m->get_desc().get_size());
  reorder(bm, wm).execute(s, bm, wm);
  s.wait();
  matmul const product(how);
  std::unordered_map<int, memory> const with{{DNNL_ARG_SRC, am}, {DNNL_ARG_WEIGHTS, wm}, {DNNL_ARG_DST, cm}};
  all["oneDNN"] = [=] {
    product.execute(s, with);
    s.wait();
  };
}
#else
void add_dnnl(works&, std::string const&, dims) {}
#endif

void add_blas(works& all, std::string const& kind, dims d) {
  if (kind != "f32") return;
  auto const a = values<float>(d.m * d.k), b = values<float>(d.k * d.n), c = values<float>(d.m * d.n);
#ifdef WITH_OPENBLAS
  all["OpenBLAS"] = [=] {
    auto const m = int(d.m), n = int(d.n), k = int(d.k);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a->data(), k, b->data(), n, 0, c->data(), n);
  };
#endif
#ifdef WITH_EIGEN
  all["Eigen"] = [=] {
    using rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Eigen::Map<rows>(c->data(), d.m, d.n).noalias() =
        Eigen::Map<rows const>(a->data(), d.m, d.k) * Eigen::Map<rows const>(b->data(), d.k, d.n);
  };
#endif
  (void)all, (void)a, (void)b, (void)c;
}

}  // namespace peers
