#include "import/tables/column.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <regex>
#include <span>
#include <utility>

#include "base/text.hpp"
#include "import/imported_points.hpp"
#include "import/tables/heading_words.hpp"
#include "import/tables/plain_text.hpp"

namespace hockney::import {
namespace {

UnitKind kind_of(ColumnRole role) {
  switch (role) {
    case ColumnRole::size:
      return UnitKind::bytes;
    case ColumnRole::count:
      return UnitKind::elements;
    case ColumnRole::time:
      return UnitKind::time;
    default:
      return UnitKind::rate;
  }
}

bool has_unit_role(ColumnRole role) { return role == ColumnRole::size || role == ColumnRole::count || is_value(role); }

class HeadingReader {
 public:
  Column read(std::string_view heading) {
    column_.heading = heading;
    constexpr std::size_t longest = 80;
    if (heading.size() > longest) {
      return std::move(column_);
    }
    const std::string whole = letters_and_digits(heading);
    if (const auto role = role_of_word(whole); role && !unit_of_word(whole) && whole != "t") {
      column_.role = *role;
      column_.either_bandwidth = is_either(whole);
      return std::move(column_);
    }
    take_size_as_heading(heading);
    const std::string name = without_per_rank(without_brackets(heading));
    split(name);
    take_unit_at_end(name);
    take_side();
    take_unit_at_end(name);  // "time_us_in_place"
    take_statistics();
    take_round_trip();
    take_unit_inside();
    take_role();
    settle(heading);
    return std::move(column_);
  }

 private:
  // "64 KiB", "1048576 B": one column for each size
  void take_size_as_heading(std::string_view heading) {
    const auto quantity = read_quantity(heading, {});
    if (quantity && quantity->unit && quantity->unit->kind == UnitKind::bytes && quantity->number.value > 0) {
      column_.series.size = quantity;
    }
  }

  // What stands in brackets is a unit, or a remark that may hold one.
  std::string without_brackets(std::string_view heading) {
    std::string name;
    while (!heading.empty()) {
      const std::size_t open = std::min(heading.find_first_of("([{"), heading.size());
      name += heading.substr(0, open);
      name += ' ';
      heading.remove_prefix(open);
      const std::size_t close = std::min(heading.find_first_of(")]}"), heading.size());
      if (open < heading.size() || !heading.empty()) {
        take_bracket(heading.substr(std::min<std::size_t>(1, heading.size()), close == 0 ? 0 : close - 1), name);
      }
      heading.remove_prefix(std::min(close + 1, heading.size()));
    }
    return name;
  }

  // "KB per rank": what a size counts.
  std::string without_per_rank(const std::string& name) {
    if (lower_case(name).find("per") == std::string::npos) {
      return name;  // std::regex takes time
    }
    static const std::regex per_rank("(?:\\b|_)per[ _-]?(?:rank|gpu|process|device|npu)\\b", std::regex::icase);
    std::string rest = std::regex_replace(name, per_rank, " ");
    if (rest != name) {
      column_.size_per_rank = true;
    }
    return rest;
  }

  void take_bracket(std::string_view inside, std::string& name) {
    std::string words(inside);
    std::replace(words.begin(), words.end(), joining_blank, ' ');
    if (const auto unit = unit_of_word(trimmed(words, " "))) {
      column_.unit = unit;
      return;
    }
    const std::size_t sign = words.rfind('=') + 1;  // 0 without one
    const auto many = read_quantity(trimmed(std::string_view(words).substr(sign), " x*"), {});
    if (many && many->unit) {  // "x1000 B", "10 us", "MB = 10^6 B"
      column_.unit = many->unit;
      column_.unit->factor *= many->number.value;
      column_.unit->other *= many->number.value;
      return;
    }
    std::string word;
    for (const char c : words + ",") {
      if (c != ',' && c != ' ' && c != ';') {
        word += c;
        continue;
      }
      if (const auto unit = unit_of_word(word); unit && word.size() > 1) {
        column_.unit = unit;
      } else if (!word.empty()) {
        name += word + ' ';
      }
      word.clear();
    }
  }

