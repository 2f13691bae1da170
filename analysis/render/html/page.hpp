#pragma once

#include <string>
#include <variant>
#include <vector>

#include "render/plot/heat_map.hpp"
#include "render/plot/line_chart.hpp"
#include "render/view.hpp"

/// A page for a browser: one file that needs nothing else. In two steps, as pictures are drawn:
///
///     render::Page page{.title = "dgx-a100"};
///     page.sections.push_back({.id = "curves", .title = "Curves", .blocks = {render::ChartGroup{...}}});
///     std::string text = render::to_html(page);                        // html.hpp
///
/// Every text may hold anything a user wrote: it is escaped, never interpreted.
namespace hockney::render {

/// Charts that belong together: they share a legend, in which series of the same name are one, and the range of x where
/// they are zoomed. `LineChart::title` names each; its subtitles and remarks stand beneath the group's.
struct ChartGroup {
  std::string title;
  std::vector<std::string> subtitles{};
  std::vector<std::string> remarks{};  ///< SIMULATED and the like: coloured, and written across each chart
  std::vector<LineChart> panels{};
};

/// A box with texts and boxes in it: a host with its sockets and their GPUs.
struct NestedBox {
  std::string title;
  std::vector<std::string> lines{};
  std::vector<NestedBox> inner{};
};

/// Boxes in boxes, with a heading.
struct BoxPicture {
  std::string title;
  std::vector<std::string> subtitles{};
  std::vector<std::string> remarks{};
  std::vector<NestedBox> boxes{};
};

/// Rows that only some readers want: closed until somebody opens it.
struct Foldout {
  std::string summary;
  std::vector<Table> tables{};
};

using Block = std::variant<Table, ChartGroup, HeatMap, BoxPicture, Foldout>;

/// A part of the page, with a link to it in the page's contents.
struct Section {
  std::string id;  ///< of the link; letters, digits and '-'
  std::string title;
  std::vector<std::string> paragraphs{};
  std::vector<Block> blocks{};
};

/// A number that somebody should take away from the page.
struct KeyNumber {
  std::string value;   ///< with its unit
  std::string label;   ///< what it is
  std::string remark;  ///< its interval, where it was measured
};

enum class Health { good, doubtful, bad, unknown };

/// The first screen, for a reader who has no time.
struct Headline {
  std::vector<Fact> facts{};  ///< what, where, when
  Health health = Health::unknown;
  std::string verdict{};               ///< "healthy", and the like, in a few words
  std::vector<std::string> reasons{};  ///< what the verdict rests on
  std::vector<KeyNumber> numbers{};
};

struct Page {
  std::string title;
  std::vector<std::string> remarks{};  ///< what the figures are not: on top of the page
  Headline headline{};
  std::vector<Section> sections{};
  std::string footer{};
};

}  // namespace hockney::render
