#include "predict/score/predicted_rows.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

#include "base/error.hpp"

namespace hockney::predict {
namespace {

/// Lines of fields; each add() makes a field of its own behind what a line begins with.
class Csv {
 public:
  Csv(char separator, std::size_t expected_size) : separator_(separator) { text_.reserve(expected_size); }

  void begin_line(std::string_view text) { text_ += text; }
  void add(std::string_view text) {
    text_ += separator_;
    text_ += text;
  }
  void add(double seconds) {
    constexpr int digits = 6;
    std::array<char, 32> number;
    char* const end =
        std::to_chars(number.data(), number.data() + number.size(), seconds, std::chars_format::general, digits).ptr;
    text_ += separator_;
    text_.append(number.data(), end);
  }
  void end_line() { text_ += '\n'; }

  std::string text() && { return std::move(text_); }

 private:
  char separator_;
  std::string text_;
};

void add_names(Csv& csv, std::span<const StepPart> parts, bool with_intervals) {
  csv.add("predicted_s");
  if (with_intervals) {
    csv.add("predicted_low_s");
    csv.add("predicted_high_s");
  }
  for (const StepPart& part : parts) {
    std::string name(part.name);
    std::replace(name.begin(), name.end(), ' ', '_');
    csv.add(name + "_s");
  }
  csv.add("hidden_s");
  csv.end_line();
}

void add_row(Csv& csv, std::string_view line, std::span<const StepPart> parts, const PredictedRow& row) {
  csv.begin_line(line);
  csv.add(row.time.total_s);
  if (row.interval_s) {
    csv.add(row.interval_s->low);
    csv.add(row.interval_s->high);
  }
  for (const StepPart& part : parts) {
    csv.add(part.seconds(row.time));
  }
  csv.add(step_parts().back().hidden(row.time));
  csv.end_line();
}

MemoryVerdict verdict_of(const StepRow& row, const StepMemory& stated, Bytes capacity) {
  RunWay way = row.way;
  Mapping mapping = row.mapping;
  MemoryVerdict least = verdict(stated, capacity);
  const auto take_less = [&] {
    least = verdict(memory_of(way, row.model, mapping), capacity);
    least.fit = std::max(least.fit, Fit::tight);
  };
  if (least.fit == Fit::does_not_fit && !row.states_recompute) {
    mapping.recompute = Recompute::full;
    mapping.recompute_layers = 0;
    take_less();
  }
  if (least.fit == Fit::does_not_fit && !row.states_sharding) {
    way.sharding = Sharding::full;
    take_less();
  }
  return least;
}

}  // namespace

std::vector<std::string> PredictedRow::warnings() const {
  std::vector<std::string> all = network_warnings ? *network_warnings : std::vector<std::string>();
  if (is_taken_as_sharded()) {
    all.push_back(
        fmt::format("SHARDED: the training state of a replica does not fit {}, so parameters are taken as sharded",
                    step->gpu().name));
  }
  if (step != nullptr) {
    for (std::string& warning : warnings_about_gpu(*step, memory)) {
      all.push_back(std::move(warning));
    }
  }
  return all;
}

PredictedRow predict_row(RowPredictors& predictors, StepRow& row, RowDetail detail) {
  const auto& [predictor, stated] = predictors.of(row);
  const StepModel& step = predictor.step();
  StepNetwork& network = predictor.network(row);
  PredictedRow predicted{&row,    &step, {}, {}, {}, {}, predictor.assumes_nic(row.mapping, row.node_nic_bytes_per_s),
                         &network};
  predicted.time = network.remember([&] { return step.predict(row.model, row.mapping, network); });
  if (detail == RowDetail::intervals) {
    predicted.interval_s = propagated_interval(step, row.model, row.mapping, network, predicted.time);
  }
  predicted.memory = verdict_of(row, stated, row.gpu_memory.value_or(step.gpu().memory));
  predicted.network_warnings = network.warnings();
  return predicted;
}

std::vector<PredictedRow> predict_rows(StepRows& table, RowPredictors& predictors, RowDetail detail) {
  std::vector<PredictedRow> rows;
  rows.reserve(table.rows.size());
  for (StepRow& row : table.rows) {
    try {
      rows.push_back(predict_row(predictors, row, detail));
    } catch (const InputError& error) {
      table.skipped.push_back({table.place(row), error.what()});
    }
  }
  require_rows(!rows.empty(), table.skipped, table.ignored_columns, table.file);
  return rows;
}

std::string with_predictions(const StepRows& table, std::span<const PredictedRow> rows) {
  const auto parts = step_parts().first(step_parts().size() - 1);
  constexpr std::size_t bytes_per_number = 12;
  Csv csv(table.separator, table.text.size() + rows.size() * (parts.size() + 4) * bytes_per_number);
  csv.begin_line(table.header);
  add_names(csv, parts, !rows.empty() && rows.front().interval_s.has_value());
  for (const PredictedRow& row : rows) {
    add_row(csv, table.line_of(*row.row), parts, row);
  }
  return std::move(csv).text();
}

}  // namespace hockney::predict
