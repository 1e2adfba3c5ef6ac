// Part of octet-compiled.
#include <octet/io/data_files.hpp>
#include <octet/io/read_model.hpp>
#include <octet/io/tensor_message.hpp>