  void split(std::string_view name) {
    bool open = false;
    for (std::size_t i = 0; i < name.size(); ++i) {
      const bool of_version = name[i] == '.' && i > 0 && is_digit(name[i - 1]) && digits_at(name, i + 1) > 0;
      const bool inside = std::isalnum(static_cast<unsigned char>(name[i])) != 0 || of_version || name[i] == '+';
      if (inside && !open) {
        words_.emplace_back();
      }
      if (inside) {
        words_.back() += name[i];
      }
      open = inside;
    }
  }

  // "time_us", "bandwidth gb/s", "size_bytes"; a single letter only behind '_' or where it is all there is
  void take_unit_at_end(std::string_view name) {
    if (column_.unit || words_.empty()) {
      return;
    }
    if (words_.size() > 1) {
      const std::string two = words_[words_.size() - 2] + "/" + words_.back();
      if (const auto unit = unit_of_word(two)) {
        column_.unit = unit;
        words_.resize(words_.size() - 2);
        return;
      }
    }
    const std::string& last = words_.back();
    const bool letter = last.size() == 1 && name.find("_" + last) == std::string_view::npos;
    const bool digits = last.find_first_of("0123456789") != std::string::npos;
    if (const auto unit = unit_of_word(last); unit && !letter && !digits) {
      column_.unit = unit;
      words_.pop_back();
    }
  }

  // "allreduce_us_8gpus"
  void take_unit_inside() {
    for (std::size_t i = 0; !column_.unit && i < words_.size(); ++i) {
      const auto unit = words_[i].size() > 1 ? unit_of_word(words_[i]) : std::nullopt;
      if (unit && is_time_or_rate(*unit)) {
        column_.unit = unit;
        remove(i, 1);
      }
    }
  }

  // Words in small letters, joined.
  std::string small(std::size_t from, std::size_t count = 1) const {
    std::string joined;
    for (std::size_t i = from; i < from + count; ++i) {
      joined += letters_and_digits(words_[i]);
    }
    return joined;
  }

  void remove(std::size_t from, std::size_t count) {
    const auto begin = words_.begin() + static_cast<std::ptrdiff_t>(from);
    words_.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
  }

  // "time_us_in_place", "out algbw", "out-of-place time", "oop time"
  void take_side() {
    constexpr std::array<std::string_view, 6> out{"outofplace", "outplace", "oop", "out", "outof", ""};
    for (std::size_t n = std::min<std::size_t>(3, words_.size()); n > 0; --n) {
      for (std::size_t i = 0; i + n <= words_.size(); ++i) {
        const std::string joined = small(i, n);
        const bool in_place =
            joined == "inplace" || joined == "ip" || (joined == "in" && (i == 0 || i + 1 == words_.size()));
        if (in_place || std::find(out.begin(), out.end(), joined) != out.end()) {
          column_.series.in_place = in_place;
          remove(i, n);
          return;
        }
      }
    }
  }

  void take_statistics() {
    for (std::size_t i = words_.size(); i-- > 0;) {
      if (const auto statistic = statistic_of_word(small(i))) {
        column_.statistic = *statistic;
        remove(i, 1);
      } else if (const std::string word = small(i); word == "tavg" || word == "tmax" || word == "tmin") {
        column_.statistic = *statistic_of_word(std::string_view(word).substr(1));
        words_[i] = "t";
      }
    }
  }

  static bool is_either(std::string_view word) {
    return word == "bandwidth" || word == "bw" || word == "throughput" || word == "bwidth" || word == "bandbreite" ||
           word == "bandwidths";
  }

  // Words that mean a size or a time only where nothing else stands beside them.
  static bool only_alone(std::string_view word) {
    constexpr std::array<std::string_view, 7> words{"t", "message", "msg", "data", "buffer", "tensor", "volume"};
    return std::find(words.begin(), words.end(), word) != words.end();
  }

