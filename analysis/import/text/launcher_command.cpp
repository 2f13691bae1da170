#include "import/text/launcher_command.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

enum class Meaning { ranks, nodes, ranks_per_node };

struct Option {
  std::string_view name;
  Meaning mpirun;
  Meaning srun;
};

constexpr std::array<Option, 12> known_options{{
    {"-n", Meaning::ranks, Meaning::ranks},
    {"-np", Meaning::ranks, Meaning::ranks},
    {"--np", Meaning::ranks, Meaning::ranks},
    {"--ntasks", Meaning::ranks, Meaning::ranks},
    {"-N", Meaning::ranks_per_node, Meaning::nodes},
    {"--nodes", Meaning::nodes, Meaning::nodes},
    {"-ppn", Meaning::ranks_per_node, Meaning::ranks_per_node},
    {"--ppn", Meaning::ranks_per_node, Meaning::ranks_per_node},
    {"-npernode", Meaning::ranks_per_node, Meaning::ranks_per_node},
    {"--npernode", Meaning::ranks_per_node, Meaning::ranks_per_node},
    {"-perhost", Meaning::ranks_per_node, Meaning::ranks_per_node},
    {"--ntasks-per-node", Meaning::ranks_per_node, Meaning::ranks_per_node},
}};

std::optional<std::uint32_t> count_in(std::string_view word) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size() && value > 0 ? std::optional(value) : std::nullopt;
}

std::string_view file_name_of(std::string_view word) { return word.substr(word.rfind('/') + 1); }

bool is_launcher(std::string_view word) {
  const std::string_view name = file_name_of(word);
  return name.starts_with("mpirun") || name.starts_with("mpiexec") || name == "srun";
}

}  // namespace

std::optional<LauncherCommand> read_launcher_command(std::string_view line, std::string_view program) {
  const auto words = words_of(line);
  const auto begin = std::find_if(words.begin(), words.end(), is_launcher);
  const auto end =
      std::find_if(begin, words.end(), [&](std::string_view word) { return file_name_of(word).starts_with(program); });
  if (end == words.end() || std::find(begin, words.end(), ":") != words.end()) {
    return std::nullopt;
  }
  const bool is_srun = file_name_of(*begin) == "srun";
  LauncherCommand command;
  for (auto word = begin; word != end; ++word) {
    const std::string_view name = word->substr(0, word->find('='));
    const auto option =
        std::find_if(known_options.begin(), known_options.end(), [&](const Option& each) { return each.name == name; });
    if (option == known_options.end()) {
      continue;
    }
    const bool attached = name.size() < word->size();
    const auto value =
        attached ? count_in(word->substr(name.size() + 1)) : (word + 1 == end ? std::nullopt : count_in(word[1]));
    const Meaning meaning = is_srun ? option->srun : option->mpirun;
    (meaning == Meaning::ranks   ? command.ranks
     : meaning == Meaning::nodes ? command.nodes
                                 : command.ranks_per_node) = value;
  }
  return command;
}

}  // namespace hockney::import
