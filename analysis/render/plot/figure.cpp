#include "render/plot/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>

namespace hockney::render {
namespace {

constexpr std::array<std::string_view, 8> hex{"#000000", "#0072b2", "#d55e00", "#009e73",
                                              "#cc79a7", "#56b4e9", "#e69f00", "#8c8c8c"};
constexpr double pixels_per_point_of_width = 0.76;  // of digits and host names in DejaVu Sans, a wide face

constexpr std::array in_turn{Colour::blue, Colour::vermilion, Colour::green, Colour::purple,
                             Colour::sky,  Colour::orange,    Colour::black};

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

Colour nth_colour(std::size_t i) { return in_turn[i % in_turn.size()]; }

std::size_t nth_shape(std::size_t i) {
  constexpr std::size_t shapes = 4;
  return i / in_turn.size() % shapes;
}

std::string_view hex_of(Colour colour) { return hex[static_cast<std::size_t>(colour)]; }

std::string viridis(double share) {
  const double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(viridis_places.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(place), viridis_places.size() - 2);
  const double part = place - static_cast<double>(below);
  const auto channel = [&](std::size_t i) {
    const auto read = [&](std::string_view colour) {
      return static_cast<double>(std::strtol(std::string(colour.substr(1 + 2 * i, 2)).c_str(), nullptr, 16));
    };
    return std::lround(std::lerp(read(viridis_places[below]), read(viridis_places[below + 1]), part));
  };
  return fmt::format("#{:02x}{:02x}{:02x}", channel(0), channel(1), channel(2));
}

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
