// A decoder with a cache of keys and values, quantized dynamically: what it writes in float and in int8, token by
// token.
//   gpt2_decoder OUT text FILE     makes a small decoder, fitted to the text
//   gpt2_decoder OUT model FILE    takes an exported one: input_ids, perhaps attention_mask, and past tensors in the
//   order of the presents
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tiny_gpt2.hpp"

namespace {

using ids = std::vector<std::int64_t>;

/// Runs a model token after token; the outputs after the first one go back into the inputs that hold the past.
class decoder {
 public:
  explicit decoder(octet::model const& m) : m_{m}, session_{m} {
    for (auto const v : m.main.inputs) {
      auto const& x = m.main[v];
      if (x.type->element == octet::element::s64) continue;
      past_.push_back(x.name);
      octet::shape empty;
      for (auto const& d : *x.type->dims) empty.push_back(d.known() ? d.size : d.symbol.starts_with("b") ? 1 : 0);
      feed_[x.name] = octet::tensor{octet::element::f32, empty};
    }
  }
  /// Takes tokens in; returns the likeliest next token after each of them.
  ids operator()(ids const& tokens) {
    auto const n = static_cast<std::int64_t>(tokens.size());
    feed_["input_ids"] = octet::tensor::of({1, n}, tokens);
    seen_ += n;
    if (m_.main.find("attention_mask") != octet::value_id::none)
      feed_["attention_mask"] = octet::tensor::of({1, seen_}, ids(static_cast<std::size_t>(seen_), 1));
    auto const out = session_.run(feed_);
    auto const name = [&](std::size_t i) { return m_.main[m_.main.outputs[i]].name; };
    for (std::size_t i = 0; i < past_.size(); ++i) feed_[past_[i]] = out.at(name(i + 1));
    auto const scores = out.at(name(0)).as<float>();
    auto const width = static_cast<std::ptrdiff_t>(scores.size()) / n;
    ids next;
    for (auto at = scores.begin(); at != scores.end(); at += width)
      next.push_back(std::max_element(at, at + width) - at);
    return next;
  }

 private:
  octet::model const& m_;
  octet::session session_;
  std::vector<std::string> past_{};
  octet::feed feed_{};
  std::int64_t seen_ = 0;
};

struct writing {
  ids tokens{};
  double milliseconds = 0;  ///< per token
};

writing write(octet::model const& m, ids const& prompt, int count) {
  decoder d{m};
  writing w{{d(prompt).back()}};
  auto const start = std::chrono::steady_clock::now();
  while (static_cast<int>(w.tokens.size()) < count) w.tokens.push_back(d({w.tokens.back()})[0]);
  std::chrono::duration<double, std::milli> const took = std::chrono::steady_clock::now() - start;
  w.milliseconds = took.count() / (count - 1);
  return w;
}

/// How many of the tokens come out again when all of them are read at once, without a past: the cache must not show.
std::ptrdiff_t found_again(octet::model const& m, ids const& prompt, ids const& tokens) {
  auto all = prompt;
  all.insert(all.end(), tokens.begin(), tokens.end() - 1);
  auto const next = decoder{m}(all);
  auto const from = next.begin() + static_cast<std::ptrdiff_t>(prompt.size()) - 1;
  return std::mismatch(tokens.begin(), tokens.end(), from).first - tokens.begin();
}

/// Both models read the same tokens; how often they would go on alike, and how often as the text does.
void read_along(octet::model const& a, octet::model const& b, ids const& text) {
  constexpr std::size_t longest = 60;  // as many positions as small exports have
  std::size_t all = 0, same = 0, right_a = 0, right_b = 0;
  for (std::size_t from = 0; from + 1 < text.size(); from += longest) {
    decoder x{a}, y{b};
    for (std::size_t i = from; i < std::min(from + longest, text.size() - 1); ++i, ++all) {
      auto const p = x({text[i]})[0], q = y({text[i]})[0];
      same += p == q, right_a += p == text[i + 1], right_b += q == text[i + 1];
    }
  }
  auto const percent = [&](std::size_t n) { return 100 * static_cast<double>(n) / static_cast<double>(all); };
  std::printf("%zu tokens read one by one: float foretells %.1f %%, int8 %.1f %%, both say the same %.1f %%\n", all,
              percent(right_a), percent(right_b), percent(same));
}

std::string show(ids const& tokens, bool text) {
  if (text) return tiny_gpt2::decode(tokens);
  std::string s;
  for (auto const t : tokens) s += std::to_string(t) + ' ';
  return s;
}

}  // namespace

int main(int argc, char** argv) try {
  std::string const kind = argc == 4 ? argv[2] : "";
  bool const text = kind == "text";
  if (!text && kind != "model")
    throw octet::error{octet::error_kind::usage, "three arguments are needed", {}, "OUT text|model FILE"};
  std::string const out = argv[1], file = argv[3];
  std::filesystem::create_directories(out);
  ids prompt{3, 14, 15, 92, 65, 35}, training, held_back{prompt};
  octet::model model;
  if (text) {
    std::ifstream in{file};
    auto const all = tiny_gpt2::encode({std::istreambuf_iterator<char>{in}, {}});
    auto const cut = all.begin() + static_cast<std::ptrdiff_t>(all.size() * 9 / 10);
    training.assign(all.begin(), cut), held_back.assign(cut, all.end());
    prompt = tiny_gpt2::encode("the model is ");
    model = tiny_gpt2::builder{}.make();
    tiny_gpt2::fit_head(model, training);
  } else {
    model = octet::load(file);
    for (std::int64_t x = 7; held_back.size() < 200;) held_back.push_back(x = x * 75 % 101);  // any tokens below 101
  }
  octet::save(model, out + "/float.onnx");

  auto quantized = octet::load(out + "/float.onnx");
  octet::preprocess(quantized);
  auto const report = octet::quantize_dynamic<octet::u8s8.per_channel()>(quantized);
  octet::save(quantized, out + "/int8.onnx");
  std::printf("weights: %.2f MB, before %.2f MB\n", static_cast<double>(report.bytes_after) / 1e6,
              static_cast<double>(report.bytes_before) / 1e6);

  auto const a = write(model, prompt, 40), b = write(quantized, prompt, 40);
  auto const alike = std::mismatch(a.tokens.begin(), a.tokens.end(), b.tokens.begin()).first - a.tokens.begin();
  std::printf("float: %s%s\nint8:  %s%s\n", show(prompt, text).c_str(), show(a.tokens, text).c_str(),
              show(prompt, text).c_str(), show(b.tokens, text).c_str());
  std::printf("%td of 40 tokens alike before the first difference; a token takes %.2f ms in float, %.2f ms in int8\n",
              alike, a.milliseconds, b.milliseconds);
  std::printf("read at once, without a past, %td of them come out again\n", found_again(model, prompt, a.tokens));
  read_along(model, quantized, held_back);
} catch (octet::error const& e) {
  std::fprintf(stderr, "%s (%s) %s\n", e.what(), e.where.c_str(), e.hint.c_str());
  return static_cast<int>(e.kind);
}
