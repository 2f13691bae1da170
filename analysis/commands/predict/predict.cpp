#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string_view>

#include "commands/commands.hpp"
#include "commands/predict/ways.hpp"

namespace hockney::commands {
namespace {

struct Way {
  std::string_view name;
  void (*add)(CLI::App& predict);
};

constexpr std::array<Way, 6> ways{{{"step", add_predict_step},
                                   {"communication", add_predict_communication},
                                   {"message", add_predict_message},
                                   {"rows", add_predict_rows},
                                   {"against", add_predict_against},
                                   {"constants", add_predict_constants}}};

// "--rows" or "--rows=FILE"
bool is_flag_of(const std::string& argument, std::string_view way) {
  const std::string flag = "--" + std::string(way);
  return argument == flag || argument.starts_with(flag + "=");
}

bool asks_for_help(const std::string& argument) { return argument == "--help" || argument == "-h"; }

}  // namespace

std::vector<std::string> with_way_to_predict(std::vector<std::string> arguments) {
  if (arguments.size() < 2 || arguments[0] != "predict" || asks_for_help(arguments[1])) {
    return arguments;
  }
  const auto is_named = [&](const Way& way) { return arguments[1] == way.name; };
  const auto is_flagged = [&](const Way& way) {
    return std::any_of(arguments.begin(), arguments.end(),
                       [&](const std::string& argument) { return is_flag_of(argument, way.name); });
  };
  if (std::none_of(ways.begin(), ways.end(), is_named)) {
    const auto way = std::find_if(ways.begin(), ways.end(), is_flagged);
    arguments.insert(arguments.begin() + 1, std::string(way == ways.end() ? ways.front().name : way->name));
  }
  return arguments;
}

void add_predict(CLI::App& app) {
  CLI::App* command = app.add_subcommand("predict", "seconds per training step, from a cost model and a GPU's file");
  command->require_subcommand(1);
  command->footer(
      "Without one of these words `hockney predict` predicts a step: its flags are those of\n"
      "`hockney predict step --help`. A word may be written as a flag: `hockney predict --rows FILE`.");
  for (const Way& way : ways) {
    way.add(*command);
  }
}

}  // namespace hockney::commands
