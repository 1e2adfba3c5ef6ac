// Which tensors of a model go to files beside it, to which, and where in them. Decides only; save.hpp writes.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <octet/graph/walk.hpp>
#include <octet/io/atomic_file.hpp>
#include <octet/io/external_data.hpp>
#include <octet/io/options.hpp>
#include <octet/io/write_tensor.hpp>

namespace octet::detail {

struct placed_tensor {
  stored_tensor const* tensor = nullptr;
  std::uint64_t offset = 0;
};

/// A file beside a model.
struct data_file {
  std::string location{};
  std::vector<placed_tensor> tensors{};
  bool by_name = false;  ///< the user chose the name
};

/// The file names that a model refers to, found in its bytes; what is damaged is passed over.
inline void find_locations(bytes_view all, part kind, int depth, std::set<std::string>& found) {
  for (wire_reader r{all}; !r.done() && depth < 100;) {
    auto const f = r.next();
    auto const inner = f.type == 2 ? part_of(kind, f.number) : part::plain;
    if (inner != part::plain && inner != part::payload) find_locations(f.body, inner, depth + 1, found);
    if (kind != part::tensor || f.number != 13 || f.type != 2) continue;
    wire::StringStringEntryProto p;
    if (f.body.size() < 4096 && p.ParseFromArray(f.body.data(), static_cast<int>(f.body.size())) &&
        p.key() == "location")
      found.insert(p.value());
  }
}

inline std::set<std::string> locations_in(std::string const& model_path) {
  std::set<std::string> found;
  try {
    if (::access(model_path.c_str(), F_OK) == 0) find_locations(open_source(model_path).bytes, part::model, 0, found);
  } catch (error const&) {  // what is replaced need not be a model
  }
  return found;
}

inline std::string const& location_of(stored_tensor const& t) {
  static std::string const none;
  auto const* const s = find_property(t.external, "location");
  return s == nullptr ? none : *s;
}

/// Builds the layout of one save.
class external_layout {
 public:
  external_layout(model const& m, save_options const& o, std::string const& target)
      : options_{o}, name_{file_name_of(target)} {
    auto const source = m.path.empty() || m.path == "-" ? "" : real_path(m.path);
    onto_itself_ = !source.empty() && source == real_path(target);
    beside_ = !source.empty() &&
              real_path(folder_of(source)) == real_path(folder_of(target).empty() ? "." : folder_of(target));
    find_changed(m);
    for_each_stored_tensor(
        m, [&](stored_tensor const& t, std::string const& name) { consider(t, name, true); },
        [&](stored_tensor const& t, std::string const& name) { consider(t, name, o.attributes); });
  }

  /// Moves what may move out of a model that is too large.
  void move_out(model const& m) {
    moving_ = true;
    for_each_stored_tensor(
        m, [&](stored_tensor const& t, std::string const& name) { consider(t, name, true); },
        [&](stored_tensor const& t, std::string const& name) { consider(t, name, options_.attributes); });
  }

  std::vector<data_file>& files() { return files_; }
  /// Whether the model that is being saved was loaded with data from this file, and stays in use.
  bool is_of_source(std::string const& location) const {
    return beside_ && !onto_itself_ && source_locations_.count(location) != 0;
  }

  /// What the model file says about the tensors, once the files have their final names.
  placements outside() const {
    placements all = inside_;
    for (auto const& f : files_)
      for (auto const& p : f.tensors) {
        if (as_loaded(*p.tensor) && location_of(*p.tensor) == f.location && kept_.count(p.tensor) != 0)
          all[p.tensor] = p.tensor->external;
        else
          all[p.tensor] = {{"location", f.location},
                           {"offset", std::to_string(p.offset)},
                           {"length", std::to_string(bytes_of(*p.tensor).size())}};
      }
    return all;
  }

