#include "views/step_screen.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/number.hpp"

namespace hockney::views {
namespace {

constexpr int bar_width = 72;
constexpr std::string_view bar_letters = "CTSXEPBDO";

std::string header_of(std::span<const predict::StepPrediction> steps, std::span<const std::string> names) {
  std::string text;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const predict::StepPrediction& step = steps[i];
    if (steps.size() > 1) {
      text += fmt::format("[{}]\n", names[i]);
    }
    text += fmt::format("model       {}\nmapping     {}\n", to_string(step.model), to_string(step.mapping));
    text += fmt::format("GPU         {}: efficiency {}\n", step.gpu.name, step.efficiency_origin);
    text += fmt::format("memory      {} GiB per GPU: {} weights, gradients and optimizer, {} activations\n",
                        predict::gibibytes_of(step.memory.all()), predict::gibibytes_of(step.memory.parameters),
                        predict::gibibytes_of(step.memory.activations));
    text += fmt::format("cost model  {}\n", step.cost_name);
    if (i == 0 || step.cost_sources != steps[i - 1].cost_sources) {
      for (const std::string& source : step.cost_sources) {
        text += fmt::format("            {}\n", source);
      }
    }
    for (const std::string& warning : step.warnings) {
      text += fmt::format("WARNING     {}\n", warning);
    }
  }
  return text;
}

bool occurs(const predict::StepPart& part, std::span<const predict::StepPrediction> steps) {
  return std::any_of(steps.begin(), steps.end(), [&](const predict::StepPrediction& step) {
    return part.seconds(step.time) > 0 || part.hidden(step.time) > 0;
  });
}

predict::ScreenTable parts_table(std::span<const predict::StepPrediction> steps, std::span<const std::string> names) {
  predict::ScreenTable table;
  table.columns = {{"part", true}};
  for (const std::string& name : names) {
    const std::string of = steps.size() > 1 ? fmt::format(" [{}]", name) : "";
    for (const std::string_view heading : {"time (ms)", "95 % interval (ms)", "share (%)", "hidden (ms)"}) {
      table.columns.push_back({std::string(heading) + of, false});
    }
  }
  for (const predict::StepPart& part : predict::step_parts()) {
    if (!occurs(part, steps)) {
      continue;
    }
    std::vector<std::string> row{std::string(part.name)};
    for (const predict::StepPrediction& step : steps) {
      const double seconds = part.seconds(step.time);
      const Interval interval = step.draws.interval(part, seconds);
      row.push_back(predict::milliseconds(seconds));
      row.push_back(fmt::format("{} .. {}", predict::milliseconds(interval.low), predict::milliseconds(interval.high)));
      row.push_back(predict::percent(seconds / step.time.total_s));
      row.push_back(part.hidden(step.time) > 0 ? predict::milliseconds(part.hidden(step.time)) : "-");
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

// Largest remainders: letters add up to the length of the bar.
std::string bar_of(const predict::StepPrediction& step, double longest_s) {
  const auto parts = predict::step_parts().first(predict::step_parts().size() - 1);
  const double letters_per_s = bar_width / longest_s;
  std::vector<double> remainders;
  std::vector<std::size_t> letters;
  double missing = std::round(step.time.total_s * letters_per_s);
  for (const predict::StepPart& part : parts) {
    const double exact = part.seconds(step.time) * letters_per_s;
    letters.push_back(static_cast<std::size_t>(exact));
    remainders.push_back(exact - std::floor(exact));
    missing -= std::floor(exact);
  }
  for (; missing > 0; --missing) {
    const auto next = std::max_element(remainders.begin(), remainders.end());
    ++letters[static_cast<std::size_t>(next - remainders.begin())];
    *next = -1;
  }
  std::string bar;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    bar.append(letters[i], bar_letters[i]);
  }
  return bar;
}

std::string bars_of(std::span<const predict::StepPrediction> steps, std::span<const std::string> names) {
  double longest = 0;
  for (const predict::StepPrediction& step : steps) {
    longest = std::max(longest, step.time.total_s);
  }
  std::string text;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    text += fmt::format("|{:<{}}| {} s{}\n", bar_of(steps[i], longest), bar_width, significant(steps[i].time.total_s),
                        steps.size() > 1 ? fmt::format(" [{}]", names[i]) : "");
  }
  std::vector<std::string> legend;
  const auto parts = predict::step_parts();
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (occurs(parts[i], steps)) {
      legend.push_back(fmt::format("{} {}", bar_letters[i], parts[i].name));
    }
  }
  return text + fmt::format(" {}\n", fmt::join(legend, ", "));
}

std::string beside(Overlap overlap) {
  std::string word(name_of(overlap));
  std::replace(word.begin(), word.end(), '_', ' ');
  return overlap == Overlap::exposed ? "-" : word;
}

predict::ScreenTable messages_table(const predict::StepPrediction& step, predict::MessageCells& cells) {
  predict::ScreenTable table;
  table.columns = predict::MessageCells::columns({{"exposed (ms)"}, {"hidden (ms)"}, {"beside", true}});
  for (const predict::StepLine& each : step.lines) {
    table.rows.push_back(cells.row(each.line.message, each.line.answer,
                                   {predict::milliseconds(each.exposed_s()), predict::milliseconds(each.hidden_s()),
                                    beside(each.line.message.overlap)}));
  }
  return table;
}

std::string comparison(std::span<const predict::StepPrediction> steps, std::span<const std::string> names) {
  std::string text;
  for (std::size_t i = 1; i < steps.size(); ++i) {
    std::vector<double> ratios;
    for (std::size_t draw = 0; draw < steps[0].draws.draws.size(); ++draw) {
      ratios.push_back(steps[i].draws.draws[draw].total_s / steps[0].draws.draws[draw].total_s);
    }
    constexpr double low = 0.025;
    constexpr double high = 0.975;
    const Interval interval{quantile(ratios, low), quantile(ratios, high)};
    text += fmt::format("[{}] takes {} times as long as [{}], 95 % {} .. {}{}\n", names[i],
                        significant(steps[i].time.total_s / steps[0].time.total_s), names[0], significant(interval.low),
                        significant(interval.high),
                        interval.low < 1 && interval.high > 1 ? ": no difference that the model can tell" : "");
  }
  return text;
}

std::string footer_of(std::span<const predict::StepPrediction> steps, std::span<const std::string> names,
                      const std::optional<Price>& price) {
  std::string text;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const predict::StepPrediction& step = steps[i];
    text += fmt::format("{}{} tokens per second; model FLOPs utilisation {} %", steps.size() > 1 ? names[i] + ": " : "",
                        significant(step.tokens_per_step() / step.time.total_s),
                        predict::percent(step.model_flops_utilisation()));
    if (price) {
      text +=
          fmt::format("; {} per step, {} per million tokens at {} per GPU and hour",
                      significant(step.cost_per_step(price->per_gpu_hour)),
                      significant(step.cost_per_million_tokens(price->per_gpu_hour)), significant(price->per_gpu_hour));
    }
    text += "\n";
  }
  text += comparison(steps, names);
  text +=
      "Time: what the step waits for, on the critical path of the slowest stage. Hidden: communication beside "
      "computation.\nIntervals: Monte Carlo over the curves' own uncertainty and the step model's residuals on "
      "published runs; a stated line rate has none of its own.\n";
  return text;
}

}  // namespace

