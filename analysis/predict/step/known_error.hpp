#pragma once

#include <array>
#include <string_view>

#include "predict/sharding.hpp"
#include "workload/transformer.hpp"

namespace hockney::predict {

/// Kinds of steps that a model may err on differently.
enum class StepKind { dense, experts, sharded };

StepKind kind_of(const Transformer& model, Sharding sharding);

std::string_view kind_name(StepKind kind);  ///< KnownError::name

/// Whose published row the efficiency of a prediction is from.
enum class Footing {
  tuned,    ///< the program's whose rows tuned the step model, on their GPU: StepConstants::model_error, of dense steps
  own,      ///< of the program on this GPU at this precision
  program,  ///< of the program on another GPU or at another precision
  stand_in,  ///< as own, but no file knows the program, and a usual stack stands in for it
  other,     ///< of another program, with its stack or a usual one
};

/// 95 % of |log(predicted / measured)| of a kind of step, by Footing from own on.
struct KnownError {
  StepKind kind;
  std::string_view name;
  std::array<double, 4> log_error;
};

/// Root mean squares of the development tables' steps, times the 97.5 % quantile of Student's t for their number. `own`
/// is out of sample but for its calibrating row; `program` has the geometric mean of the program's other efficiencies;
/// of both every family with a GPU, precision and stack counts once. `stand_in` and `other` are what
/// benchmarks/leave_program_out finds, with and without a calibrating row: there all of a program is wrong together, so
/// every program counts once; of experts, of which one program is known, every family with a GPU, precision and stack.
inline constexpr std::array<KnownError, 3> known_errors{
    {{StepKind::dense, "dense", {0.16, 0.22, 0.29, 0.43}},
     {StepKind::experts, "experts", {0.47, 0.52, 0.70, 0.72}},
     {StepKind::sharded, "sharded parameters", {0.17, 0.50, 0.29, 0.68}}}};

/// `tuned` as own.
double known_error(StepKind kind, Footing footing);

}  // namespace hockney::predict