 private:
  /// A file of which one tensor was changed is laid out anew.
  void find_changed(model const& m) {
    auto const look = [&](stored_tensor const& t, std::string const&) {
      if (t.storage != storage::external) return;
      source_locations_.insert(location_of(t));
      if (!as_loaded(t)) changed_.insert(location_of(t));
    };
    for_each_stored_tensor(m, look, look);
  }

  bool may_be_outside(stored_tensor const& t) const {
    return t.foreign ? bool(t.foreign->bytes) : t.data && t.data.type() != element::text;
  }

  void consider(stored_tensor const& t, std::string const& name, bool allowed) {
    auto const size = bytes_of(t).size();
    bool const large = allowed && may_be_outside(t) && size >= options_.threshold;
    if (moving_) {
      if (large && t.storage != storage::external) inside_.erase(&t), append(file(name_ + ".data", false), t);
      return;
    }
    switch (options_.external) {
      case external_data::automatic:
        if (t.storage == storage::external && may_be_outside(t)) keep(t);
        break;
      case external_data::one_file:
        if (large)
          append(file(options_.file_name.empty() ? name_ + ".data" : options_.file_name, !options_.file_name.empty()),
                 t);
        break;
      case external_data::file_per_tensor:
        if (large) append(file(own_name(name), false), t);
        break;
      case external_data::inside:
        break;
    }
    if (t.storage == storage::external && placed_.count(&t) == 0) inside_[&t] = {};  // others are inside anyway
  }

  /// A tensor that was loaded from outside stays where it was, if the whole file does.
  void keep(stored_tensor const& t) {
    auto const& location = location_of(t);
    if (!as_loaded(t) || changed_.count(location) != 0 || (beside_ && !onto_itself_))
      return append(file(name_ + ".data", false), t);
    auto const* const offset = find_property(t.external, "offset");
    auto const at = offset == nullptr ? 0 : parse_count(*offset, "offset");
    file(location, false).tensors.push_back({&t, at});
    ends_[location] = std::max(ends_[location], at + bytes_of(t).size());
    placed_.insert(&t), kept_.insert(&t);
  }

  data_file& file(std::string const& location, bool by_name) {
    auto const [it, fresh] = by_location_.emplace(location, files_.size());
    if (fresh) files_.push_back({location, {}, by_name});
    return files_[it->second];
  }

  /// Behind what is there, aligned so that a mapped tensor is; one that shares its bytes with another shares its place.
  void append(data_file& f, stored_tensor const& t) {
    placed_.insert(&t);
    auto const bytes = bytes_of(t);
    auto& known = seen_[f.location];
    auto const [it, fresh] = known.emplace(std::pair{bytes.data(), bytes.size()}, 0);
    if (fresh) {
      std::uint64_t const alignment = bytes.size() >= 1u << 20 ? 4096 : 64;
      auto& end = ends_[f.location];
      it->second = (end + alignment - 1) / alignment * alignment;
      end = it->second + bytes.size();
    }
    f.tensors.push_back({&t, it->second});
  }

  std::string own_name(std::string const& tensor) {
    std::string clean;
    for (char const c : tensor.substr(0, 80)) {
      bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                         c == '-' || c == '.';
      clean += plain ? c : '_';
    }
    auto name = name_ + '.' + clean + ".data";
    for (int i = 2; by_location_.count(name) != 0; ++i) name = name_ + '.' + clean + '-' + std::to_string(i) + ".data";
    return name;
  }

  save_options const& options_;
  std::string name_;
  bool onto_itself_ = false, beside_ = false, moving_ = false;
  std::set<std::string> source_locations_{}, changed_{};
  std::set<stored_tensor const*> placed_{}, kept_{};
  placements inside_{};
  std::vector<data_file> files_{};
  std::map<std::string, std::size_t> by_location_{};
  std::map<std::string, std::map<std::pair<std::byte const*, std::size_t>, std::uint64_t>> seen_{};
  std::map<std::string, std::uint64_t> ends_{};
};

}  // namespace octet::detail
