#include "predict/prediction_screen.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "units/number.hpp"

namespace hockney {
namespace {

std::string milliseconds(double seconds) { return significant(seconds * 1e3); }

std::string interval_ms(double low_s, double high_s) {
  return low_s == high_s ? "not known" : fmt::format("{} .. {}", milliseconds(low_s), milliseconds(high_s));
}

std::string readable(Bytes size) {
  const std::string exact = to_string(size);
  const double gibibyte = static_cast<double>(gibibytes(1).count);
  return size < gibibytes(1) || exact.size() <= std::string_view("1000 MiB").size()
             ? exact
             : significant(static_cast<double>(size.count) / gibibyte) + " GiB";
}

std::string percent(double fraction) { return fmt::format("{:.1f}", fraction * 100); }

std::string mapping_line(const Mapping& mapping) {
  std::string text = fmt::format("tp {} x pp {} x dp {}", mapping.tensor, mapping.pipeline, mapping.data);
  if (mapping.virtual_stages > 1) {
    text += fmt::format(", {} virtual stages", mapping.virtual_stages);
  }
  return text + fmt::format(
                    " = {} GPUs on {} nodes of {}; global batch {} = {} micro-batches of {} per pipeline; "
                    "recompute {}",
                    mapping.gpus(), mapping.nodes(), mapping.gpus_per_node, mapping.global_batch,
                    mapping.micro_batches(), mapping.micro_batch, name_of(mapping.recompute));
}

std::string header(const Prediction& prediction) {
  const Transformer& model = prediction.request.transformer;
  const CostModel& cost = *prediction.cost_model;
  std::string text = fmt::format("model       {}: {} layers, hidden {}, {} heads, sequence {}, vocabulary {}\n",
                                 model.name, model.layers, model.hidden, model.heads, model.sequence, model.vocabulary);
  text += fmt::format("mapping     {}\n", mapping_line(prediction.request.mapping));
  text += fmt::format("cost model  {} ({}), from {}\n", cost.name, cost.created_by, fmt::join(cost.sources, ", "));
  for (const std::string& warning : prediction.warnings) {
    text += fmt::format("WARNING     {}\n", warning);
  }
  return text;
}

ScreenTable causes_table(const Prediction& prediction) {
  ScreenTable table;
  table.columns = {{"cause", true}, {"time (ms)"}, {"95 % interval (ms)"}, {"share (%)"}, {"basis", true}};
  const auto add = [&](std::string_view name, const Sum& sum, double share) {
    table.rows.push_back({std::string(name), milliseconds(sum.value_s), interval_ms(sum.low_s, sum.high_s),
                          percent(share), std::string(name_of(sum.basis))});
  };
  for (const CauseSum& part : prediction.causes) {
    add(name_of(part.cause), part.sum, part.share);
  }
  if (!prediction.causes.empty()) {
    add("communication", prediction.total, 1);
  }
  return table;
}

std::string placed_on(const PlacedGroup& placed) {
  return placed.nodes == 1 ? "1 node" : fmt::format("{} nodes", placed.nodes);
}

/// The curves that answered, numbered in order of first use.
class CurveList {
 public:
  std::string number(const Answer& answer) {
    if (answer.curves.empty()) {
      return fmt::format("[{}]", place_of(answer.estimate.curve));
    }
    std::vector<std::string> numbers;
    for (const CurveUse& use : answer.curves) {
      numbers.push_back(fmt::format("[{}]", place_of(described(*use.curve))));
    }
    return fmt::format("{}", fmt::join(numbers, ""));
  }

  std::string print() const {
    std::string text;
    for (std::size_t i = 0; i < curves_.size(); ++i) {
      text += fmt::format("[{}] {}\n", i + 1, curves_[i]);
    }
    return text;
  }

 private:
  static std::string described(const CostCurve& curve) {
    return fmt::format("{}, machine {}, interval over {}{}{}", curve.name(), curve.machine, name_of(curve.basis),
                       curve.source.empty() ? "" : ", ", curve.source);
  }

  std::size_t place_of(const std::string& curve) {
    const auto found = std::find(curves_.begin(), curves_.end(), curve);
    const auto place = static_cast<std::size_t>(found - curves_.begin()) + 1;
    if (found == curves_.end()) {
      curves_.push_back(curve);
    }
    return place;
  }

  std::vector<std::string> curves_;
};

std::string segment_range(const Answer& answer) {
  if (answer.curves.empty()) {
    return "-";
  }
  const CurveUse& use = answer.curves.front();
  const AlphaBeta& segment = use.curve->segments[use.segment];
  return fmt::format("{} .. {}", to_string(segment.from), to_string(segment.to));
}

ScreenTable messages_table(const Prediction& prediction, CurveList& curves) {
  ScreenTable table;
  table.columns = {{"cause", true},     {"message", true}, {"operation", true}, {"group", true},
                   {"placed on", true}, {"payload"},       {"count"},           {"each (ms)"},
                   {"total (ms)"},      {"curve", true},   {"segment", true},   {"remarks", true}};
  for (const Line& line : prediction.lines) {
    const Message& message = line.message;
    table.rows.push_back({std::string(name_of(message.cause)), std::string(message.purpose),
                          std::string(name_of(message.operation)), to_string(message.placed.group),
                          placed_on(message.placed), readable(message.payload), std::to_string(message.count),
                          milliseconds(line.answer.estimate.value_s), milliseconds(line.value_s()),
                          curves.number(line.answer), segment_range(line.answer),
                          fmt::format("{}", fmt::join(line.answer.remarks, "; "))});
  }
  return table;
}

std::string footer(const Prediction& prediction) {
  const Mapping& mapping = prediction.request.mapping;
  std::string text = prediction.lines.empty() ? "This mapping communicates nothing.\n" : "";
  text += fmt::format("bubble      (p-1)/(v m) = {} % over the ideal time, (p-1)/(v m + p-1) = {} % of the step\n",
                      percent(mapping.bubble_over_ideal()), percent(mapping.bubble_over_total()));
  for (const std::string& convention : conventions(prediction.request)) {
    text += convention + "\n";
  }
  return text;
}

}  // namespace

PredictionScreen screen_of(const Prediction& prediction) {
  CurveList curves;
  PredictionScreen screen;
  screen.header = header(prediction);
  screen.causes = causes_table(prediction);
  screen.messages = messages_table(prediction, curves);
  screen.curves = curves.print();
  screen.footer = footer(prediction);
  return screen;
}

}  // namespace hockney
