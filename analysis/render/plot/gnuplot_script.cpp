#include "render/plot/gnuplot_script.hpp"

#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"

namespace hockney::render {
namespace {

constexpr double font_points = 10;
constexpr double bar_width = 14;  // of the colour bar, pixels
constexpr double bar_gap = 12;
constexpr std::string_view pale = "0.18";

std::string palette() {
  std::vector<std::string> places;
  for (const std::string_view colour : viridis_places) {
    places.push_back(fmt::format("{} '{}'", places.size(), colour));
  }
  return fmt::format("set palette defined ({})\n", fmt::join(places, ", "));
}

std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.10g}", value) : "NaN"; }

/// Data blocks are named by their number in the page.
class Script {
 public:
  explicit Script(const Figure& figure) : figure_(figure) {}

  std::string take() { return std::move(text_); }
  void add(std::string_view line) { text_ += line; }

  template <class... Values>
  void line(fmt::format_string<Values...> format, Values&&... values) {
    text_ += fmt::format(format, std::forward<Values>(values)...) + "\n";
  }

  double share_x(double pixels) const { return pixels / figure_.width; }
  double share_y(double pixels_from_top) const { return 1 - pixels_from_top / figure_.height; }

  std::string begin_data() {
    const std::string name = fmt::format("$d{}", blocks_++);
    line("{} << EOD", name);
    return name;
  }
  void end_data() { line("EOD"); }

 private:
  const Figure& figure_;
  std::string text_;
  std::size_t blocks_ = 0;
};

void set_axis(Script& script, char name, const Axis& axis, bool named) {
  if (!(axis.low < axis.high) || (axis.scale == Scale::log && axis.low <= 0)) {
    throw Failure(fmt::format("axis '{}': no range that can be drawn", axis.label));
  }
  if (axis.scale == Scale::log) {
    script.line("set logscale {} 10", name);
  }
  script.line("set {}range [{}:{}] noextend", name, number(axis.low), number(axis.high));
  std::vector<std::string> ticks;
  for (const Tick& tick : axis.ticks) {
    ticks.push_back(fmt::format("{} {}", named ? render::quoted(tick.label) : "''", number(tick.at)));
  }
  script.line("set {}tics scale 0.5 nomirror textcolor rgb '#000000' ({})", name, fmt::join(ticks, ", "));
  if (named) {
    script.line("set {}label {} noenhanced offset {}", name, render::quoted(axis.label), name == 'x' ? "0,0.2" : "0,0");
  }
}

void set_place(Script& script, const Box& box) {
  script.line("set lmargin at screen {:.6f}", script.share_x(box.left));
  script.line("set rmargin at screen {:.6f}", script.share_x(box.left + box.width));
  script.line("set tmargin at screen {:.6f}", script.share_y(box.top));
  script.line("set bmargin at screen {:.6f}", script.share_y(box.top + box.height));
}

void set_strips_and_lines(Script& script, const Panel& panel) {
  for (const Strip& strip : panel.strips) {
    script.line(
        "set object rectangle from first {}, graph 0 to first {}, graph 1 behind fillcolor rgb '#dddddd' fillstyle "
        "solid noborder",
        number(strip.from), number(strip.to));
  }
  for (const double x : panel.verticals) {
    script.line("set arrow from first {0}, graph 0 to first {0}, graph 1 nohead back dashtype 2 linecolor rgb '{1}'",
                number(x), hex_of(Colour::grey));
  }
  for (const double y : panel.horizontals) {
    script.line("set arrow from graph 0, first {0} to graph 1, first {0} nohead back linecolor rgb '{1}'", number(y),
                hex_of(Colour::black));
  }
}

std::string add_data(Script& script, const Series& series) {
  const bool with_errors = !series.low.empty() || !series.high.empty();
  if (series.y.size() != series.x.size() ||
      (with_errors && (series.low.size() != series.x.size() || series.high.size() != series.x.size()))) {
    throw Failure(fmt::format("series '{}': columns of different lengths", series.name));
  }
  std::string block = script.begin_data();
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    script.line("{} {} {} {}", number(series.x[i]), number(series.y[i]), with_errors ? number(series.low[i]) : "NaN",
                with_errors ? number(series.high[i]) : "NaN");
  }
  script.end_data();
  return block;
}

