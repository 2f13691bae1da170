#include "views/report/sample_figures.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <numeric>
#include <set>

#include "record/statistics.hpp"
#include "render/forms.hpp"
#include "render/plot/axis.hpp"
#include "scan/pair_times.hpp"
#include "views/points.hpp"
#include "views/report/marks.hpp"
#include "views/value_range.hpp"
#include "vocabulary/members.hpp"

namespace hockney::views {
namespace {

constexpr std::size_t least_samples = 20;  // of all passes of a point
constexpr std::size_t least_of_visit = 8;
constexpr std::size_t most_points = 3;     // that are drawn sample by sample
constexpr std::size_t most_drawn = 250;    // samples of a launch and point
constexpr std::size_t quantiles = 60;      // of a distribution
constexpr std::size_t most_outliers = 15;  // listed
constexpr std::size_t most_drawn_outliers = 1000;
constexpr std::size_t most_ranks = 64;  // rows of a map
constexpr double far_out = 3;           // distances of the quartiles
constexpr double per_nano = 1e-9;
constexpr double per_cent = 100;

/// A sample far above the others of its visit.
struct Outlier {
  const Launch* launch;
  const Measurement* visit;
  std::size_t sample;
  double times_median;
  std::optional<std::size_t> slowest;  ///< column of the slowest rank; nothing where ranks have no times of their own
};

bool has_samples(const Measurement& visit) {
  return is_on_curve(visit.point.operation) && visit.samples() >= least_of_visit;
}

std::vector<PointOfLaunch> sampled_points(const std::vector<Launch>& launches) {
  std::vector<PointOfLaunch> points = points_of(launches);
  std::erase_if(points, [](const PointOfLaunch& row) {
    return scan::is_scan(*row.launch) || row.summary.samples < least_samples || !is_on_curve(row.point().operation);
  });
  return points;
}

double scatter_of(const PointOfLaunch& row) { return row.summary.p99_s / row.summary.median_s; }

/// The names of the points that scatter most, the worst first.
std::vector<std::string> worst_of(std::vector<PointOfLaunch> points) {
  std::sort(points.begin(), points.end(),
            [](const PointOfLaunch& a, const PointOfLaunch& b) { return scatter_of(a) > scatter_of(b); });
  std::vector<std::string> names;
  for (const PointOfLaunch& row : points) {
    if (names.size() < most_points && std::find(names.begin(), names.end(), row.point().name()) == names.end()) {
      names.push_back(row.point().name());
    }
  }
  return names;
}

std::vector<double> times_of(const PointOfLaunch& row) {
  std::vector<double> times;
  for (const Measurement* visit : row.passes) {
    const std::vector<double> more = visit->completion_times();
    times.insert(times.end(), more.begin(), more.end());
  }
  return times;
}

render::Colour colour_of(const std::vector<Launch>& launches, const Launch* launch) {
  return render::nth_colour(static_cast<std::size_t>(launch - launches.data()));
}

// Every k-th sample, and all of the slowest: what is left out looks like what is drawn.
render::Series samples_in_order(const PointOfLaunch& row, render::Colour colour) {
  render::Series series{.name = short_id(*row.launch), .draw = render::Draw::points, .colour = colour};
  const std::vector<double> times = times_of(row);
  const std::size_t step = times.size() / most_drawn + 1;
  const double high = quantile(times, 0.98);
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (i % step == 0 || times[i] > high) {
      series.x.push_back(static_cast<double>(i + 1));
      series.y.push_back(times[i]);
    }
  }
  return series;
}

render::Series distribution(const PointOfLaunch& row, render::Colour colour) {
  render::Series series{.name = short_id(*row.launch), .draw = render::Draw::line, .colour = colour};
  const std::vector<double> times = times_of(row);
  for (std::size_t i = 0; i <= quantiles; ++i) {
    const double share = static_cast<double>(i) / quantiles;
    series.x.push_back(quantile(times, share));
    series.y.push_back(per_cent * share);
  }
  return series;
}

ValueRange range_of(const render::LineChart& panel, std::vector<double> render::Series::*values) {
  ValueRange range;
  for (const render::Series& series : panel.series) {
    range.include(series.*values);
  }
  return range;
}

void add_panels(render::ChartGroup& in_order, render::ChartGroup& distributions, const std::string& name,
                const std::vector<PointOfLaunch>& points, const std::vector<Launch>& launches) {
  render::LineChart order{.title = name};
  render::LineChart shares{.title = name};
  for (const PointOfLaunch& row : points) {
    if (row.point().name() == name) {
      order.series.push_back(samples_in_order(row, colour_of(launches, row.launch)));
      shares.series.push_back(distribution(row, colour_of(launches, row.launch)));
    }
  }
  order.x = render::number_axis("sample, passes one after another", render::Scale::linear, 1,
                                range_of(order, &render::Series::x).high);
  const ValueRange times = range_of(order, &render::Series::y);
  order.y = render::seconds_axis("time", times.low, times.high);
  const ValueRange all = range_of(shares, &render::Series::x);
  shares.x = render::seconds_axis("time", all.low, all.high);
  shares.y = render::number_axis("samples at or below (%)", render::Scale::linear, 0, per_cent);
  in_order.panels.push_back(std::move(order));
  distributions.panels.push_back(std::move(shares));
}

std::vector<std::string> marks_of_all(const std::vector<Launch>& launches) {
  std::vector<std::string> marks;
  for (const Launch& launch : launches) {
    add_marks(marks, flags_of(launch));
  }
  return marks;
}

std::optional<std::size_t> slowest_column(const Measurement& visit, std::size_t sample) {
  if (visit.rank_columns < 2) {
    return std::nullopt;
  }
  const auto row = visit.sample(sample);
  return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

void add_outliers(std::vector<Outlier>& outliers, const Launch& launch, const Measurement& visit) {
  const std::vector<double> times = visit.completion_times();
  const double q1 = quantile(times, 0.25);
  const double q3 = quantile(times, 0.75);
  const double middle = median(times);
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (times[i] > q3 + far_out * (q3 - q1)) {
      outliers.push_back({&launch, &visit, i, times[i] / middle, slowest_column(visit, i)});
    }
  }
}

/// The greatest first.
std::vector<Outlier> outliers_of(const std::vector<Launch>& launches, std::size_t& samples) {
  std::vector<Outlier> outliers;
  for (const Launch& launch : launches) {
    for (const Measurement& visit : launch.measurements) {
      if (!scan::is_scan(launch) && has_samples(visit)) {
        samples += visit.samples();
        add_outliers(outliers, launch, visit);
      }
    }
  }
  std::sort(outliers.begin(), outliers.end(),
            [](const Outlier& a, const Outlier& b) { return a.times_median > b.times_median; });
  return outliers;
}

/// World ranks of the columns of a visit's samples; empty where the launch does not tell.
std::vector<int> ranks_of_columns(const Launch& launch, const Measurement& visit) {
  const Group& group = visit.point.group;
  if (slots_of_copy(group, group.concurrent - 1).back() >= launch.placements.size()) {
    return {};
  }
  std::vector<int> ranks = ranks_of(group, slots_of(launch.placements));
  return ranks.size() == visit.rank_columns ? ranks : std::vector<int>{};
}

std::string host_of(const Launch& launch, int rank) {
  const auto found = std::find_if(launch.placements.begin(), launch.placements.end(),
                                  [&](const Placement& placement) { return placement.rank == rank; });
  return found == launch.placements.end() ? "" : found->host;
}

std::string rank_text(const Launch& launch, const Measurement& visit, std::size_t column) {
  const std::vector<int> ranks = ranks_of_columns(launch, visit);
  return ranks.empty() ? fmt::format("{} of the group", column)
                       : fmt::format("{} on {}", ranks[column], host_of(launch, ranks[column]));
}

// When a sample began, as far as it is known: those before it in its visit took their time.
double seconds_since_start(const Outlier& outlier) {
  const std::vector<double> times = outlier.visit->completion_times();
  const auto end = times.begin() + static_cast<std::ptrdiff_t>(outlier.sample);
  return static_cast<double>(outlier.visit->started_utc_ns - outlier.launch->info.started_utc_ns) * per_nano +
         std::accumulate(times.begin(), end, 0.0);
}

render::LineChart outlier_panel(const std::vector<Outlier>& outliers, const std::vector<Launch>& launches) {
  render::LineChart panel{.title = "outliers over time"};
  std::map<const Launch*, render::Series> of_launch;
  for (std::size_t i = 0; i < std::min(outliers.size(), most_drawn_outliers); ++i) {
    const Outlier& each = outliers[i];
    render::Series& series = of_launch[each.launch];
    series.x.push_back(seconds_since_start(each));
    series.y.push_back(each.times_median);
  }
  for (auto& [launch, series] : of_launch) {
    series.name = short_id(*launch);
    series.draw = render::Draw::points;
    series.colour = colour_of(launches, launch);
    panel.series.push_back(std::move(series));
  }
  const ValueRange seconds = range_of(panel, &render::Series::x);
  panel.x =
      render::number_axis("since the launch began", render::Scale::linear, std::min(0.0, seconds.low), seconds.high);
  panel.x.quantity = render::Quantity::seconds;
  panel.y = render::number_axis("times the median of the visit", render::Scale::log, 1,
                                range_of(panel, &render::Series::y).high);
  return panel;
}

render::Table outlier_table(const std::vector<Outlier>& outliers) {
  render::Table table{.title = "the greatest outliers"};
  table.columns = {render::text_column("", "point"),
                   render::text_column("", "launch"),
                   render::text_column("", "visit began"),
                   render::number_column("", "sample"),
                   render::number_column("", "times the median"),
                   render::text_column("", "slowest rank")};
  for (std::size_t i = 0; i < std::min(outliers.size(), most_outliers); ++i) {
    const Outlier& each = outliers[i];
    table.rows.push_back(
        {each.visit->point.name(), short_id(*each.launch), to_iso8601(each.visit->started_utc_ns), each.sample + 1,
         each.times_median,
         each.slowest ? render::Cell(rank_text(*each.launch, *each.visit, *each.slowest)) : render::Cell()});
  }
  return table;
}

render::Table outliers_by_rank(const std::vector<Outlier>& outliers) {
  std::map<std::string, std::size_t> counts;
  for (const Outlier& each : outliers) {
    if (each.slowest && !ranks_of_columns(*each.launch, *each.visit).empty()) {
      ++counts[rank_text(*each.launch, *each.visit, *each.slowest)];
    }
  }
  std::vector<std::pair<std::string, std::size_t>> ordered(counts.begin(), counts.end());
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  render::Table table{.title = "which rank was slowest in outliers"};
  table.columns = {render::text_column("", "rank"), render::number_column("", "outliers")};
  for (std::size_t i = 0; i < std::min(ordered.size(), most_outliers); ++i) {
    table.rows.push_back({ordered[i].first, ordered[i].second});
  }
  return table;
}

/// How much later than the fastest rank each rank is, median over samples, a fraction.
std::vector<double> lateness(const Measurement& visit) {
  std::vector<double> late(visit.rank_columns);
  const std::vector<double> fastest = visit.fastest_times();
  for (std::size_t column = 0; column < visit.rank_columns; ++column) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < visit.samples(); ++i) {
      ratios.push_back(visit.sample(i)[column] / fastest[i] - 1);
    }
    late[column] = median(ratios);
  }
  return late;
}

