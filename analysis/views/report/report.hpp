#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compare/comparison.hpp"
#include "fit/fit_campaign.hpp"
#include "record/launch.hpp"
#include "render/html/page.hpp"
#include "views/report/curve_charts.hpp"

namespace hockney::views {

/// What a report shows of the steps that the curves of a campaign predict.
struct PredictedOverhead {
  render::HeatMap map;    ///< with its heading
  double least = 0;       ///< the share of the step beyond computation of the best mapping of all, a fraction
  std::string mapping{};  ///< of it
  std::vector<std::string> warnings{};
};

/// One campaign of a report.
struct ReportedCampaign {
  std::string name;  ///< as the user gave it, different from the others'
  std::vector<Launch> launches;
  fit::CampaignFit fit;                          ///< of them
  std::optional<compare::Comparison> fabrics{};  ///< inside a node against between nodes; nothing where there is none
  std::optional<PredictedOverhead> overhead{};
  std::string no_overhead{};  ///< why there is none
};

/// Everything that a report is made from.
struct Report {
  std::string title;
  std::string producer;  ///< "hockney 0.1.0"
  std::vector<ReportedCampaign> campaigns;
  std::vector<compare::Comparison> comparisons{};  ///< of the first campaign with each other
  std::vector<std::string> not_compared{};         ///< why some are not
  PlatformsByMachine platforms{};

  /// Those of all campaigns, in their order; valid as long as the report.
  std::vector<const Launch*> launches() const;
};

/// The report as a page: what, where, healthy or not and five numbers first; then curves, load, fabrics, pairs of
/// nodes, samples, comparisons, predicted overhead, topology, provenance and caveats. Figures of data that are no
/// measurement say so. A section that has nothing to show is left out, and the caveats say why where that is not plain.
render::Page report_page(const Report& report);

}  // namespace hockney::views
