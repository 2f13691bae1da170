#include "render/plot/figure.hpp"

#include <algorithm>

namespace hockney::render {
namespace {

constexpr std::array<std::string_view, 8> hex{"#000000", "#0072b2", "#d55e00", "#009e73",
                                              "#cc79a7", "#56b4e9", "#e69f00", "#8c8c8c"};
constexpr double pixels_per_point_of_width = 0.76;  // of digits and host names in DejaVu Sans, a wide face

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

Colour nth_colour(std::size_t i) {
  constexpr std::array order{Colour::blue, Colour::vermilion, Colour::green, Colour::purple,
                             Colour::sky,  Colour::orange,    Colour::black};
  return order[i % order.size()];
}

std::string_view hex_of(Colour colour) { return hex[static_cast<std::size_t>(colour)]; }

double width_of(std::string_view text, double points) {
  const auto characters = std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); });
  constexpr double half = 0.5;  // so that rounding never makes it one less
  return (static_cast<double>(characters) + half) * points * pixels_per_point_of_width;
}

std::string shortened(std::string_view text, double width, double points) {
  constexpr std::string_view dots = "...";
  const auto fits = static_cast<std::size_t>(width / (points * pixels_per_point_of_width));
  std::size_t characters = 0;
  std::size_t cut = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_continuation(text[i])) {
      continue;
    }
    if (characters + dots.size() == fits) {
      cut = i;
    }
    ++characters;
  }
  if (characters <= fits) {
    return std::string(text);
  }
  return fits <= dots.size() ? std::string(dots) : std::string(text.substr(0, cut)) + std::string(dots);
}

}  // namespace hockney::render
