// octet tensor: quantization of single tensors, in files that hold one TensorProto.
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include <octet/io/tensor_file.hpp>
#include <octet/numeric/nibble.hpp>
#include <octet/quantize/emit.hpp>

#include "commands.hpp"
#include "models.hpp"
#include "settings.hpp"

namespace cli {
namespace {

using octet::element;
using octet::error;
using octet::error_kind;
using octet::tensor;

constexpr double most = std::numeric_limits<double>::max();

element integer_type(arguments const& args) {
  auto const t = parse_type(args.required("type"), "option '--type'");
  if (!octet::numeric::has_grid(t))
    throw error{error_kind::unsupported, "the type " + type_name(t) + " is not supported yet"};
  return t;
}

template <class T>
std::vector<std::int32_t> widened_as(tensor const& t) {
  if constexpr (sizeof(T) == 1)
    if (octet::bits(t.type()) == 4) {
      std::vector<T> wide(static_cast<std::size_t>(t.size()));
      octet::numeric::unpack_nibbles(t.bytes(), std::span{wide});
      return {wide.begin(), wide.end()};
    }
  auto const aligned = t.align();
  auto const x = aligned.as<T>();
  return {x.begin(), x.end()};
}

/// The elements of a tensor of quantized integers.
std::vector<std::int32_t> widened(tensor const& t) {
  using enum element;
  switch (t.type()) {
    case u8:
    case u4:
      return widened_as<std::uint8_t>(t);
    case s8:
    case s4:
      return widened_as<std::int8_t>(t);
    case u16:
      return widened_as<std::uint16_t>(t);
    case s16:
      return widened_as<std::int16_t>(t);
    case s32:
      return widened_as<std::int32_t>(t);
    default:
      throw error{error_kind::unsupported, "tensors of type " + octet::onnx_name(t.type()) + " are not quantized ones"};
  }
}

octet::symmetry symmetry_of(arguments const& args, bool otherwise) {
  return args.flag("symmetric", otherwise) ? octet::symmetry::symmetric : octet::symmetry::asymmetric;
}

octet::range range_of(arguments const& args) {
  args.required("rmin"), args.required("rmax");
  octet::range const r{static_cast<float>(args.number("rmin", 0, -most, most)),
                       static_cast<float>(args.number("rmax", 0, -most, most))};
  if (r.low > r.high) throw error{error_kind::invalid, "rmin is greater than rmax"};
  return r;
}

/// The grid of `r` on integers low…high of the caller's choice; otherwise as numeric::choose.
octet::grid choose_on(octet::range r, element e, octet::symmetry s, std::int64_t low, std::int64_t high,
                      double min_real_range) {
  if (low > 0 || high < 0 || low >= high)
    throw error{error_kind::invalid, "qmin must be at most 0, qmax at least 0, and they must differ"};
  r = octet::including_zero(r);
  if (float const wide = r.low + static_cast<float>(min_real_range); wide > r.high) r.high = wide;
  if (s == octet::symmetry::symmetric) {
    float const end = std::max(r.high, -r.low);
    r = {-end, end};
  }
  double const scale = (double{r.high} - double{r.low}) / static_cast<double>(high - low);
  if (scale < double{std::numeric_limits<float>::min()}) return {1, 0, e};
  double const zero = s == octet::symmetry::symmetric
                          ? std::nearbyint(static_cast<double>(low + high) / 2)
                          : std::nearbyint(static_cast<double>(low) - double{r.low} / scale);
  return {static_cast<float>(scale), static_cast<std::int32_t>(zero), e};
}

void refuse_layout(arguments const& args) {
  if (args.has("layout") || args.has("bits") || args.has("std"))
    throw error{error_kind::unsupported, "layouts and float8 are not supported yet"};
}

/// Axis and block size as the plan of a weight has them.
octet::planned_tensor plan_of(arguments const& args, element type, octet::shape const& dims) {
  octet::planned_tensor p{.role = octet::role::weight, .type = type};
  p.symmetry = symmetry_of(args, octet::is_signed(type));
  p.block = args.integer("block-size", 0, 0, std::int64_t{1} << 40);
  if (p.block != 0 && !args.has("axis")) usage_error("option '--block-size' needs '--axis'");
  if (args.has("axis")) {
    auto const axis = args.integer("axis", 0, -100, 100);
    p.axis = static_cast<int>(octet::located("option '--axis'", [&] { return dims.axis(axis); }));
  }
  return p;
}

/// Scales and zero points of two files as grids; `count` is how many there must be.
std::vector<octet::grid> grids_from(tensor const& scale, tensor const& zero, std::size_t count) {
  auto const s = octet::to_f32(scale);
  std::vector<std::int32_t> zeros(static_cast<std::size_t>(s.size()), 0);
  if (zero) {
    auto const z = widened(zero);
    if (z.size() != zeros.size())
      throw error{error_kind::invalid, "scale and zero point differ in their number of elements"};
    zeros = z;
  }
  if (zeros.size() != count)
    throw error{error_kind::invalid,
                "there are " + std::to_string(zeros.size()) + " scales, and " + std::to_string(count) + " are needed"};
  std::vector<octet::grid> all;
  for (std::size_t i = 0; i < count; ++i) {
    auto const x = s.as<float>()[i];
    if (!(x > 0) || std::isinf(x)) throw error{error_kind::invalid, "a scale must be positive and finite"};
    all.push_back({x, zeros[i], zero ? zero.type() : element::u8});
  }
  return all;
}

octet::shape grid_dims(octet::planned_tensor const& p, octet::shape dims) {
  if (p.axis == octet::no_axis) return {};
  auto& length = dims[static_cast<std::size_t>(p.axis)];
  if (p.block == 0) return {length};
  length = (length + p.block - 1) / p.block;
  return dims;
}

}  // namespace

void run_tensor_params(arguments const& args, console& out) {
  refuse_layout(args);
  auto const type = integer_type(args);
  auto const s = symmetry_of(args, false);
  auto const least = args.number("min-real-range", 0, 0, most);
  auto const r = range_of(args);
  octet::grid g;
  if (args.flag("restricted-asymmetric")) {
    if (type != element::u8 || s == octet::symmetry::symmetric)
      throw error{error_kind::invalid, "'--restricted-asymmetric' is for uint8 without '--symmetric'"};
    g = octet::numeric::choose_restricted(r, least);
  } else if (args.has("qmin") || args.has("qmax")) {
    auto const used = octet::numeric::used_of(type, s, args.flag("reduce-range"));
    auto const all = octet::numeric::all_of(type);
    g = choose_on(r, type, s, args.integer("qmin", used.low, all.low, all.high),
                  args.integer("qmax", used.high, all.low, all.high), least);
  } else {
    g = octet::numeric::choose(r, type, s, args.flag("reduce-range"), least);
  }
  if (args.choice("float-type", {"float32", "float16"}, 0) == 1) {
    g.scale = octet::widen_f16(octet::narrow_f16(g.scale));
    if (g.scale == 0) g = {1, 0, type};
  }
  out.result()["scale"] = static_cast<double>(g.scale);
  out.result()["zero_point"] = g.zero_point;
  char text[64];
  std::snprintf(text, sizeof text, "scale=%g zero_point=%d\n", static_cast<double>(g.scale), g.zero_point);
  out.text(text);
}

void run_tensor_quantize(arguments const& args, console& out) {
  refuse_layout(args);
  auto const type = integer_type(args);
  auto const path = args.argument(0, "IN.pb"), folder = args.required("out-dir");
  std::string name;
  auto const values = octet::load_tensor(path, &name);
  if (name.empty()) name = "tensor";
  auto p = plan_of(args, type, values.dims());
  auto const dims = grid_dims(p, values.dims());
  bool const given = args.has("scale");
  if (given != args.has("zero-point")) throw error{error_kind::invalid, "Must provide both 'scale' and 'zero_point'"};
  bool const reduced = args.flag("reduce-range");
  auto const least = args.number("min-real-range", 0, 0, most);
  if (given) {
    p.grids = grids_from(octet::load_tensor(args.text("scale")), octet::load_tensor(args.text("zero-point")),
                         static_cast<std::size_t>(dims.size()));
    for (auto const& g : p.grids)
      if (g.type != type)
        throw error{error_kind::invalid, "the zero point is " + type_name(g.type) + ", not " + type_name(type)};
  } else if (args.has("rmin") || args.has("rmax")) {
    if (p.axis != octet::no_axis)
      throw error{error_kind::invalid, "'--rmin' and '--rmax' are for one grid, without '--axis'"};
    p.grids = {octet::numeric::choose(range_of(args), type, p.symmetry, reduced, least)};
  } else {
    p.grids = octet::grids_of(values, p, reduced, least);
  }
  auto const quantized = octet::quantize_constant(values, p);
  make_folder(folder);
  octet::save_tensor(quantized, folder + "/quantized.pb", name + "_quantized");
  octet::save_tensor(octet::detail::scales_of(p.grids, dims, values.type()), folder + "/scale.pb", name + "_scale");
  octet::save_tensor(octet::detail::integers_of(p.grids, dims, type), folder + "/zero_point.pb", name + "_zero_point");
  out.result()["output"] = folder;
  out.result()["grids"] = p.grids.size();
  out.report(std::to_string(p.grids.size()) + (p.grids.size() == 1 ? " grid -> " : " grids -> ") + folder + "\n");
}

void run_tensor_dequantize(arguments const& args, console& out) {
  auto const path = args.argument(0, "Q.pb"), output = args.required("output");
  std::string const inputs[] = {path};
  check_output(output, inputs, out);
  std::string name;
  auto const q = octet::load_tensor(path, &name);
  auto const scale = octet::load_tensor(args.required("scale"));
  auto const zero = args.has("zero-point") ? octet::load_tensor(args.text("zero-point")) : tensor{};
  auto p = plan_of(args, octet::numeric::has_grid(q.type()) ? q.type() : element::s8, q.dims());
  p.grids = grids_from(scale, zero, static_cast<std::size_t>(grid_dims(p, q.dims()).size()));
  auto const integers = widened(q);
  tensor r{element::f32, q.dims()};
  auto const to = r.mutable_as<float>();
  octet::detail::for_each_run(q.dims(), p, [&](std::ptrdiff_t first, std::ptrdiff_t n, std::size_t g) {
    for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(first + n); ++i)
      to[i] = static_cast<float>(std::int64_t{integers[i]} - p.grids[g].zero_point) * p.grids[g].scale;
  });
  octet::save_tensor(octet::from_f32(r, scale.type()), output, name);
  out.result()["output"] = output;
}

}  // namespace cli
