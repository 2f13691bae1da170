#include "import/tables/csv_columns.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <tuple>
#include <utility>

namespace hockney::import {
namespace {

struct Unit {
  std::string_view name;
  CsvRole role;  // of a column in this unit: size, time or algbw
  std::optional<double> factor;
};

constexpr double mebi = 1 << 20;
constexpr double kibi = 1 << 10;
constexpr double gibi = 1 << 30;

// Without a factor: MB is 10^6 for some and 2^20 for others, and Gbps is often said of GB/s.
constexpr std::array<Unit, 29> units{{
    {"b", CsvRole::size, 1},           {"byte", CsvRole::size, 1},
    {"bytes", CsvRole::size, 1},       {"kib", CsvRole::size, kibi},
    {"mib", CsvRole::size, mebi},      {"gib", CsvRole::size, gibi},
    {"kb", CsvRole::size, {}},         {"mb", CsvRole::size, {}},
    {"gb", CsvRole::size, {}},         {"elements", CsvRole::count, 1},
    {"ns", CsvRole::time, 1e-3},       {"nsec", CsvRole::time, 1e-3},
    {"us", CsvRole::time, 1},          {"usec", CsvRole::time, 1},
    {"usecs", CsvRole::time, 1},       {"ms", CsvRole::time, 1e3},
    {"msec", CsvRole::time, 1e3},      {"s", CsvRole::time, 1e6},
    {"sec", CsvRole::time, 1e6},       {"seconds", CsvRole::time, 1e6},
    {"gb/s", CsvRole::algbw, 1},       {"gb/sec", CsvRole::algbw, 1},
    {"gbs", CsvRole::algbw, 1},        {"gib/s", CsvRole::algbw, gibi * 1e-9},
    {"mb/s", CsvRole::algbw, 1e-3},    {"mib/s", CsvRole::algbw, mebi * 1e-9},
    {"gbit/s", CsvRole::algbw, 0.125}, {"gbps", CsvRole::algbw, {}},
    {"gb_s", CsvRole::algbw, 1},
}};

using Word = std::pair<std::string_view, CsvRole>;
constexpr std::array words{
    Word{"operation", CsvRole::operation},
    Word{"collective", CsvRole::operation},
    Word{"collectivetype", CsvRole::operation},
    Word{"coll", CsvRole::operation},
    Word{"opname", CsvRole::operation},
    Word{"primitive", CsvRole::operation},
    Word{"redop", CsvRole::reduction},
    Word{"reduction", CsvRole::reduction},
    Word{"reduceop", CsvRole::reduction},
    Word{"type", CsvRole::element},
    Word{"dtype", CsvRole::element},
    Word{"datatype", CsvRole::element},
    Word{"nccldtype", CsvRole::element},
    Word{"elementtype", CsvRole::element},
    Word{"size", CsvRole::size},
    Word{"bytes", CsvRole::size},
    Word{"nbytes", CsvRole::size},
    Word{"messagesize", CsvRole::size},
    Word{"msgsize", CsvRole::size},
    Word{"datasize", CsvRole::size},
    Word{"payload", CsvRole::size},
    Word{"count", CsvRole::count},
    Word{"elements", CsvRole::count},
    Word{"time", CsvRole::time},
    Word{"latency", CsvRole::time},
    Word{"avgtime", CsvRole::time},
    Word{"avglatency", CsvRole::time},
    Word{"timeavg", CsvRole::time},
    Word{"latencyavg", CsvRole::time},
    Word{"tavg", CsvRole::time},
    Word{"meantime", CsvRole::time},
    Word{"algbw", CsvRole::algbw},
    Word{"algobw", CsvRole::algbw},
    Word{"algbandwidth", CsvRole::algbw},
    Word{"algorithmbandwidth", CsvRole::algbw},
    Word{"bandwidth", CsvRole::algbw},
    Word{"busbw", CsvRole::busbw},
    Word{"busbandwidth", CsvRole::busbw},
    Word{"wrong", CsvRole::wrong},
    Word{"nwrong", CsvRole::wrong},
    Word{"inplace", CsvRole::in_place},
    Word{"ranks", CsvRole::ranks},
    Word{"nranks", CsvRole::ranks},
    Word{"numranks", CsvRole::ranks},
    Word{"gpus", CsvRole::ranks},
    Word{"ngpus", CsvRole::ranks},
    Word{"numgpus", CsvRole::ranks},
    Word{"worldsize", CsvRole::ranks},
    Word{"gpusperrank", CsvRole::gpus_per_rank},
    Word{"nodes", CsvRole::nodes},
    Word{"nnodes", CsvRole::nodes},
    Word{"numnodes", CsvRole::nodes},
    Word{"rankspernode", CsvRole::ranks_per_node},
    Word{"gpuspernode", CsvRole::ranks_per_node},
    Word{"iterations", CsvRole::iterations},
    Word{"iters", CsvRole::iterations},
    Word{"algorithm", CsvRole::algorithm},
    Word{"algo", CsvRole::algorithm},
    Word{"protocol", CsvRole::protocol},
    Word{"proto", CsvRole::protocol},
    Word{"device", CsvRole::machine},
    Word{"machine", CsvRole::machine},
    Word{"instance", CsvRole::machine},
    Word{"platform", CsvRole::machine},
    Word{"numcycle", CsvRole::ignored},
    Word{"busbwfactor", CsvRole::ignored},
    Word{"root", CsvRole::ignored},
};

const Unit* find_unit(std::string_view name) {
  const auto found = std::find_if(units.begin(), units.end(), [&](const Unit& unit) { return unit.name == name; });
  return found == units.end() ? nullptr : &*found;
}

std::optional<CsvRole> role_of(std::string_view name) {
  const auto found = std::find_if(words.begin(), words.end(), [&](const Word& word) { return word.first == name; });
  return found == words.end() ? std::nullopt : std::optional(found->second);
}

std::string joined(std::string_view text) {
  std::string letters;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      letters += c;
    }
  }
  return letters;
}

