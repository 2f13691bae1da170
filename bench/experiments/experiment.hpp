#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "plan/case.hpp"
#include "transport/transport.hpp"

namespace hockney::bench::experiments {

/// One experiment: how an operation is prepared, run and verified. Written in verbs, so that it runs on every
/// transport that moves data. To add one: a file with a make_NAME() function, and its line in experiments.cpp; for one
/// more collective of equal blocks, the line and what operation.hpp says of it.
struct Experiment {
  std::string_view name;
  std::string_view summary;  ///< one line for --help: what is timed
  std::unique_ptr<transport::Trial> (*make)(transport::Verbs& verbs, const Case& point);
};

/// Every experiment, in the order of the help text.
std::span<const Experiment> all_experiments();

/// The experiment that times an operation. Throws Failure when none does.
const Experiment& experiment_for(Operation operation);

}  // namespace hockney::bench::experiments
