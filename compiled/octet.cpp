// The one unit of octet-compiled: the bodies of everything that is marked OCTET_API.
#include <octet/octet.hpp>
