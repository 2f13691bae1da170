#include "views/report/report.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>

#include "scan/pair_times.hpp"
#include "views/fitted_curves.hpp"
#include "views/points.hpp"
#include "views/report/headline.hpp"
#include "views/report/marks.hpp"
#include "views/report/ratio_charts.hpp"
#include "views/report/sample_figures.hpp"
#include "views/report/surroundings.hpp"
#include "views/scan_view.hpp"

namespace hockney::views {
namespace {

using render::Block;
using render::Section;
using Blocks = std::vector<Block>;

void append_blocks(Blocks& to, Blocks more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// All curves by operation, in the order of declaration.
std::map<Operation, std::vector<CampaignCurve>> curves_of(const Report& report) {
  std::map<Operation, std::vector<CampaignCurve>> by_operation;
  for (const ReportedCampaign& campaign : report.campaigns) {
    for (const cost::CostCurve& curve : campaign.fit.model.curves) {
      if (!curve.points.empty()) {
        by_operation[curve.shape.operation].push_back({&curve, campaign.name});
      }
    }
  }
  return by_operation;
}

/// The segments of all curves of a campaign as one table, each curve's name above its rows.
render::Table all_segments(const ReportedCampaign& campaign) {
  render::Table all{.title = "segments: t(m) = alpha + beta m"};
  for (const render::Table& table : fitted_curves(campaign.fit).tables) {
    if (table.name != "segments") {
      continue;
    }
    all.columns = table.columns;
    all.columns.front() = render::line_above(all.columns.front().key);
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      all.rows.push_back(table.rows[i]);
      if (i > 0) {
        all.rows.back().front() = render::Cell("");
      }
    }
  }
  return all;
}

Section curve_section(const Report& report) {
  Section section{.id = "curves", .title = "Curves"};
  section.paragraphs = {
      "All groups and fabrics of an operation on top of each other: bands are 95 % intervals, dashed lines the fitted "
      "segments, upright bars the borders between them. Rest on a point for its value; drag to zoom, "
      "double-click for all; click a name to hide it, with shift to see it alone."};
  for (const auto& [operation, curves] : curves_of(report)) {
    section.blocks.push_back(curve_charts(curves, report.launches(), report.platforms));
  }
  for (const ReportedCampaign& campaign : report.campaigns) {
    if (render::Table segments = all_segments(campaign); !segments.rows.empty()) {
      section.blocks.push_back(render::Foldout{"alpha and beta of " + campaign.name, {std::move(segments)}});
    }
  }
  return section;
}

Section load_section(const Report& report) {
  Section section{.id = "load", .title = "Alone and under load"};
  std::vector<CampaignCurve> all;
  for (const auto& [operation, curves] : curves_of(report)) {
    all.insert(all.end(), curves.begin(), curves.end());
  }
  if (render::ChartGroup group = load_charts(all); !group.panels.empty()) {
    section.blocks.push_back(std::move(group));
  }
  return section;
}

Section fabric_section(const Report& report) {
  Section section{.id = "fabrics", .title = "Inside a node beside between nodes"};
  for (const ReportedCampaign& campaign : report.campaigns) {
    if (campaign.fabrics) {
      append_blocks(
          section.blocks,
          comparison_blocks(*campaign.fabrics, fmt::format("{}: A inside a node, B between nodes", campaign.name)));
    }
  }
  return section;
}

Section pair_section(const Report& report) {
  Section section{.id = "pairs", .title = "Pairs of nodes"};
  for (const Launch* launch : report.launches()) {
    if (!scan::is_scan(*launch)) {
      continue;
    }
    if (has_scan_map(*launch)) {
      section.blocks.push_back(scan_map({*launch}));
    }
    for (render::Table& table : scan_tables(*launch)) {
      if (!table.rows.empty() && (table.name == "suspects" || table.name == "scan_rails")) {
        section.blocks.push_back(std::move(table));
      }
    }
  }
  return section;
}

Section sample_section(const Report& report) {
  Section section{.id = "samples", .title = "Samples and outliers"};
  for (const ReportedCampaign& campaign : report.campaigns) {
    Blocks blocks = sample_figures(campaign.launches);
    if (!blocks.empty() && report.campaigns.size() > 1) {
      section.blocks.push_back(render::Table{.title = campaign.name});
    }
    append_blocks(section.blocks, std::move(blocks));
  }
  return section;
}

Section comparison_section(const Report& report) {
  Section section{.id = "comparison", .title = "Campaigns compared"};
  if (!report.not_compared.empty()) {
    section.blocks.push_back(render::Table{.lines = report.not_compared});
  }
  for (const compare::Comparison& comparison : report.comparisons) {
    append_blocks(section.blocks,
                  comparison_blocks(comparison, fmt::format("A {}, B {}", comparison.name_a, comparison.name_b)));
  }
  return section;
}

Section overhead_section(const Report& report) {
  Section section{.id = "overhead", .title = "Predicted overhead of training"};
  for (const ReportedCampaign& campaign : report.campaigns) {
    if (campaign.overhead) {
      section.blocks.push_back(campaign.overhead->map);
    }
  }
  return section;
}

template <class BlocksOf>
Section section_of_each(const Report& report, std::string id, std::string title, BlocksOf blocks_of) {
  Section section{.id = std::move(id), .title = std::move(title)};
  for (const ReportedCampaign& campaign : report.campaigns) {
    append_blocks(section.blocks, blocks_of(campaign));
  }
  return section;
}

/// Each mark once; with the campaigns that it is about where it is not about all.
std::vector<std::string> marks_of_report(const Report& report) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<std::string>> names;
  for (const ReportedCampaign& campaign : report.campaigns) {
    for (const std::string& mark : marks_of(campaign.launches)) {
      if (names[mark].empty()) {
        order.push_back(mark);
      }
      names[mark].push_back(campaign.name);
    }
  }
  for (std::string& mark : order) {
    const std::vector<std::string>& of = names.at(mark);
    mark += of.size() == report.campaigns.size() ? "" : fmt::format(" ({})", fmt::join(of, ", "));
  }
  return order;
}

}  // namespace

std::vector<const Launch*> Report::launches() const {
  std::vector<const Launch*> all;
  for (const ReportedCampaign& campaign : campaigns) {
    for (const Launch& launch : campaign.launches) {
      all.push_back(&launch);
    }
  }
  return all;
}

render::Page report_page(const Report& report) {
  render::Page page{.title = report.title, .remarks = marks_of_report(report), .headline = headline_of(report)};
  page.sections = {curve_section(report),
                   load_section(report),
                   fabric_section(report),
                   pair_section(report),
                   sample_section(report),
                   comparison_section(report),
                   overhead_section(report),
                   section_of_each(report, "topology", "Topology", topology_blocks),
                   section_of_each(report, "provenance", "Provenance", provenance_blocks),
                   section_of_each(report, "caveats", "Caveats", caveat_blocks)};
  std::erase_if(page.sections, [](const Section& section) { return section.blocks.empty(); });
  page.footer = fmt::format(
      "Made by {}. Charts: dygraphs (MIT licence). Sizes are powers of two (KiB, MiB, GiB), rates "
      "decimal (GB/s).",
      report.producer);
  return page;
}

}  // namespace hockney::views
