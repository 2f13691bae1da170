#pragma once

#include <algorithm>
#include <iterator>
#include <vector>

#include "scan/node_model.hpp"

namespace hockney::scan {

using Times = std::vector<PairTime>;

/// The times that meet a condition.
template <class Condition>
Times chosen(const Times& times, Condition condition) {
  Times found;
  std::copy_if(times.begin(), times.end(), std::back_inserter(found), condition);
  return found;
}

/// ln time_s of each.
std::vector<double> logarithms_of(const Times& times);

/// The models of all rails at one payload, of the rounds of a scan. Of fewer than least_nodes nodes the level of every
/// rail is that of the fastest pair and rail, which the others are held to.
class RailModels {
 public:
  RailModels(const ScanRecord& scan, Bytes payload);

  Bytes payload() const { return payload_; }
  const std::vector<NodeModel>& models() const { return models_; }
  const Times& times(std::size_t rail) const { return times_[rail]; }

 private:
  void compare_with_the_fastest();

  Bytes payload_;
  std::vector<Times> times_;
  std::vector<NodeModel> models_;
};

/// In ascending order of payload.
std::vector<RailModels> models_by_payload(const ScanRecord& scan);

}  // namespace hockney::scan
