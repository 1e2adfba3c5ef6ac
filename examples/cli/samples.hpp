// --data and what says how it is read: the same for every command that takes samples.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <octet/calibrate/reader.hpp>
#include <octet/calibrate/readers/folder.hpp>

#include "arguments.hpp"

namespace cli {

/// --data; throws `invalid` when it is missing.
std::vector<std::string> data_paths(arguments const& args);

/// How the options say that samples are read, at most `limit` of them. `paths` tell whether standard input is wanted.
octet::data_options data_options_of(arguments const& args, std::vector<std::string> const& paths, std::size_t limit);

/// Gives sample i of `files`; with --recurrent it has the state that `m` reaches there.
std::function<octet::feed(std::size_t)> sample_loader(arguments const& args, octet::model const& m,
                                                      std::shared_ptr<octet::data_files const> files);

/// The samples of --data for `m`, at most `limit` of them.
octet::reader samples_of(arguments const& args, octet::model const& m, std::size_t limit);

}  // namespace cli