/// The visits of the first pass of a launch on the curve with the most ranks that begin together, by payload.
std::vector<const Measurement*> visits_of_widest_curve(const Launch& launch) {
  const Measurement* widest = nullptr;
  for (const Measurement& visit : launch.measurements) {
    if (has_samples(visit) && is_synchronising(visit.point.operation) &&
        (widest == nullptr || visit.rank_columns > widest->rank_columns)) {
      widest = &visit;
    }
  }
  std::map<Bytes, const Measurement*> by_payload;
  for (const Measurement& visit : launch.measurements) {
    if (widest != nullptr && has_samples(visit) && visit.point.curve_name() == widest->point.curve_name()) {
      by_payload.try_emplace(visit.point.payload, &visit);
    }
  }
  std::vector<const Measurement*> visits;
  for (const auto& [payload, visit] : by_payload) {
    visits.push_back(visit);
  }
  return visits;
}

std::vector<render::Block> rank_map(const Launch& launch) {
  const std::vector<const Measurement*> visits = visits_of_widest_curve(launch);
  if (visits.empty() || visits.front()->rank_columns < 2) {
    return {};
  }
  const std::size_t ranks = std::min<std::size_t>(visits.front()->rank_columns, most_ranks);
  render::HeatMap map;
  map.title = "how late each rank is";
  map.subtitles = {fmt::format("{}, launch {}: time of the rank over that of the fastest one, median over samples{}",
                               visits.front()->point.curve_name(), short_id(launch),
                               ranks < visits.front()->rank_columns ? fmt::format("; the first {} ranks", ranks) : "")};
  map.remarks = marks_of(flags_of(visits));
  map.x_label = "payload";
  map.y_label = "rank";
  map.value_label = "later by (%)";
  map.values.assign(ranks, {});
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    map.rows.push_back(rank_text(launch, *visits.front(), rank));
  }
  for (const Measurement* visit : visits) {
    map.columns.push_back(to_string(visit->point.payload));
    const std::vector<double> late = lateness(*visit);
    for (std::size_t rank = 0; rank < ranks; ++rank) {
      map.values[rank].push_back(rank < late.size() ? std::optional(per_cent * late[rank]) : std::nullopt);
    }
  }
  return {std::move(map)};
}

}  // namespace

