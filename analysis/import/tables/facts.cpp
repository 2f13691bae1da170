#include "import/tables/facts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <regex>
#include <utility>

#include "base/text.hpp"
#include "import/imported_points.hpp"
#include "import/tables/plain_text.hpp"

namespace hockney::import {
namespace {

// Of a longer line only the beginning is read: std::regex recurses over characters.
constexpr std::size_t longest_line = 300;

const std::string ranks_noun =
    R"((?:mpi |nvidia |amd |total )?(?:ranks?|gpus?|npus?|xpus?|tpus?|gcds?|process(?:es)?|procs?|workers?|cards?|devices?|tasks?|neuroncores?))";
const std::string gpu_name = R"((?:nvidia |amd )?(?:gb|gh|mi|rtx|[habvlp])\d{2,4}[a-z]*(?: gpus?)?)";
const std::string of_ranks = "(?:" + ranks_noun + "|" + gpu_name + R"()\b)";
const std::string of_nodes = R"((?:(?:x ?)?(?:dgx|hgx)|nodes?|hosts?|servers?|machines?|instances?|trays?)\b)";
const std::string count = R"((\d{1,7}))";
const std::string quantity_behind = R"(: ?[\d.,]+ ?(?:[kmgt]?i?b|bytes|elements|[num]?s)\b)";
const std::string start = R"((?:^|[^\w.\-:]|[^\d]:))";  // not in "10:00:08 device"

using Take = std::function<void(const std::smatch&, Facts&)>;

struct Pattern {
  std::regex regex;
  Take take;
  bool counts = true;  ///< it needs a digit
};

std::uint32_t number_in(const std::ssub_match& match) {
  const std::string text = match.str();
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Says a number once; twice with two values is nothing: 0, until tidy().
void say(std::optional<std::uint32_t>& fact, std::uint32_t value) { fact = fact && *fact != value ? 0 : value; }

void tidy(std::optional<std::uint32_t>& fact) {
  if (fact == 0U) {
    fact.reset();
  }
}

std::uint32_t number_of_word(const std::string& word) {
  constexpr std::array<std::pair<std::string_view, std::uint32_t>, 7> words{
      {{"single", 1}, {"one", 1}, {"two", 2}, {"dual", 2}, {"three", 3}, {"four", 4}, {"eight", 8}}};
  return std::find_if(words.begin(), words.end(), [&](const auto& each) { return each.first == word; })->second;
}

template <std::optional<std::uint32_t> Facts::*Member>
void say_first(const std::smatch& match, Facts& facts) {
  say(facts.*Member, number_in(match[1]));
}

void say_product(const std::smatch& match, Facts& facts) {
  say(facts.nodes, number_in(match[1]));
  say(facts.ranks_per_node, number_in(match[2]));
}

// In this order: what a pattern matched is gone for those after it.
const std::vector<Pattern>& patterns() {
  const std::string assigned = R"(\s*[=:]\s*)" + count + R"(\b)";
  static const std::vector<Pattern> all{
      {std::regex(R"(\d+ ?(?:to|and|or|/|-|\.\.\.?) ?\d+ ?-?(?:)" + of_ranks + "|" + of_nodes + ")"),
       [](const std::smatch& match, Facts& facts) {
         static const std::regex nodes(of_nodes);
         (std::regex_search(match.str(), nodes) ? facts.nodes : facts.ranks) = 0;
       }},
      {std::regex(start + count + "[ -]?" + of_nodes + R"( ?[x*,] ?)" + count + "[ -]?(?:x ?)?" + of_ranks +
                  R"((?: (?:each|per )" + of_nodes + R"(|/ ?)" + of_nodes + "))?"),
       [](const std::smatch& match, Facts& facts) {
         // "2 nodes, 16 GPUs" has them in all, "2 nodes x 8 GPUs" and "2 nodes, 8 GPUs each" on each
         const std::string text = match.str();
         const bool in_all = text.find(',') != std::string::npos && text.find_first_of('/') == std::string::npos &&
                             text.find("each") == std::string::npos && text.find("per") == std::string::npos;
         say(facts.nodes, number_in(match[1]));
         say(in_all ? facts.ranks : facts.ranks_per_node, number_in(match[2]));
       }},
      {std::regex(start + count + " ?[x*] ?" + count + " ?(?:x ?)?" + of_ranks), say_product},
      {std::regex(start + count + R"([ -]?(?:x ?)?)" + of_ranks + R"( ?(?:(?:per|/|a|in each|on each)[ -]?)" +
                  of_nodes + "|each)"),
       say_first<&Facts::ranks_per_node>},
      {std::regex(start + count + "[ -]" + of_ranks + quantity_behind), say_first<&Facts::ranks>},  // "8 GPUs: 4 MB"
      {std::regex(start + count + "[ -]" + of_nodes + quantity_behind), say_first<&Facts::nodes>},
      {std::regex(R"(\b(?:(?:num_?|n_?|number of )?(?:gpus?|ranks?|processes|tasks|procs?)[ _-]?per[ _-]?node|ppn))" +
                  assigned),
       say_first<&Facts::ranks_per_node>},
      {std::regex(R"((?:-ppn|--n(?:tasks|proc)[-_]per[-_]node)[ =])" + count), say_first<&Facts::ranks_per_node>},
      {std::regex(
           R"(\b(?:world[ _]?size|(?:num_?|n_?|number of )?(?:ranks|gpus|npus|processes|procs|tasks|workers)|np))" +
           assigned),
       say_first<&Facts::ranks>},
      {std::regex(R"(\bworld[ _]?size (?:of |is )?)" + count + R"(\b)"), say_first<&Facts::ranks>},
      {std::regex(R"((?:^|\s)--?(?:np|ntasks|nworkers)[ =])" + count), say_first<&Facts::ranks>},
      {std::regex(R"(\b(?:mpirun|mpiexec|srun)\b.*\s-n[ =]?)" + count), say_first<&Facts::ranks>},
      {std::regex(R"(\b(?:num_?|n_?|number of )?(?:nodes|hosts))" + assigned), say_first<&Facts::nodes>},
      {std::regex(R"((?:^|\s)--n?nodes[ =])" + count), say_first<&Facts::nodes>},
      {std::regex(start + count + R"([ -]?(?:x ?)?)" + of_ranks), say_first<&Facts::ranks>},
      {std::regex(start + count + "[ -]?" + of_nodes), say_first<&Facts::nodes>},
      {std::regex(R"(\b(single|one|two|dual|three|four|eight)[ -])" + of_nodes),
       [](const std::smatch& match, Facts& facts) { say(facts.nodes, number_of_word(match[1])); }, false},
      {std::regex(R"(\bintra-?node\b)"), [](const std::smatch&, Facts& facts) { say(facts.nodes, 1); }, false},
      {std::regex(R"(\bwarm-?ups?(?: iterations| iters)?\s*[=:]?\s*\d+)"), [](const std::smatch&, Facts&) {}},
      {std::regex(R"(\b(?:iterations|iters|trials|repetitions))" + assigned), say_first<&Facts::iterations>},
      {std::regex(start + count + R"( (?:iterations|iters|trials|repetitions)\b)"), say_first<&Facts::iterations>},
      {std::regex(
           R"(\b(?:sizes?|messages?|payload|data|buffer|bytes|[kmg]i?b)\b.*\bper[ -](?:rank|gpu|process|device|npu)\b|\bper[ -](?:rank|gpu|process|device|npu) (?:message |buffer |data |payload )?(?:size|bytes|payload|buffer|data))"),
       [](const std::smatch&, Facts& facts) { facts.size_per_rank = true; }, false},
      {std::regex(R"(\b(?:total|global|full) (?:message |buffer |data |payload )?(?:size|bytes|payload|buffer))"),
       [](const std::smatch&, Facts& facts) { facts.size_per_rank = false; }, false},
      {std::regex(R"(([\d.,]+ ?[kmgt]?i?b) (?:payload|message|buffer))"),
       [](const std::smatch& match, Facts& facts) { facts.payload = read_quantity(match[1].str(), {}); }},
      {std::regex(R"(\bbus ?-?(?:bw|bandwidth))"), [](const std::smatch&, Facts& facts) { facts.bus_bandwidth = true; },
       false},
  };
  return all;
}

std::string small_letters(std::string_view text) {
  std::string small = lower_case(text.substr(0, longest_line));
  std::replace(small.begin(), small.end(), joining_blank, ' ');
  return small;
}

// A unit that stands for itself, behind no number: "avg ms", "(GB/s)", "in us". Nothing for two of them.
std::optional<Unit> unit_in(std::string_view text) {
  static const std::regex words(R"(([^\s()\[\],;:]+))");
  const std::string line(text.substr(0, longest_line));
  std::optional<Unit> found;
  bool after_number = false;
  for (std::sregex_iterator word(line.begin(), line.end(), words), end; word != end; ++word) {
    const std::string written = word->str();
    const auto unit = written.size() > 1 ? unit_of_word(written) : std::nullopt;
    if (unit && !after_number && is_time_or_rate(*unit)) {
      if (found && found->factor != unit->factor) {
        return std::nullopt;
      }
      found = unit;
    }
    after_number = read_printed_number(written).has_value();
  }
  return found;
}

std::optional<Element> element_in(std::string_view text) {
  std::optional<Element> found;
  const auto words = words_in(text);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool named = i > 0 && (words[i - 1] == "dtype" || words[i - 1] == "datatype" || words[i - 1] == "type");
    const bool numbered = words[i].find_first_of("0123456789") != std::string::npos;
    const auto element = named || numbered ? element_of_word(words[i]) : std::nullopt;
    if (element && found && element != found) {
      return std::nullopt;
    }
    found = element ? element : found;
  }
  return found;
}

// nccom-test's own names (AWS Neuron, "NCCOM-TEST User Guide"): "nccom-test -r 64 -N 2 -n 50 allr".
void read_nccom_command(std::string_view text, Facts& facts) {
  constexpr std::array<std::pair<std::string_view, Operation>, 3> short_names{
      {{"allr", Operation::all_reduce}, {"allg", Operation::all_gather}, {"redsct", Operation::reduce_scatter}}};
  for (const std::string& word : words_in(text)) {
    const auto found =
        std::find_if(short_names.begin(), short_names.end(), [&](const auto& each) { return each.first == word; });
    facts.operation = found == short_names.end() ? facts.operation : found->second;
  }
  static const std::regex options(R"( -([rNn]) (\d{1,7}))");
  facts.nodes = facts.nodes.value_or(1);
  for (std::cregex_iterator option(text.begin(), text.end(), options), end; option != end; ++option) {
    const auto value = static_cast<std::uint32_t>(std::stoul((*option)[2].str()));
    const char name = (*option)[1].str().front();
    (name == 'r' ? facts.ranks : name == 'N' ? facts.nodes : facts.iterations) = value;
  }
}

void merge(const std::optional<std::uint32_t>& from, std::optional<std::uint32_t>& into) { into = from ? from : into; }

bool says_place(const Facts& facts) { return facts.ranks || facts.nodes || facts.ranks_per_node; }

bool same(const Facts& a, const Facts& b) {
  return a.operation == b.operation && a.ranks == b.ranks && a.nodes == b.nodes &&
         a.ranks_per_node == b.ranks_per_node && a.element == b.element && a.size_per_rank == b.size_per_rank &&
         a.benchmark == b.benchmark && a.unit.has_value() == b.unit.has_value() &&
         (!a.unit || a.unit->factor == b.unit->factor);
}

template <std::size_t n>
bool is_one_of(std::string_view word, const std::array<std::string_view, n>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// "Broadcast on 8 GPUs", "the broadcast bandwidth", "Benchmark: reduce", but "reduce the number of"
bool is_noun(const std::vector<std::string>& words, std::size_t i) {
  constexpr std::size_t few = 5;
  constexpr std::array<std::string_view, 6> behind_first{"with", "on", "across", "over", "using", "for"};
  constexpr std::array<std::string_view, 6> behind{"latency",     "bandwidth", "benchmark",
                                                   "performance", "results",   "test"};
  constexpr std::array<std::string_view, 6> before{"benchmark", "collective", "operation", "op", "coll", "test"};
  const bool last = i + 1 == words.size();
  return words.size() <= few || (!last && is_one_of(words[i + 1], behind)) ||
         (i == 0 ? !last && (is_one_of(words[1], behind_first) || is_digit(words[1].front()))
                 : is_one_of(words[i - 1], before));
}

// "Setup A: 8 GPUs" below "Setup B: 16 GPUs": the same but for numbers and one name.
bool is_list_item(const std::vector<std::string>& words, const std::vector<std::string>& above) {
  std::size_t names = 0;
  for (std::size_t i = 0; i < std::min(words.size(), above.size()); ++i) {
    const bool number = is_digit(words[i].front()) && is_digit(above[i].front());
    names += words[i] == above[i] || number ? 0 : 1;
  }
  return words.size() == above.size() && names == 1;
}

}  // namespace

std::optional<std::uint32_t> Facts::all_ranks() const {
  constexpr std::uint32_t most = 10'000'000;
  return ranks || !nodes || !ranks_per_node || *nodes > most / *ranks_per_node
             ? ranks
             : std::optional(*nodes * *ranks_per_node);
}

std::optional<Operation> operation_in_text(std::string_view text) {
  constexpr std::size_t most_joined = 3;
  const auto words = words_in(text);
  std::optional<Operation> found;
  for (std::size_t i = 0; i < words.size();) {
    std::size_t used = 1;
    std::optional<Operation> operation;
    for (std::size_t n = std::min(most_joined, words.size() - i); n > 0 && !operation; --n) {
      std::string joined;
      for (std::size_t k = i; k < i + n; ++k) {
        joined += words[k];
      }
      const bool verb = joined == "reduce" || joined == "gather" || joined == "scatter" || joined == "broadcast";
      operation = verb && !is_noun(words, i) ? std::nullopt : operation_of_word(joined);
      used = operation ? n : 1;
    }
    if (operation && found && *operation != *found) {
      return std::nullopt;
    }
    found = operation ? operation : found;
    i += used;
  }
  return found;
}

std::optional<Operation> operation_of_cell(std::string_view cell) {
  const auto operation = operation_of_word(cell);
  return operation ? operation : operation_in_text(cell);
}

Facts facts_in(std::string_view text) {
  Facts facts;
  facts.operation = operation_in_text(text);
  facts.element = element_in(text);
  facts.unit = unit_in(text);
  std::string rest = small_letters(text);
  const bool has_digit = rest.find_first_of("0123456789") != std::string::npos;
  for (const Pattern& pattern : patterns()) {
    if (pattern.counts && !has_digit) {
      continue;
    }
    for (std::smatch match; std::regex_search(rest, match, pattern.regex);) {
      pattern.take(match, facts);
      rest = match.prefix().str() + ";" + match.suffix().str();
    }
  }
  for (auto* fact : {&facts.ranks, &facts.nodes, &facts.ranks_per_node, &facts.iterations}) {
    tidy(*fact);
  }
  constexpr std::string_view benchmarking = "Benchmarking ";
  if (const auto at = text.find(benchmarking); at != std::string_view::npos) {
    const auto name = text.substr(at + benchmarking.size());
    facts.benchmark = name.substr(0, name.find_first_of(" \t"));
  }
  if (text.find("nccom-test ") != std::string_view::npos) {
    read_nccom_command(text, facts);
  }
  return facts;
}

bool Context::take(std::string_view text) {
  const Facts before = facts_;
  const std::size_t depth = text.starts_with("##") ? std::min(text.find_first_not_of('#'), text.size()) : 0;
  if (depth > 0) {
    open_heading(depth);
  }
  const Facts said = facts_in(text);
  place(said);
  auto words = words_in(text);
  if (said.ranks && last_ranks_ && said.ranks != last_ranks_ && is_list_item(words, last_words_)) {
    facts_.ranks = facts_.nodes = facts_.ranks_per_node = std::nullopt;
  }
  last_ranks_ = said.ranks;
  last_words_ = std::move(words);
  facts_.operation = said.operation ? said.operation : facts_.operation;
  facts_.element = said.element ? said.element : facts_.element;
  facts_.size_per_rank = said.size_per_rank ? said.size_per_rank : facts_.size_per_rank;
  facts_.payload = said.payload ? said.payload : facts_.payload;
  merge(said.iterations, facts_.iterations);
  facts_.unit = said.unit ? said.unit : facts_.unit;
  facts_.bus_bandwidth = said.bus_bandwidth || (facts_.bus_bandwidth && !said.unit);
  if (!said.benchmark.empty()) {
    facts_.benchmark = said.benchmark;
    facts_.operation = said.operation;
  }
  if (text.find_first_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string_view::npos) {
    title_ = text;
  }
  return !same(before, facts_);
}

void Context::open_heading(std::size_t depth) {
  while (!levels_.empty() && levels_.back().depth >= depth) {
    facts_ = levels_.back().before;
    levels_.pop_back();
  }
  levels_.push_back({depth, facts_});
}

void Context::place(const Facts& said) {
  if (!says_place(said)) {
    return;
  }
  if (!fresh_placement_) {
    const bool keeps_per_node = !said.ranks_per_node && !(said.ranks && said.nodes);
    facts_.ranks.reset();
    facts_.nodes.reset();
    facts_.ranks_per_node = keeps_per_node ? facts_.ranks_per_node : std::nullopt;
  }
  fresh_placement_ = true;
  merge(said.ranks, facts_.ranks);
  merge(said.nodes, facts_.nodes);
  merge(said.ranks_per_node, facts_.ranks_per_node);
}

}  // namespace hockney::import