StepScreen screen_of(std::span<const predict::StepPrediction> steps, std::span<const std::string> names,
                     const std::optional<Price>& price) {
  StepScreen screen;
  predict::MessageCells cells;
  screen.header = header_of(steps, names);
  screen.parts = parts_table(steps, names);
  screen.bar = bars_of(steps, names);
  for (const predict::StepPrediction& step : steps) {
    screen.messages.push_back(messages_table(step, cells));
  }
  screen.footnotes = cells.footnotes();
  screen.footer = footer_of(steps, names, price);
  return screen;
}

std::string to_csv(std::span<const predict::StepPrediction> steps, std::span<const std::string> names,
                   const std::optional<Price>& price) {
  std::string text = fmt::format("step,part,exposed_s,low_s,high_s,share_fraction,hidden_s{}\n", price ? ",cost" : "");
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (const predict::StepPart& part : predict::step_parts()) {
      const double seconds = part.seconds(steps[i].time);
      const Interval interval = steps[i].draws.interval(part, seconds);
      const double share = seconds / steps[i].time.total_s;
      text += fmt::format("\"{}\",{},{:.6g},{:.6g},{:.6g},{:.4f},{:.6g}{}\n", names[i], part.name, seconds,
                          interval.low, interval.high, share, part.hidden(steps[i].time),
                          price ? fmt::format(",{:.6g}", share * steps[i].cost_per_step(price->per_gpu_hour)) : "");
    }
  }
  return text;
}

}  // namespace hockney::views