std::vector<render::Block> sample_figures(const std::vector<Launch>& launches) {
  const std::vector<PointOfLaunch> points = sampled_points(launches);
  if (points.empty()) {
    return {};
  }
  const std::vector<std::string> marks = marks_of_all(launches);
  render::ChartGroup order{.title = "samples in the order of measuring, of the points that scatter most",
                           .subtitles = {"launches by colour; of many samples every k-th, and the slowest 2 %"},
                           .remarks = marks};
  render::ChartGroup shares{
      .title = "distributions of the same points", .subtitles = {"launches by colour"}, .remarks = marks};
  for (const std::string& name : worst_of(points)) {
    add_panels(order, shares, name, points, launches);
  }
  std::vector<render::Block> blocks{std::move(order), std::move(shares)};
  std::size_t samples = 0;
  const std::vector<Outlier> outliers = outliers_of(launches, samples);
  if (!outliers.empty()) {
    blocks.push_back(render::ChartGroup{.title = "outliers",
                                        .subtitles = {fmt::format("{} of {} samples", outliers.size(), samples)},
                                        .remarks = marks,
                                        .panels = {outlier_panel(outliers, launches)}});
    blocks.push_back(outliers_by_rank(outliers));
    blocks.push_back(render::Foldout{"the greatest outliers, one by one", {outlier_table(outliers)}});
  }
  const auto with_ranks = std::find_if(launches.begin(), launches.end(), [](const Launch& launch) {
    return !scan::is_scan(launch) && !visits_of_widest_curve(launch).empty();
  });
  if (with_ranks != launches.end()) {
    for (render::Block& block : rank_map(*with_ranks)) {
      blocks.push_back(std::move(block));
    }
  }
  return blocks;
}

}  // namespace hockney::views