void append_plots(std::vector<std::string>& plots, const Series& series, const std::string& block) {
  const std::string title =
      series.name.empty() ? "notitle" : fmt::format("title {} noenhanced", render::quoted(series.name));
  const std::string colour = fmt::format("linecolor rgb '{}'", hex_of(series.colour));
  constexpr std::array shapes{7, 5, 9, 13};  // gnuplot's filled ones
  const std::string point = fmt::format("pointtype {} pointsize 0.45", shapes.at(series.shape));
  const std::string_view dash = series.dashed ? " dashtype 2" : "";
  const bool with_errors = !series.low.empty();
  if (series.draw == Draw::points) {
    plots.push_back(with_errors ? fmt::format("{} using 1:2:3:4 with yerrorbars {} {} {}", block, point, colour, title)
                                : fmt::format("{} using 1:2 with points {} {} {}", block, point, colour, title));
    return;
  }
  if (with_errors) {
    plots.push_back(
        fmt::format("{} using 1:3:4 with filledcurves fillcolor rgb '{}' fillstyle transparent solid {} "
                    "noborder notitle",
                    block, hex_of(series.colour), pale));
  }
  const bool marked = series.draw == Draw::line_and_points;
  plots.push_back(fmt::format("{} using 1:2 with {} linewidth 1.6{}{} {} {}", block, marked ? "linespoints" : "lines",
                              dash, marked ? " " + point : "", colour, title));
}

void append_cells(Script& script, std::vector<std::string>& plots, const Panel& panel) {
  const Cells& cells = *panel.cells;
  if (cells.columns == 0 || cells.values.size() % cells.columns != 0 || cells.labels.size() != cells.values.size() ||
      !(cells.low < cells.high)) {
    throw Failure("cells of a heat map: not rows x columns, or no range of colours");
  }
  const auto add_block = [&](const auto& takes, const auto& write) {
    const std::string block = script.begin_data();
    std::size_t rows = 0;
    for (std::size_t i = 0; i < cells.values.size(); ++i) {
      if (takes(i)) {
        write(i);
        ++rows;
      }
    }
    script.end_data();
    return std::pair(block, rows);
  };
  const auto write_value = [&](std::size_t i) {
    script.line("{} {} {}", i % cells.columns, i / cells.columns, number(cells.values[i].value_or(NAN)));
  };
  const auto is_light = [&](std::size_t i) {
    return !cells.values[i] || (*cells.values[i] - cells.low) / (cells.high - cells.low) >= dark_text_from;
  };
  const auto [known, knowns] = add_block([&](std::size_t i) { return cells.values[i].has_value(); }, write_value);
  const auto [missing, missings] = add_block([&](std::size_t i) { return !cells.values[i]; }, write_value);
  if (knowns > 0) {
    plots.push_back(known +
                    " using 1:2:(0.5):(0.5):3 with boxxyerror fillcolor palette fillstyle solid border "
                    "linecolor rgb '#ffffff' notitle");
  }
  if (missings > 0) {
    plots.push_back(missing +
                    " using 1:2:(0.5):(0.5) with boxxyerror fillcolor rgb '#e4e4e4' fillstyle solid border "
                    "linecolor rgb '#ffffff' notitle");
  }
  for (std::size_t i = 0; i < cells.labels.size(); ++i) {
    script.line("set label {} at first {}, first {} center front noenhanced textcolor rgb '{}'",
                render::quoted(cells.labels[i]), i % cells.columns, i / cells.columns,
                is_light(i) ? "#000000" : "#ffffff");
  }
}

