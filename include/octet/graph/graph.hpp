// The graph with all that it can do: its structure and how it is changed.
#pragma once

#include <octet/graph/edit.hpp>
#include <octet/graph/structure.hpp>
