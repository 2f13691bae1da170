#include "import/nccl_tests/nccl_tests_settings.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

constexpr std::string_view key_of_variable = "env.";

std::string_view without_quotes(std::string_view text) {
  constexpr std::string_view quotes = "\"'";
  while (!text.empty() && quotes.find(text.front()) != std::string_view::npos) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (quotes.find(text.back()) != std::string_view::npos || text.back() == ';')) {
    text.remove_suffix(1);
  }
  return text;
}

void take(std::string_view name, std::string_view value, Provenance& to) {
  if (is_allowed_environment(name) && !value.empty()) {
    to.insert_or_assign(std::string(key_of_variable) + std::string(name), std::string(value));
  }
}

// "NCCL_ALGO=Ring"; also "--export=ALL,NCCL_ALGO=Ring,NCCL_PROTO=LL" and "-xNCCL_ALGO=Ring".
void take_assignment(std::string_view word, Provenance& to) {
  constexpr std::string_view exported = "--export=";
  if (word.starts_with(exported)) {
    word.remove_prefix(exported.size());
    while (!word.empty()) {
      const std::size_t end = std::min(word.find(','), word.size());
      take_assignment(word.substr(0, end), to);
      word.remove_prefix(std::min(end + 1, word.size()));
    }
    return;
  }
  word.remove_prefix(word.starts_with("-x") ? 2 : 0);
  word = without_quotes(word);
  const std::size_t equals = word.find('=');
  if (equals != std::string_view::npos) {
    take(word.substr(0, equals), without_quotes(word.substr(equals + 1)), to);
  }
}

bool names_a_pair(std::string_view word) {
  constexpr std::array<std::string_view, 5> words{"-genv", "-env", "--genv", "--env", "setenv"};
  return std::find(words.begin(), words.end(), word) != words.end();
}

// "NCCL_ALGO set by environment to Ring."
void take_announcement(std::string_view line, Provenance& to) {
  constexpr std::string_view announcement = " set by environment to ";
  const std::size_t at = line.find(announcement);
  if (at == std::string_view::npos) {
    return;
  }
  const auto before = words_of(line.substr(0, at));
  const auto after = words_of(line.substr(at + announcement.size()));
  if (!before.empty() && !after.empty()) {
    std::string_view value = after.front();
    value.remove_suffix(value.ends_with('.') ? 1 : 0);
    take(before.back(), value, to);
  }
}

bool is_assignment(std::string_view word) {
  const std::size_t equals = word.find('=');
  return equals != std::string_view::npos && equals > 0 &&
         word.substr(0, equals).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string_view::npos;
}

// "$", "user@host:~$", "+" of a shell that prints what it runs
bool is_prompt(std::string_view word) { return word == "+" || word.find_first_of("$%>") == word.size() - 1; }

bool is_program(std::string_view word) {
  const std::size_t suffix = word.find("_perf");
  const std::string_view rest = word.substr(std::min(suffix, word.size()));
  return rest == "_perf" || rest == "_perf_mpi";
}

constexpr std::array<std::pair<std::string_view, char>, 24> long_options{{{"nthreads", 't'},
                                                                          {"ngpus", 'g'},
                                                                          {"minbytes", 'b'},
                                                                          {"maxbytes", 'e'},
                                                                          {"stepbytes", 'i'},
                                                                          {"stepfactor", 'f'},
                                                                          {"iters", 'n'},
                                                                          {"agg_iters", 'm'},
                                                                          {"warmup_iters", 'w'},
                                                                          {"run_cycles", 'N'},
                                                                          {"parallel_init", 'p'},
                                                                          {"check", 'c'},
                                                                          {"op", 'o'},
                                                                          {"datatype", 'd'},
                                                                          {"root", 'r'},
                                                                          {"blocking", 'z'},
                                                                          {"stream_null", 'y'},
                                                                          {"timeout", 'T'},
                                                                          {"cudagraph", 'G'},
                                                                          {"report_cputime", 'C'},
                                                                          {"average", 'a'},
                                                                          {"local_register", 'R'},
                                                                          {"device_implementation", 'D'},
                                                                          {"cta_policy", 'x'}}};

struct Option {
  char letter = '\0';
  std::optional<std::string_view> value;  // when it is a part of the word
};

std::optional<Option> option_of(std::string_view word) {
  if (word.starts_with("--")) {
    const std::string_view name = word.substr(2, word.find('=') - 2);
    const auto found =
        std::find_if(long_options.begin(), long_options.end(), [&](const auto& each) { return each.first == name; });
    if (found == long_options.end()) {
      return std::nullopt;
    }
    const std::size_t equals = word.find('=');
    return Option{found->second, equals == std::string_view::npos
                                     ? std::nullopt
                                     : std::optional(without_quotes(word.substr(equals + 1)))};
  }
  const bool is_short = word.size() >= 2 && word[0] == '-' && (word[1] < '0' || word[1] > '9');
  return is_short ? std::optional(Option{word[1], word.size() > 2 ? std::optional(word.substr(2)) : std::nullopt})
                  : std::nullopt;
}

bool ends_command(std::string_view word) {
  return word.find_first_of("|>&;") != std::string_view::npos || word.starts_with('#');
}

}  // namespace

Provenance environment_in(std::string_view line) {
  Provenance found;
  const auto words = words_of(line);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (names_a_pair(words[i]) && i + 2 < words.size() && words[i + 1].find('=') == std::string_view::npos) {
      take(words[i + 1], without_quotes(words[i + 2]), found);
    }
    take_assignment(words[i], found);
  }
  take_announcement(line, found);
  return found;
}

bool only_sets_variables(std::string_view line) {
  const auto all = words_of(line);
  const std::span words = std::span(all).subspan(!all.empty() && is_prompt(all.front()) ? 1 : 0);
  if (words.empty()) {
    return false;
  }
  const std::string_view first = words.front();
  if (first == "export" || first == "setenv" || first == "declare" || first == "ENV") {
    return true;
  }
  return std::all_of(words.begin(), words.end(), is_assignment);
}

std::map<char, std::string> nccl_tests_options(std::string_view command) {
  std::map<char, std::string> options;
  const auto words = words_of(command);
  auto word = std::find_if(words.begin(), words.end(), is_program);
  for (; word != words.end() && !ends_command(*word); ++word) {
    const auto option = option_of(*word);
    if (!option) {
      continue;
    }
    const bool apart = !option->value && word + 1 != words.end() && !option_of(word[1]) && !ends_command(word[1]);
    options[option->letter] = option->value ? *option->value : apart ? word[1] : std::string_view{};
  }
  return options;
}

}  // namespace hockney::import