  // The longest run of words that is a known one.
  void take_role() {
    for (std::size_t n = std::min<std::size_t>(3, words_.size()); n > 0; --n) {
      for (std::size_t i = 0; i + n <= words_.size(); ++i) {
        const std::string joined = small(i, n);
        const auto role = role_of_word(joined);
        const bool whole = n == words_.size();
        if (role && (whole || (has_unit_role(*role) && !only_alone(joined)))) {
          column_.role = *role;
          column_.either_bandwidth = is_either(joined);
          remove(i, n);
          return;
        }
      }
    }
  }

  // "size (2^x B)", "time (us) x 10", "end_us", but not "end-to-end time"
  static bool is_of_another_scale(std::string_view heading) {
    const std::size_t power = heading.find('^');
    const auto words = words_in(heading);
    const auto end = std::find(words.begin(), words.end(), "end");
    const auto times = std::find(words.begin(), words.end(), "x");
    return (power != std::string_view::npos && power + 1 < heading.size() && is_letter(heading[power + 1])) ||
           (times != words.end() && times + 1 != words.end() && (times + 1)->starts_with("10")) ||
           (end != words.end() && std::find(words.begin(), words.end(), "to") == words.end());
  }

  // "RTT (us)", "round-trip time": of two messages.
  void take_round_trip() {
    for (std::size_t i = words_.size(); i-- > 0;) {
      const std::string two = i > 0 ? small(i - 1, 2) : "";
      if (const std::size_t count = two == "roundtrip" ? 2 : small(i) == "rtt" || small(i) == "roundtrip" ? 1 : 0) {
        constexpr double half = 0.5;
        column_.share = half;
        remove(i + 1 - count, count);
        words_.emplace_back("time");
        return;
      }
    }
  }

  void settle(std::string_view heading) {
    if (letters_and_digits(heading).find("periter") != std::string::npos) {
      column_.statistic = column_.statistic == ColumnStatistic::total ? ColumnStatistic::plain : column_.statistic;
    }
    const bool something_else =
        std::any_of(words_.begin(), words_.end(),
                    [](const std::string& word) { return means_another_thing(letters_and_digits(word)); }) ||
        heading.find('%') != std::string_view::npos || is_of_another_scale(heading);
    if (something_else) {
      column_.role = ColumnRole::other;
      column_.unit.reset();
      return;
    }
    if (column_.role == ColumnRole::other && column_.unit) {
      set_role_by_unit(column_, column_.unit->kind);
      if (column_.role == ColumnRole::size && !words_.empty()) {
        column_.role = ColumnRole::other;
      }
    }
    if (column_.series.size) {
      column_.role = ColumnRole::value;
      column_.either_bandwidth = false;
      if (column_.unit && is_time_or_rate(*column_.unit)) {
        set_role_by_unit(column_, column_.unit->kind);
      }
      words_.clear();
    }
    if (column_.role == ColumnRole::size) {
      settle_size(heading);
    } else if (column_.role == ColumnRole::count) {
      settle_count();
    } else if (is_value(column_.role) || column_.role == ColumnRole::other) {
      settle_series();
    }
    settle_unit();
  }

  void settle_size(std::string_view heading) {
    const std::string letters = letters_and_digits(heading);
    for (const std::string_view word : {"shard", "chunk", "local", "sendsize"}) {
      column_.size_per_rank = letters.find(word) != std::string::npos ? std::optional(true) : column_.size_per_rank;
    }
    for (const std::string_view word : {"total", "global", "full", "output"}) {
      column_.size_per_rank = letters.find(word) != std::string::npos ? std::optional(false) : column_.size_per_rank;
    }
    if (column_.unit && column_.unit->kind == UnitKind::elements) {
      column_.role = ColumnRole::count;
    }
  }

  // "M elements"
  void settle_count() {
    constexpr double kilo = 1e3;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (const std::string word = small(i); word == "k" || word == "m") {
        column_.unit = Unit{UnitKind::elements, word == "k" ? kilo : kilo * kilo};
      }
    }
  }

