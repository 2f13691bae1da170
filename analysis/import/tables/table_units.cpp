#include "import/tables/table_units.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <tuple>

#include "base/error.hpp"
#include "base/number.hpp"
#include "import/tables/settled_columns.hpp"

namespace hockney::import {
namespace {

constexpr double gb_s_of_byte_per_us = 1e-3;
constexpr double tolerance = 0.01;
constexpr std::uint32_t nccl_tests_iterations = 20;  // -n of nccl-tests, rccl-tests and nccom-test

const Column* column_of(const std::vector<Column>& columns, ColumnRole role) {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const Column& each) { return each.role == role; });
  return found == columns.end() ? nullptr : &*found;
}

double rate_factor(const Quantity& rate, const TableUnits& units) {
  const Unit unit = rate.unit.value_or(Unit{UnitKind::rate, 1, static_cast<double>(1 << 30) * 1e-9});
  return units.other_rate && unit.other > 0 ? unit.other : unit.factor;
}

bool agree(double rate_gb_s, PrintedNumber printed) {
  return std::abs(rate_gb_s - printed.value) <= tolerance * std::max(rate_gb_s, printed.value) + printed.half_step;
}

bool is_fine(const PrintedNumber& number) { return number.half_step <= tolerance * number.value; }

struct Score {
  std::size_t agree = 0;
  std::size_t compared = 0;
  bool majority() const { return agree > 0 && 2 * agree > compared; }
};

// Numbers that are printed finely enough to tell units apart.
class Comparison {
 public:
  Comparison(std::span<const Reading> rows, const TableProgram& program, const ShapeOf& shape_of) : program_(program) {
    constexpr std::size_t enough = 256;
    for (const Reading& row : rows.first(std::min(rows.size(), enough))) {
      rows_.emplace_back(&row, shape_of(row));
    }
  }

  Score score(const TableUnits& units) const {
    Score score;
    for (const auto& [row, shape] : rows_) {
      const auto payload = payload_of(*row, shape, program_, units);
      for (const SideValues& side : row->side) {
        if (payload && side.time && side.time->number.value > 0) {
          compare(side, shape, *payload / (side.time->number.value * time_factor(side, units)) * gb_s_of_byte_per_us,
                  units, score);
        }
      }
    }
    return score;
  }

 private:
  static double time_factor(const SideValues& side, const TableUnits& units) {
    return side.time->unit ? 1 : units.time;
  }

  static void compare(const SideValues& side, const std::optional<Case>& shape, double rate, const TableUnits& units,
                      Score& score) {
    const auto count = [&](const std::optional<Quantity>& printed, double expected) {
      if (printed && is_fine(printed->number)) {
        ++score.compared;
        score.agree += agree(expected, printed->number.scaled(rate_factor(*printed, units))) ? 1 : 0;
      }
    };
    const auto factor = shape ? wire_factor(*shape) : std::nullopt;
    if (!units.bus || factor) {
      count(side.algbw, units.bus ? rate * *factor : rate);
    }
    if (factor) {
      count(side.busbw, rate * *factor);
    }
  }

  const TableProgram& program_;
  std::vector<std::pair<const Reading*, std::optional<Case>>> rows_;
};

template <class Predicate>
bool any_row(std::span<const Reading> rows, Predicate predicate) {
  return std::any_of(rows.begin(), rows.end(), predicate);
}

bool has_two_meanings(const std::optional<Quantity>& quantity) {
  return quantity && quantity->unit && quantity->unit->other > 0;
}

// Whether sizes are whole numbers of bytes in 2^10 and 10^3.
bool all_whole(std::span<const Reading> rows, bool other) {
  return std::all_of(rows.begin(), rows.end(), [&](const Reading& row) {
    if (!row.size || !row.size->unit) {
      return true;
    }
    const Unit& unit = *row.size->unit;
    const double bytes = row.size->number.value * (other && unit.other > 0 ? unit.other : unit.factor);
    constexpr double noise = 1e-3;
    return std::abs(bytes - std::round(bytes)) < noise;
  });
}

void note_sizes(std::span<const Reading> rows, TableUnits& units) {
  const auto row =
      std::find_if(rows.begin(), rows.end(), [](const Reading& each) { return has_two_meanings(each.size); });
  if (row == rows.end()) {
    return;
  }
  const Unit& unit = *row->size->unit;
  units.notes.push_back(fmt::format("sizes are read in units of {:.0f} B (the other meaning of the word is {:.0f} B)",
                                    units.other_size ? unit.other : unit.factor,
                                    units.other_size ? unit.factor : unit.other));
}

std::string_view time_word(double factor) {
  return factor == 1e-3 ? "ns" : factor == 1 ? "us" : factor == 1e3 ? "ms" : "s";
}