bool has_unit_role(CsvRole role) {
  return role == CsvRole::size || role == CsvRole::count || role == CsvRole::time || role == CsvRole::algbw ||
         role == CsvRole::busbw;
}

// "time (us)" -> "time", "us"; "time_us" -> "time", "us".
std::pair<std::string, std::string> split_unit(std::string_view text) {
  const auto open = text.find_first_of("([");
  const auto close = text.find_last_of(")]");
  if (open != std::string_view::npos && close != std::string_view::npos && open < close) {
    return {std::string(text.substr(0, open)), std::string(text.substr(open + 1, close - open - 1))};
  }
  for (auto cut = text.find_first_of("_ "); cut != std::string_view::npos; cut = text.find_first_of("_ ", cut + 1)) {
    const std::string_view unit = text.substr(cut + 1);
    if (find_unit(unit) != nullptr && role_of(joined(text.substr(0, cut)))) {
      return {std::string(text.substr(0, cut)), std::string(unit)};
    }
  }
  return {std::string(text), {}};
}

// Takes "out of place" or "in place" out of a name. Whether it was in place.
bool take_side(std::string& name) {
  constexpr std::array<std::pair<std::string_view, bool>, 12> sides{{{"out_of_place", false},
                                                                     {"out-of-place", false},
                                                                     {"out of place", false},
                                                                     {"outofplace", false},
                                                                     {"in_place", true},
                                                                     {"in-place", true},
                                                                     {"in place", true},
                                                                     {"inplace", true},
                                                                     {"out ", false},
                                                                     {"out_", false},
                                                                     {"in ", true},
                                                                     {"in_", true}}};
  for (const auto& [word, in_place] : sides) {
    const bool is_prefix = word.ends_with(' ') || word.ends_with('_');
    const auto at = name.find(word);
    if (at == std::string::npos || (is_prefix && at != 0) || name.size() == word.size()) {
      continue;
    }
    name.erase(at, word.size());
    const auto first = name.find_first_not_of("_ -");
    name = first == std::string::npos ? std::string{} : name.substr(first, name.find_last_not_of("_ -") - first + 1);
    return in_place;
  }
  return false;
}

}  // namespace

CsvColumn read_csv_heading(std::string_view heading) {
  std::string lower(heading);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  CsvColumn column;
  column.heading = heading;
  constexpr std::size_t longest_heading = 64;
  if (heading.size() > longest_heading) {
    return column;
  }
  if (const auto role = role_of(joined(lower)); role && find_unit(lower) == nullptr) {
    column.role = *role;
    return column;
  }
  auto [name, unit_name] = split_unit(lower);
  if (joined(name) != "inplace") {
    column.in_place = take_side(name);
    if (unit_name.empty()) {
      std::tie(name, unit_name) = split_unit(name);
    }
  }
  const auto role = role_of(joined(name));
  column.role = role.value_or(CsvRole::other);
  if (!has_unit_role(column.role)) {
    return column;
  }
  column.unit = unit_name.empty() && joined(name).ends_with("bytes") ? "b" : unit_name;
  if (const Unit* unit = find_unit(column.unit); unit != nullptr) {
    column.factor = unit->factor;
    const CsvRole kind = column.role == CsvRole::busbw ? CsvRole::algbw : column.role;
    if (kind == CsvRole::size && unit->role == CsvRole::count) {
      column.role = CsvRole::count;
    } else if (kind != unit->role) {
      column.role = CsvRole::other;
      column.factor.reset();
    }
  }
  return column;
}

std::vector<CsvColumn> read_csv_header(const std::vector<std::string>& cells) {
  std::vector<CsvColumn> columns;
  std::set<CsvRole> seen;
  for (const std::string& cell : cells) {
    CsvColumn column = read_csv_heading(cell);
    const bool sided = column.role == CsvRole::time || column.role == CsvRole::algbw || column.role == CsvRole::busbw ||
                       column.role == CsvRole::wrong;
    if (sided && !column.in_place && !seen.insert(column.role).second) {
      column.in_place = true;
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

bool is_csv_header(const std::vector<std::string>& cells) {
  constexpr std::size_t fewest = 2;
  if (cells.size() < fewest) {
    return false;
  }
  bool has_size = false;
  bool has_result = false;
  for (const std::string& cell : cells) {
    const CsvRole role = read_csv_heading(cell).role;
    has_size = has_size || role == CsvRole::size || role == CsvRole::count;
    has_result = has_result || role == CsvRole::time || role == CsvRole::algbw || role == CsvRole::busbw;
  }
  return has_size && has_result;
}

}  // namespace hockney::import
