// Graph rewriting: patterns, rules, the driver, and the shipped rule sets.
#pragma once

#include <octet/rewrite/driver.hpp>
#include <octet/rewrite/passes.hpp>
#include <octet/rewrite/rules/activation.hpp>
#include <octet/rewrite/rules/affine.hpp>
#include <octet/rewrite/rules/batch_norm.hpp>
#include <octet/rewrite/rules/cleanup.hpp>
#include <octet/rewrite/rules/linear.hpp>
#include <octet/rewrite/rules/normalization.hpp>
#include <octet/rewrite/upgrade.hpp>
