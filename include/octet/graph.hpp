// A model in memory: octet's own graph, and what every stage does with one. No protobuf.
#pragma once

#include <octet/graph/check.hpp>
#include <octet/graph/graph.hpp>
#include <octet/graph/text.hpp>
#include <octet/graph/walk.hpp>
