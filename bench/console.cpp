#include "console.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/number.hpp"
#include "plan/goes_with.hpp"
#include "record/launch.hpp"

namespace hockney::bench {
namespace {

// Factors that differ from the usual ones.
std::string what(const Case& point) {
  const Group& group = point.group;
  std::string text = fmt::format("{} n:{}", name_of(point.operation), group.ranks);
  const auto add = [&](bool unusual, const std::string& part) { text += unusual ? " " + part : ""; };
  add(group.nodes() > 1, fmt::format("on {} nodes", group.nodes()));
  add(group.concurrent > 1, fmt::format("x{}", group.concurrent));
  add(point.mode != (goes_with(Mode::host, point.operation) ? Mode::host : Mode::stream),
      std::string(name_of(point.mode)));
  const Step& step = point.step();
  const Matmul& matmul = point.matmul();
  add(point.operation == Operation::step_replay,
      fmt::format("t:{} p:{} d:{}", step.mapping.tensor, step.mapping.pipeline, step.mapping.data));
  add(point.micro_batches() != 0, fmt::format("m:{}", point.micro_batches()));
  add(step.model.layers != 0, fmt::format("L:{}", step.model.layers));
  add(step.compute_s > 0, "compute " + to_string(Seconds{step.compute_s}));
  add(matmul.m != 0, fmt::format("{}x{}x{} {}", matmul.m, matmul.n, matmul.k, name_of(matmul.pass)));
  add(point.element != Element::float32, std::string(name_of(point.element)));
  add(point.reduction() != Reduction::sum, std::string(name_of(point.reduction())));
  add(point.buffers != Buffers::plain, std::string(name_of(point.buffers)));
  add(point.cache != Cache::hot, std::string(name_of(point.cache)));
  add(point.routing().skew != 0, fmt::format("skew:{}", point.routing().skew));
  add(!point.routing().matrix.empty(), point.routing().matrix);
  add(!point.algorithm.empty(), point.algorithm);
  add(!point.protocol.empty(), point.protocol);
  add(point.in_place, "in place");
  add(point.native, "native");
  return text;
}

std::string microseconds(double time_s) { return fmt::format("{:.2f}", time_s * 1e6); }

std::string rate(BytesPerSecond value) { return value.value > 0 ? fmt::format("{:.3f}", value.value / 1e9) : "-"; }

}  // namespace

std::string to_clock(Seconds time) {
  const auto seconds = static_cast<long>(std::llround(time.count()));
  if (time.count() < 10) {
    return fmt::format("{:g}s", std::round(10 * time.count()) / 10);
  }
  if (seconds < 60) {
    return fmt::format("{}s", seconds);
  }
  if (seconds < 3600) {
    return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
  }
  return fmt::format("{}h{:02}m", seconds / 3600, seconds % 3600 / 60);
}

Console::Console(std::FILE* stream, const Goal& goal)
    : stream_(stream),
      goal_(goal),
      began_utc_ns_(now_utc_ns()),
      table_({{"progress", Align::left, 20},
              {"operation", Align::left, 34},
              {"payload", Align::right, 9},
              {"median us", Align::right, 10},
              {"95% interval us", Align::right, 21},
              {"p99 us", Align::right, 10},
              {"algbw GB/s", Align::right, 10},
              {"busbw GB/s", Align::right, 10},
              {"samples", Align::right, 7},
              {"flags", Align::left, 5}}) {}

void Console::print_heading() {
  fmt::print(stream_, "{}\n", table_.heading_line());
  std::fflush(stream_);
}

std::string Console::progress() {
  const Seconds spent{static_cast<double>(now_utc_ns() - began_utc_ns_) * 1e-9};
  if (goal_.time.count() > 0) {
    return fmt::format("[{}] {} left", done_, to_clock(std::max(Seconds{0}, goal_.time - spent)));
  }
  const double share = static_cast<double>(done_) / static_cast<double>(goal_.visits);
  return fmt::format("[{:>{}}/{}] {} left", done_, std::to_string(goal_.visits).size(), goal_.visits,
                     to_clock(spent * ((1 - share) / share)));
}

void Console::print_skipped(const Case& point, const std::string& reason) {
  ++done_;
  fmt::print(stream_, "skipped: {}: {}\n", point.name(), reason);
  std::fflush(stream_);
}

void Console::print(const Measured& measured) {
  ++done_;
  const auto& [visit, summary] = measured;
  const std::string flags = to_string(visit.flags);
  const std::string stop = visit.stop == StopReason::interval ? "" : fmt::format("stop:{}", name_of(visit.stop));
  fmt::print(
      stream_, "{}\n",
      table_.line({progress(), what(visit.point), to_string(visit.point.payload), microseconds(summary.median_s),
                   fmt::format("[{}, {}]", microseconds(summary.median_interval_s.low),
                               microseconds(summary.median_interval_s.high)),
                   microseconds(summary.p99_s), rate(summary.algbw), rate(summary.busbw),
                   std::to_string(summary.samples), fmt::format("{}{}{}", flags, flags.empty() ? "" : " ", stop)}));
  std::fflush(stream_);
}

}  // namespace hockney::bench
