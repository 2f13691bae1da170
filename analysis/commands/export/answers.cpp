#include "commands/export/answers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"

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
  Asked& asked = asked_[{operation, group}];
  asked.by = answer.by;
  asked.payloads.insert(payload);
  if (answer.estimate.extrapolated) {
    asked.outside.insert(payload);
  }
  doubts_.add(doubts_about(message, answer));
  return answer.estimate.value_s;
}

std::vector<std::string> Answers::not_measured() const {
  std::map<predict::Answerer, std::vector<std::string>> groups;
  std::vector<std::string> outside;
  for (const auto& [question, asked] : asked_) {
    const std::string name = fmt::format("{} of {}", name_of(question.first), to_string(question.second));
    if (asked.by != predict::Answerer::curve) {
      groups[asked.by].push_back(name);
    } else if (!asked.outside.empty()) {
      outside.push_back(fmt::format("{} at {} of {} payloads", name, asked.outside.size(), asked.payloads.size()));
    }
  }
  std::vector<std::string> texts;
  for (const auto& [by, asked] : groups) {
    texts.push_back(fmt::format("not measured, answered by {}: {}", name_of(by), fmt::join(asked, "; ")));
  }
  if (!outside.empty()) {
    texts.push_back(fmt::format("extrapolated beyond the measured payloads: {}", fmt::join(outside, "; ")));
  }
  return texts;
}

}  // namespace hockney::commands