void set_colours(Script& script, const Panel& panel) {
  script.add(palette());
  script.line("set cbrange [{}:{}]", number(panel.cells->low), number(panel.cells->high));
  script.line("set cblabel {} noenhanced", render::quoted(panel.cells->bar_label));
  script.line("set colorbox user origin screen {:.6f}, screen {:.6f} size screen {:.6f}, screen {:.6f}",
              script.share_x(panel.inner.left + panel.inner.width + bar_gap),
              script.share_y(panel.inner.top + panel.inner.height), script.share_x(bar_width),
              1 - script.share_y(panel.inner.height));
}

void add_panel(Script& script, const Panel& panel) {
  script.line("reset");
  set_place(script, panel.inner);
  script.line("set border 3 linecolor rgb '{}'", hex_of(Colour::grey));
  set_axis(script, 'x', panel.x, panel.names_x);
  set_axis(script, 'y', panel.y, true);
  if (panel.legend) {  // gnuplot's own "outside" means outside of the page's last panel
    constexpr double gap = 10;
    script.line("set key left top at screen {:.6f}, screen {:.6f} Left reverse samplen 2 noenhanced",
                script.share_x(panel.inner.left + panel.inner.width + gap), script.share_y(panel.inner.top));
  } else {
    script.line("set key off");
  }
  set_strips_and_lines(script, panel);
  std::vector<std::string> plots;
  if (panel.cells) {
    set_colours(script, panel);
    append_cells(script, plots, panel);
  } else {
    script.line("set grid linecolor rgb '#e6e6e6' linetype 1");
  }
  for (const Series& series : panel.series) {
    append_plots(plots, series, add_data(script, series));
  }
  if (plots.empty()) {
    throw Failure("a panel without anything to draw");
  }
  script.line("plot {}", fmt::join(plots, ", \\\n     "));
}

// The texts of a page hang on a plot of their own that draws nothing else.
void add_texts(Script& script, const Figure& figure) {
  script.line("reset");
  script.line("unset border; unset xtics; unset ytics; unset key");
  script.line("set lmargin 0; set rmargin 0; set tmargin 0; set bmargin 0");
  script.line("set xrange [0:1]; set yrange [0:1]");
  for (const Text& text : figure.texts) {
    script.line("set label {} at screen {:.6f}, screen {:.6f} noenhanced font '{},{:g}' textcolor rgb '{}'",
                render::quoted(text.text), script.share_x(text.left), script.share_y(text.baseline),
                text.strong ? ":Bold" : "", text.points, hex_of(text.colour));
  }
  script.line("plot NaN notitle");
}

// Bytes of the UTF-8 sequence that begins at `text`, 0 where none does.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0x80                      ? 1
                             : byte(0) >= 0xC2 && byte(0) < 0xE0 ? 2
                             : byte(0) >= 0xE0 && byte(0) < 0xF0 ? 3
                             : byte(0) >= 0xF0 && byte(0) < 0xF5 ? 4
                                                                 : 0;
  if (length == 0 || length > text.size()) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) {
      return 0;
    }
  }
  return length;
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string result = "'";
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    if (length == 0) {
      result += '?';
    } else if (first < 0x20 || first == 0x7F) {
      result += ' ';
    } else if (first == '\'') {
      result += "''";
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return result + "'";
}

std::string gnuplot_script(const Figure& figure, Format format) {
  Script script(figure);
  script.line("set encoding utf8");
  script.line("set terminal {} size {:.0f},{:.0f} background rgb '#ffffff' noenhanced font 'sans-serif,{:g}'",
              format == Format::svg ? "svg" : "pngcairo", figure.width, figure.height, font_points);
  script.line("set multiplot");
  add_texts(script, figure);
  for (const Panel& panel : figure.panels) {
    add_panel(script, panel);
  }
  script.line("unset multiplot");
  return script.take();
}

}  // namespace hockney::render
