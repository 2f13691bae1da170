#include "render/plot/heading.hpp"

namespace hockney::render {
namespace {

constexpr double line_height = 1.45;  // in font sizes
constexpr double small_points = 9;    // of everything beneath the title

}  // namespace

double add_heading(Figure& figure, const Heading& heading, double left, double top, double width) {
  double baseline = top;
  const auto add = [&](const std::string& text, double points, bool strong, Colour colour) {
    baseline += points * line_height;
    figure.texts.push_back({left, baseline - points / 2, shortened(text, width, points), points, strong, colour});
  };
  add(heading.title, heading.points, true, Colour::black);
  for (const std::string& subtitle : heading.subtitles) {
    add(subtitle, small_points, false, Colour::black);
  }
  for (const std::string& remark : heading.remarks) {
    add(remark, small_points, true, Colour::vermilion);
  }
  return baseline;
}

}  // namespace hockney::render