// Tries the meanings that words leave open.
class UnitSearch {
 public:
  UnitSearch(const std::vector<Column>& columns, std::span<const Reading> rows, const TableProgram& program,
             std::optional<bool> per_rank, const ShapeOf& shape_of)
      : columns_(columns),
        rows_(rows),
        comparison_(rows, program, shape_of),
        per_rank_(per_rank ? per_rank : program.per_rank) {
    blocks_ = any_row(rows, [&](const Reading& row) {
      const auto shape = shape_of(row);
      return shape && has_blocks(shape->operation);
    });
    two_sizes_ = any_row(rows, [](const Reading& row) { return has_two_meanings(row.size); });
    other_is_whole_ = !all_whole(rows_, false) && all_whole(rows_, true);
    either_ = std::any_of(columns.begin(), columns.end(), [](const Column& each) { return each.either_bandwidth; });
    if (any_row(rows, [](const Reading& row) { return row.side[0].time && !row.side[0].time->unit; })) {
      times_ = program.time ? std::vector{*program.time} : std::vector{1.0, 1e-3, 1e3, 1e6};
    }
  }

  // The units in which most rows agree with their bandwidths. Throws InputError where several do that make another time
  // or payload.
  std::optional<TableUnits> fitting() const {
    std::optional<TableUnits> best;
    std::size_t most = 0;
    bool several = false;
    bool two_fit = false;
    for (const TableUnits& units : candidates()) {
      const Score score = comparison_.score(units);
      if (!score.majority() || score.agree < most || (two_sizes_ && other_is_whole_ && !units.other_size)) {
        continue;
      }
      const bool tie = best && score.agree == most;
      several = tie && (several || best->time != units.time || best->per_rank != units.per_rank);
      two_fit = tie && (two_fit || best->other_size != units.other_size);
      best = tie ? best : units;
      most = score.agree;
    }
    if (several) {
      throw InputError(
          blocks_ && !per_rank_
              ? "sizes may be of one rank or of all, and both fit the numbers: pass --sizes per-rank or total"
              : "the units of size, time and bandwidth are not stated, and several fit the numbers");
    }
    if (best) {
      note(*best, two_fit);
    }
    return best;
  }

  // What the words say, where no bandwidth tells more.
  TableUnits stated() const {
    const Column* time = column_of(columns_, ColumnRole::time);
    if (times_.size() > 1) {
      throw InputError(
          fmt::format("column '{}' has no unit, and no bandwidth tells it", time == nullptr ? "time" : time->heading));
    }
    TableUnits units;
    units.time = times_.front();
    units.per_rank = per_rank_;
    if (blocks_ && !per_rank_ && has_words_of_nccl_tests()) {
      units.per_rank = false;
      units.notes.emplace_back("sizes are of all ranks, as nccl-tests counts them: algbw and busbw are its words");
    }
    if (two_sizes_) {
      units.other_size = other_is_whole_;
      note_sizes(rows_, units);
    }
    if (time == nullptr) {
      units.notes.emplace_back("no column of times: time = size / bandwidth");
      if (either_) {
        units.notes.emplace_back("'bandwidth' is taken as algbw");
      }
    }
    return units;
  }

 private:
  bool has_words_of_nccl_tests() const {
    const Column* algbw = column_of(columns_, ColumnRole::algbw);
    return algbw != nullptr && !algbw->either_bandwidth && column_of(columns_, ColumnRole::busbw) != nullptr;
  }

  // In the order of what people mean most often.
  std::vector<TableUnits> candidates() const {
    const auto choices = [](bool open) { return open ? std::vector{false, true} : std::vector{false}; };
    std::vector<TableUnits> all;
    for (const double time : times_) {
      for (const bool of_rank : choices(blocks_ && !per_rank_)) {
        for (const bool other_size : choices(two_sizes_)) {
          for (const bool other_rate : choices(true)) {
            for (const bool bus : choices(either_)) {
              all.push_back({other_size, other_rate, time, per_rank_.value_or(of_rank), bus, {}});
            }
          }
        }
      }
    }
    return all;
  }

  void note(TableUnits& units, bool two_fit) const {
    const auto add = [&](bool settled, std::string_view what) {
      if (settled) {
        units.notes.push_back(fmt::format("{}: so size / time is the bandwidth", what));
      }
    };
    if (two_sizes_) {
      note_sizes(rows_, units);
    }
    add(two_fit, "either meaning of the sizes' unit fits");
    add(times_.size() > 1, fmt::format("times are in {}", time_word(units.time)));
    add(units.other_rate, "a printed GB is 2^30 B, a gbps a bit");
    add(either_, units.bus ? "the bandwidth is busbw" : "the bandwidth is algbw");
    add(blocks_ && !per_rank_,
        units.per_rank.value_or(false) ? "sizes are of one rank, payload = size x ranks" : "sizes are of all ranks");
  }

  const std::vector<Column>& columns_;
  std::span<const Reading> rows_;
  Comparison comparison_;
  std::optional<bool> per_rank_;
  std::vector<double> times_{1.0};
  bool blocks_ = false;
  bool two_sizes_ = false;
  bool other_is_whole_ = false;  // sizes are whole numbers of bytes in the other meaning of their unit only
  bool either_ = false;          // a "bandwidth" may be algbw or busbw
};

}  // namespace