  void settle_series() {
    std::string rest;
    for (const std::string& word : words_) {
      if (!is_filler(letters_and_digits(word))) {
        rest += (rest.empty() ? "" : " ") + word;
      }
    }
    const Facts facts = facts_in(rest);
    column_.series.facts.operation = facts.operation;
    column_.series.facts.ranks = facts.ranks;
    column_.series.facts.nodes = facts.nodes;
    column_.series.facts.ranks_per_node = facts.ranks_per_node;
    const bool placed = facts.ranks || facts.nodes || facts.ranks_per_node;
    column_.series.method = placed || (facts.operation && operation_of_word(rest)) ? std::string{} : rest;
    if (column_.role == ColumnRole::other && (placed || facts.operation)) {
      column_.role = ColumnRole::value;
    }
  }

  void settle_unit() {
    if (!has_unit_role(column_.role)) {
      column_.unit.reset();
    } else if (column_.unit && column_.role != ColumnRole::value && column_.unit->kind != kind_of(column_.role)) {
      column_.role = ColumnRole::other;
      column_.unit.reset();
    }
  }

  Column column_;
  std::vector<std::string> words_;
};

// "time" of the "time.1" that pandas makes of a second column "time"; "NCCL 2.1" is no second "NCCL 2".
std::string_view without_count(std::string_view cell, const std::vector<std::string>& cells) {
  constexpr std::string_view second = ".1";
  if (!cell.ends_with(second)) {
    return cell;
  }
  const std::string_view name = cell.substr(0, cell.size() - second.size());
  const bool version = !name.empty() && is_digit(name.back());
  return !version && std::find(cells.begin(), cells.end(), name) != cells.end() ? name : cell;
}

}  // namespace

std::string Series::key() const {
  return fmt::format("{}/{}/{}/{}/{}/{}", method, facts.operation ? name_of(*facts.operation) : "",
                     facts.ranks.value_or(0), facts.nodes.value_or(0), facts.ranks_per_node.value_or(0),
                     size ? size->number.value * size->unit->factor : 0);
}

bool is_value(ColumnRole role) {
  return role == ColumnRole::time || role == ColumnRole::algbw || role == ColumnRole::busbw ||
         role == ColumnRole::value;
}

void set_role_by_unit(Column& column, UnitKind kind) {
  constexpr std::array of_kind{ColumnRole::size, ColumnRole::count, ColumnRole::time, ColumnRole::algbw};
  column.role = of_kind[static_cast<std::size_t>(kind)];
  column.either_bandwidth = kind == UnitKind::rate;
}

bool has_role(const std::vector<Column>& columns, ColumnRole role) {
  return std::any_of(columns.begin(), columns.end(), [&](const Column& each) { return each.role == role; });
}

bool is_size(const Column& column) { return column.role == ColumnRole::size || column.role == ColumnRole::count; }

bool is_rate(const Column& column) { return column.role == ColumnRole::algbw || column.role == ColumnRole::busbw; }

Column read_heading(std::string_view heading) { return HeadingReader{}.read(heading); }

std::vector<Column> read_header(const std::vector<std::string>& cells) {
  std::vector<Column> columns;
  std::map<std::string, int> seen;
  for (const std::string& cell : cells) {
    const std::string_view name = without_count(cell, cells);
    Column column = read_heading(name);
    column.heading = cell;
    const bool sided = (is_value(column.role) && column.role != ColumnRole::value) || column.role == ColumnRole::wrong;
    if (sided && !column.series.in_place && seen[letters_and_digits(name)]++ == 1) {
      column.series.in_place = true;
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

bool is_header(const std::vector<Column>& columns) {
  const auto has = [&](auto predicate) { return std::any_of(columns.begin(), columns.end(), predicate); };
  return has(is_size) && has([](const Column& each) { return is_value(each.role) && each.role != ColumnRole::value; });
}

}  // namespace hockney::import
