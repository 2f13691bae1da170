#include "commands/export/answers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "predict/step/step_warnings.hpp"

namespace hockney::commands {

double Answers::ask(Operation operation, const Group& group, Bytes payload) {
  Message message;
  message.operation = operation;
  message.placed = {group, group.nodes(), group.concurrent > 1};
  message.payload = payload;
  message.count = 1;
  const predict::Answer answer = network_.answer(message);
  if (answer.is_substitute()) {
    throw InputError(
        fmt::format("{} of {}: only a curve of another fabric could answer; measure it, or name fewer "
                    "--nodes",
                    name_of(operation), to_string(group)));
  }
  first_.try_emplace({operation, group}, predict::StepLine{message, answer, {}});
  return answer.estimate.value_s;
}

std::vector<std::string> Answers::warnings() const {
  std::vector<predict::StepLine> lines;
  for (const auto& [question, line] : first_) {
    lines.push_back(line);
  }
  return predict::warnings_about(lines);
}

std::vector<std::string> Answers::not_measured() const {
  std::map<predict::Answerer, std::vector<std::string>> groups;
  for (const auto& [question, line] : first_) {
    if (line.answer.by != predict::Answerer::curve) {
      groups[line.answer.by].push_back(fmt::format("{} of {}", name_of(question.first), to_string(question.second)));
    }
  }
  std::vector<std::string> texts;
  for (const auto& [by, asked] : groups) {
    texts.push_back(fmt::format("not measured, answered by {}: {}", name_of(by), fmt::join(asked, "; ")));
  }
  return texts;
}

}  // namespace hockney::commands
