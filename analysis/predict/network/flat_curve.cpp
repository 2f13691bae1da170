#include "predict/network/flat_curve.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include "base/error.hpp"
#include "predict/network/curve_family.hpp"
#include "record/deviates.hpp"

namespace hockney::predict {
namespace {

constexpr double least_payload = 8;
constexpr int nodes_per_octave = 4;
constexpr int octaves = 31;  // up to 16 GiB

Bytes bytes(double payload) { return Bytes{static_cast<std::uint64_t>(payload)}; }

std::vector<double> sample_points() {
  std::vector<double> points;
  for (int i = 0; i <= octaves * nodes_per_octave; ++i) {
    points.push_back(std::round(least_payload * std::exp2(static_cast<double>(i) / nodes_per_octave)));
  }
  return points;
}

// `parts` payloads from one to the next, which are both further apart than 1 B.
void add_between(std::vector<double>& points, double from, double to, int parts) {
  for (int i = 1; i < parts; ++i) {
    points.push_back(std::round(from * std::pow(to / from, static_cast<double>(i) / parts)));
  }
}

// Payloads at which the curve's law changes, its measured sizes among them. Between these the law is straight or nearly
// so (local_time()), in gaps of segments it is not: more payloads stand there.
std::vector<double> turning_points(const cost::CostCurve& curve) {
  constexpr int between_points = 4;
  constexpr int in_gap = 16;
  std::vector<double> points;
  for (std::size_t i = 0; i < curve.segments.size(); ++i) {
    const double from = static_cast<double>(curve.segments[i].from.count);
    if (i > 0) {
      add_between(points, static_cast<double>(curve.segments[i - 1].to.count), from, in_gap);
    }
    points.push_back(from);
    points.push_back(static_cast<double>(curve.segments[i].to.count));
  }
  for (std::size_t i = 0; i < curve.points.size(); ++i) {
    const double size = static_cast<double>(curve.points[i].payload.count);
    if (i > 0) {
      add_between(points, static_cast<double>(curve.points[i - 1].payload.count), size, between_points);
    }
    points.push_back(size);
  }
  const SeenPayloads seen = seen_payloads(curve);
  for (const double edge : {std::ceil(seen.from), seen.to}) {  // the answer may jump there
    points.insert(points.end(), {edge - 1, edge, edge + 1});
  }
  std::erase_if(points, [](double payload) { return payload < 1 || std::isinf(payload); });
  return points;
}

FlatCurve::Node node_at(double payload, const cost::Estimate& estimate) {
  const double up = estimate.value_s > 0 ? std::log(estimate.high_s / estimate.value_s) / z95 : 0;
  const double down = estimate.low_s > 0 ? std::log(estimate.value_s / estimate.low_s) / z95 : up;
  return {payload, estimate.value_s, up, down, 0};
}

}  // namespace

FlatCurve::FlatCurve(std::vector<Node> nodes) : nodes_(std::move(nodes)) {
  if (nodes_.empty()) {
    throw Failure("a flat curve without nodes");
  }
  for (std::size_t i = 0; i + 1 < nodes_.size(); ++i) {
    nodes_[i].slope_s_per_byte =
        (nodes_[i + 1].time_s - nodes_[i].time_s) / (nodes_[i + 1].payload - nodes_[i].payload);
  }
  if (nodes_.size() > 1) {
    nodes_.back().slope_s_per_byte = nodes_[nodes_.size() - 2].slope_s_per_byte;
  }
}

std::size_t FlatCurve::line_at(double payload) const {
  const auto next = std::upper_bound(nodes_.begin() + 1, nodes_.end(), payload,
                                     [](double x, const Node& node) { return x < node.payload; });
  return static_cast<std::size_t>(next - nodes_.begin()) - 1;
}

double FlatCurve::on_line(std::size_t line, double payload, double deviate) const {
  const Node& node = nodes_[line];
  const double value = std::max(0.0, node.time_s + (payload - node.payload) * node.slope_s_per_byte);
  return deviate == 0 ? value : value * std::exp(deviate * (deviate > 0 ? node.log_error_up : node.log_error_down));
}

FlatCurve FlatCurve::follow(const std::function<Answer(Bytes)>& answer_at) {
  // Every curve that answers somewhere adds its payloads, at which others may answer.
  std::vector<double> points = sample_points();
  std::vector<const cost::CostCurve*> curves;
  std::map<double, Node> by_payload;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto [node, is_new] = by_payload.try_emplace(points[i]);
    if (!is_new) {
      continue;
    }
    const Answer answer = answer_at(bytes(points[i]));
    node->second = node_at(points[i], answer.estimate);
    for (const CurveUse& use : answer.curves) {
      if (std::find(curves.begin(), curves.end(), use.curve) == curves.end()) {
        curves.push_back(use.curve);
        const std::vector<double> turns = turning_points(*use.curve);
        points.insert(points.end(), turns.begin(), turns.end());
      }
    }
  }
  std::vector<Node> nodes;
  std::transform(by_payload.begin(), by_payload.end(), std::back_inserter(nodes),
                 [](const auto& each) { return each.second; });
  return FlatCurve(std::move(nodes));
}

}  // namespace hockney::predict
