#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "predict/score/training_rows.hpp"
#include "predict/step/run_way.hpp"

namespace hockney::predict {

/// Kinds of steps that a model may err on differently.
enum class StepKind { dense, experts, sharded };

/// A published training step with how it was run.
struct ExamRow {
  TrainingRow run;
  std::string file;
  std::string family;  ///< the source up to its first version, with what kind of step it is: "..., experts"
  StepKind kind = StepKind::dense;
  std::string stack;  ///< name of the stack; "unknown" where no stack file has a mark of the row
  RunWay way;
  bool host_waits = true;
};

/// A line that cannot be predicted.
struct SkippedRow {
  std::string place;  ///< "runs.csv:7"
  std::string reason;
};

struct ExamRows {
  std::vector<ExamRow> rows;
  std::vector<SkippedRow> skipped;
};

/// Reads tables of published steps: the columns of read_training_rows(), and top_k, precision (as Precision; bf16),
/// sharding (as parse_sharding()), launches, launch_min_s, launch_max_s, published_as, caveat, url. "not stated" is as
/// an empty field. What a table does not say of kernels and overlap follows from the stack that its source or caveat
/// names, else from the one whose marks hold "sharding: WORDS" or "gpu: NAME".
///
/// Nothing that ran is refused for how it divides: the fullest GPU sets the pace. Under interleaving layers are taken
/// as rounded up to a multiple of p v, the batch to one of b d; where t is above the key-value heads each GPU holds
/// one. A line that cannot be read is skipped with its reason. Throws InputError for a file that cannot be read and for
/// unknown columns.
void read_exam_rows(const std::filesystem::path& file, const std::vector<Stack>& stacks, ExamRows& into);

/// The same from text; `origin` stands for the file name.
void parse_exam_rows(const std::string& text, const std::string& origin, const std::vector<Stack>& stacks,
                     ExamRows& into);

}  // namespace hockney::predict
