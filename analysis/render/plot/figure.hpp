#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Pictures, drawn by gnuplot. In three steps:
///
///     render::LineChart chart{...};                                // line_chart.hpp; or HeatMap, or cost curves
///     const render::Figure figure = render::line_chart(chart);       // values that describe the page; no I/O
///     render::write_figure(figure, "overhead.svg");                // gnuplot.hpp: .svg or .png
///
/// Every text may hold anything a user wrote: it is quoted, never interpreted.
namespace hockney::render {

/// Colours that stay apart for people with any common kind of colour blindness (Okabe & Ito 2008, without its yellow),
/// and a grey for what stands behind the data.
enum class Colour { black, blue, vermilion, green, purple, sky, orange, grey };

/// The colour for the i-th of several series: blue, vermilion, green, purple, sky, orange, black, then again.
Colour nth_colour(std::size_t i);

/// The shape of its points (Series::shape): one for each round of nth_colour().
std::size_t nth_shape(std::size_t i);

/// "#0072b2" and the like.
std::string_view hex_of(Colour colour);

/// A colour of matplotlib's viridis, "#21918c", at a share of its range: its lightness grows evenly, so that it reads
/// in grey and to the colour-blind alike. `share` outside [0, 1] is cut.
std::string viridis(double share);

/// viridis() at equal distances from 0 to 1, with straight lines between in red, green and blue.
inline constexpr std::array<std::string_view, 9> viridis_places{"#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c",
                                                                "#28ae80", "#5ec962", "#addc30", "#fde725"};

/// The share from which on viridis() is so light that text on it is dark.
inline constexpr double dark_text_from = 0.55;

enum class Draw { points, line, line_and_points };

/// A set of points of a panel and how it is drawn. Values that are not finite are left out of the picture.
struct Series {
  std::string name{};  ///< in the legend; empty: not there
  std::vector<double> x{};
  std::vector<double> y{};            ///< as long as x
  std::vector<double> low{}, high{};  ///< both empty, or as long as x: error bars of points, a pale band around a line
  Draw draw = Draw::line;
  Colour colour = Colour::blue;
  bool dashed = false;
  std::size_t shape = 0;  ///< of its points: circle, square, triangle, diamond
};

enum class Scale { linear, log };

/// What the values of an axis are, for whoever writes them anew: a picture that can be zoomed.
enum class Quantity { number, bytes, seconds };

struct Tick {
  double at = 0;
  std::string label;  ///< may be empty: a mark without a number
};

/// The range that is shown, and its marks. bytes_axis(), seconds_axis() and number_axis() of axis.hpp make them.
struct Axis {
  std::string label;
  Scale scale = Scale::linear;
  double low = 0;
  double high = 1;  ///< above low; on a log scale low > 0
  std::vector<Tick> ticks{};
  Quantity quantity = Quantity::number;
};

/// A pale vertical strip from one x to another: what was not measured, a switch, a limit.
struct Strip {
  double from = 0;
  double to = 0;
};

/// Coloured cells, row by row from the bottom: cell (column, row) is centred on x = column, y = row.
struct Cells {
  std::size_t columns = 0;
  std::vector<std::optional<double>> values;  ///< rows x columns; nothing: drawn grey
  std::vector<std::string> labels;            ///< as long as values
  double low = 0, high = 1;                   ///< range of the colours; high > low
  std::string bar_label;                      ///< beside the colour bar
};

/// A rectangle of the page in pixels, from its top left corner.
struct Box {
  double left = 0, top = 0, width = 0, height = 0;
};

/// One pair of axes with what is drawn between them.
struct Panel {
  Box inner{};  ///< the area between the axes: labels and ticks stand outside it
  Axis x{};
  Axis y{};
  bool names_x = true;  ///< false: ticks without text and no label, for a panel that shares its x axis with the next
  std::vector<Strip> strips{};
  std::vector<double> verticals{};    ///< dashed lines at these x
  std::vector<double> horizontals{};  ///< thin lines at these y
  std::vector<Series> series{};
  std::optional<Cells> cells{};
  bool legend = false;  ///< on the right, outside `inner`
};

/// A line of text on the page.
struct Text {
  double left = 0;      ///< pixels
  double baseline = 0;  ///< pixels from the top
  std::string text;
  double points = 11;  ///< font size
  bool strong = false;
  Colour colour = Colour::black;
};

/// A page.
struct Figure {
  double width = 0, height = 0;  ///< pixels
  std::vector<Text> texts{};
  std::vector<Panel> panels{};
};

/// Pixels that a text takes at most at a font size, on the safe side: what shortened() leaves whole.
double width_of(std::string_view text, double points);

/// `text` cut so that it takes no more than `width` pixels at a font size, with "..." where it was cut.
std::string shortened(std::string_view text, double width, double points);

}  // namespace hockney::render