TableProgram program_of(const std::vector<Column>& columns) {
  const auto has = [&](std::string_view heading) {
    return std::any_of(columns.begin(), columns.end(), [&](const Column& each) { return each.heading == heading; });
  };
  constexpr double us_per_ms = 1e3;
  TableProgram program;
  if (has("nccl_dtype") && has("num_gpus") && has("message_size") && has("latency")) {
    program.name = "aiconfigurator";
    program.size_in_elements = true;
    program.time = us_per_ms;
    program.per_rank = false;
    program.iterations = nccl_tests_iterations;
    program.one_node = true;
  } else if ((has("numCycle") || has("inPlace") || has("inplace")) && has("time") && (has("#wrong") || has("wrong"))) {
    program.name = "rccl-tests";
    program.time = 1;
    program.per_rank = false;
    program.iterations = nccl_tests_iterations;
  } else if (has("size(B)") && has("count(elems)")) {
    program.name = "nccom-test";
    program.per_rank = false;
    program.iterations = nccl_tests_iterations;
  } else if (is_imb(columns)) {
    program.name = "Intel MPI Benchmarks";
    program.imb = true;
  }
  return program;
}

bool has_blocks(Operation operation) {
  return operation == Operation::all_gather || operation == Operation::reduce_scatter ||
         operation == Operation::all_to_all || operation == Operation::gather || operation == Operation::scatter;
}

std::optional<double> payload_of(const Reading& reading, const std::optional<Case>& shape, const TableProgram& program,
                                 const TableUnits& units) {
  const double element = shape ? static_cast<double>(size_of(shape->element).count) : 0;
  std::optional<double> bytes;
  if (reading.size) {
    const Unit unit = reading.size->unit.value_or(Unit{});
    bytes = reading.size->number.value * (program.size_in_elements             ? element
                                          : units.other_size && unit.other > 0 ? unit.other
                                                                               : unit.factor);
  } else if (reading.count) {
    bytes = *reading.count * element;
  }
  const bool blocks = units.per_rank.value_or(false) && shape && has_blocks(shape->operation);
  return bytes && blocks ? std::optional(*bytes * shape->group.ranks) : bytes;
}

std::optional<PrintedNumber> time_us_of(const SideValues& side, const std::optional<Case>& shape, double payload,
                                        const TableUnits& units) {
  if (side.time) {
    return side.time->number.value > 0 ? std::optional(side.time->number.scaled(side.time->unit ? 1 : units.time))
                                       : std::nullopt;
  }
  const auto& printed = side.algbw ? side.algbw : side.busbw;
  const auto factor = !shape || (side.algbw && !units.bus) ? std::optional(1.0) : wire_factor(*shape);
  if (!printed || printed->number.value <= 0 || !factor) {
    return std::nullopt;
  }
  const double time = payload * gb_s_of_byte_per_us * *factor / (printed->number.value * rate_factor(*printed, units));
  return PrintedNumber{time, time * printed->number.half_step / printed->number.value};
}

std::string contradiction_in(const SideValues& side, const Case& shape, PrintedNumber time_us,
                             const TableUnits& units) {
  const double rate = static_cast<double>(shape.payload.count) / time_us.value * gb_s_of_byte_per_us;
  const double bus_rate = rate * wire_factor(shape).value_or(1);
  if (side.algbw && (side.time || units.bus)) {
    const PrintedNumber printed = side.algbw->number.scaled(rate_factor(*side.algbw, units));
    if (side.time && !agree(units.bus ? bus_rate : rate, printed)) {
      return fmt::format("size / time is {} GB/s, the bandwidth says {}", significant(units.bus ? bus_rate : rate),
                         significant(printed.value));
    }
  }
  if (side.busbw && (side.time || side.algbw)) {
    const PrintedNumber printed = side.busbw->number.scaled(rate_factor(*side.busbw, units));
    if (!agree(bus_rate, printed)) {
      return fmt::format("busbw of {} ranks is {} GB/s, the table says {}", shape.group.ranks, significant(bus_rate),
                         significant(printed.value));
    }
  }
  return {};
}

TableUnits settle_units(const std::vector<Column>& columns, std::span<const Reading> rows, const TableProgram& program,
                        std::optional<bool> per_rank, const ShapeOf& shape_of) {
  const UnitSearch search(columns, rows, program, per_rank, shape_of);
  const auto fitting = search.fitting();
  return fitting ? *fitting : search.stated();
}

std::string unit_that_would_fit(const std::vector<Column>& columns, std::span<const Reading> rows,
                                const TableProgram& program, const TableUnits& units, const ShapeOf& shape_of) {
  constexpr std::array units_of_time{1e-3, 1.0, 1e3, 1e6};
  const Column* timed = column_of(columns, ColumnRole::time);
  if (timed == nullptr) {
    return {};
  }
  const double stated = timed->unit ? timed->unit->factor : units.time;
  std::vector<Reading> changed(rows.begin(), rows.end());
  for (const double unit : units_of_time) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (const std::size_t side : {0U, 1U}) {
        if (changed[i].side[side].time) {
          changed[i].side[side].time->number = rows[i].side[side].time->number.scaled(unit / stated);
        }
      }
    }
    if (Comparison(changed, program, shape_of).score(units).majority()) {
      return fmt::format("; times in {} would fit", time_word(unit));
    }
  }
  return {};
}

}  // namespace hockney::import
