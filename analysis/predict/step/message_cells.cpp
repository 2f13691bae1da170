#include "predict/step/message_cells.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/number.hpp"

namespace hockney::predict {
namespace {

std::string described(const cost::CostCurve& curve) {
  return fmt::format("{}, machine {}, interval over {}{}{}", curve.name(), curve.machine, name_of(curve.basis),
                     curve.source.empty() ? "" : ", ", curve.source);
}

std::string placed_on(const PlacedGroup& placed) {
  return placed.nodes == 1 ? "1 node" : fmt::format("{} nodes", placed.nodes);
}

std::string fabric_of(const Answer& answer) {
  return answer.curves.empty() ? "line rate" : std::string(name_of(answer.curves.front().curve->shape.fabric));
}

std::string segment_of(const Answer& answer) {
  if (answer.curves.empty()) {
    return "-";
  }
  const CurveUse& use = answer.curves.front();
  const cost::AlphaBeta& segment = use.curve->segments[use.segment];
  return fmt::format("{} .. {}", to_string(segment.from), to_string(segment.to));
}

// Exact below 1 MiB, else four digits.
std::string payload_of(Bytes size) {
  const Bytes unit = size < gibibytes(1) ? mebibytes(1) : gibibytes(1);
  if (size < mebibytes(1)) {
    return to_string(size);
  }
  const double number = static_cast<double>(size.count) / static_cast<double>(unit.count);
  return significant(number) + (unit == mebibytes(1) ? " MiB" : " GiB");
}

}  // namespace

std::string milliseconds(double seconds) { return significant(seconds * 1e3); }

std::string percent(double fraction) { return fmt::format("{:.1f}", fraction * 100); }

std::string gibibytes_of(double bytes) { return significant(bytes / 0x1p30, 3); }

std::string Footnotes::mark_at(std::size_t place) const {
  constexpr std::size_t letters = 26;
  if (marks_ == Marks::numbers) {
    return fmt::format("[{}]", place + 1);
  }
  const char letter = static_cast<char>('a' + place % letters);
  return place < letters ? fmt::format("({})", letter) : fmt::format("({}{})", letter, place / letters);
}

std::string Footnotes::mark(const std::string& text) {
  const auto found = std::find(texts_.begin(), texts_.end(), text);
  const auto place = static_cast<std::size_t>(found - texts_.begin());
  if (found == texts_.end()) {
    texts_.push_back(text);
  }
  return mark_at(place);
}

std::string Footnotes::print() const {
  std::string text;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    text += fmt::format("{} {}\n", mark_at(i), texts_[i]);
  }
  return text;
}

std::vector<ScreenTable::Column> MessageCells::columns(std::vector<ScreenTable::Column> own) {
  std::vector<ScreenTable::Column> all{{"cause", true}, {"message", true},   {"operation", true},
                                       {"group", true}, {"placed on", true}, {"fabric", true},
                                       {"payload"},     {"count"},           {"each (ms)"}};
  all.insert(all.end(), own.begin(), own.end());
  all.insert(all.end(), {{"curve", true}, {"segment", true}, {"remarks", true}});
  return all;
}

std::vector<std::string> MessageCells::row(const Message& message, const Answer& answer, std::vector<std::string> own) {
  std::vector<std::string> all{
      std::string(name_of(message.cause)), std::string(message.purpose),  std::string(name_of(message.operation)),
      to_string(message.placed.group),     placed_on(message.placed),     fabric_of(answer),
      payload_of(message.payload),         std::to_string(message.count), milliseconds(answer.estimate.value_s)};
  all.insert(all.end(), own.begin(), own.end());
  all.insert(all.end(), {curves_of(answer), segment_of(answer), remarks_of(answer)});
  return all;
}

std::string MessageCells::curves_of(const Answer& answer) {
  if (answer.curves.empty()) {
    return curves_.mark(answer.estimate.curve);
  }
  std::string marks;
  for (const CurveUse& use : answer.curves) {
    marks += curves_.mark(described(*use.curve));
  }
  return marks;
}

std::string MessageCells::remarks_of(const Answer& answer) {
  std::string marks;
  for (const std::string& remark : answer.remarks) {
    marks += remarks_.mark(remark);
  }
  return marks.empty() ? "-" : marks;
}

}  // namespace hockney::predict
