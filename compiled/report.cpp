// Part of octet-compiled.
#include <octet/report/html.hpp>
#include <octet/report/json.hpp>
#include <octet/report/text.hpp>
