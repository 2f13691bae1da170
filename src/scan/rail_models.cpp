#include "scan/rail_models.hpp"

#include <cmath>
#include <map>
#include <set>

#include "record/statistics.hpp"

namespace hockney::scan {

std::vector<double> logarithms_of(const Times& times) {
  std::vector<double> logarithms;
  for (const PairTime& time : times) {
    logarithms.push_back(std::log(time.time_s));
  }
  return logarithms;
}

RailModels::RailModels(const ScanRecord& scan, Bytes payload) : payload_(payload) {
  const Times rounds =
      chosen(scan.times, [&](const PairTime& time) { return time.is_of_rounds() && time.payload == payload; });
  for (std::uint32_t rail = 0; rail < scan.rails; ++rail) {
    times_.push_back(chosen(rounds, [&](const PairTime& time) { return time.rail == rail; }));
    models_.push_back(times_.back().empty() ? NodeModel{0, std::vector<double>(scan.nodes), least_spread}
                                            : fit_nodes(times_.back(), scan.nodes));
  }
  if (scan.nodes < least_nodes) {
    compare_with_the_fastest();
  }
}

void RailModels::compare_with_the_fastest() {
  std::map<std::pair<NodePair, std::uint32_t>, Times> by_pair;
  for (const Times& of_rail : times_) {
    for (const PairTime& time : of_rail) {
      by_pair[{time.nodes, time.rail}].push_back(time);
    }
  }
  double fastest = INFINITY;
  for (const auto& [pair, times] : by_pair) {
    fastest = std::min(fastest, median(logarithms_of(times)));
  }
  for (NodeModel& model : models_) {
    model.level = fastest;
  }
}

std::vector<RailModels> models_by_payload(const ScanRecord& scan) {
  std::set<Bytes> payloads;
  for (const PairTime& time : scan.times) {
    payloads.insert(time.payload);
  }
  std::vector<RailModels> models;
  for (const Bytes payload : payloads) {
    models.emplace_back(scan, payload);
  }
  return models;
}

}  // namespace hockney::scan
