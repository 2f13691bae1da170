#include "predict/network/nic_rate.hpp"

#include <algorithm>
#include <cmath>

namespace hockney::predict {

double NetworkOptions::ring_rate(double free_rate, double ranks_per_node, double whole) const {
  if (!adds(Addition::ring_limit) || free_rate <= ring_limit_bytes_per_s || ranks_per_node >= whole) {
    return free_rate;
  }
  return ring_limit_bytes_per_s *
         std::pow(free_rate / ring_limit_bytes_per_s, std::log(ranks_per_node) / std::log(whole));
}

bool NetworkOptions::adds(Addition what) const {
  return std::find(without.begin(), without.end(), what) == without.end();
}

Answer answer_by_rate(const NicRate& nic, const Message& message, const StepConstants& constants,
                      const NetworkOptions& options) {
  const auto line = [&nic](double rate) { return LineRate{BytesPerSecond{rate}, nic.latency}; };
  const auto seconds = [&](double rate) {
    return line(rate).time(message.operation, message.placed, message.payload).count();
  };
  const double whole = nic.bytes_per_s_per_gpu;
  Answer answer;
  answer.estimate = line(whole).at(message.operation, message.placed, message.payload);
  answer.remarks = {answer.estimate.remark};
  if (is_point_to_point(message.operation) || message.operation == Operation::all_to_all) {
    return answer;
  }
  const double free = options.adds(Addition::ring_share) ? whole * constants.ring_share : whole;
  const double limited = options.ring_rate(free, message.placed.group.ranks_per_node, nic.gpus_per_node);
  const double free_s = seconds(free);
  if (free < whole) {
    answer.add(Addition::ring_share, free_s - answer.estimate.value_s);
  }
  if (limited < free) {
    answer.add(Addition::ring_limit, seconds(limited) - free_s);
  }
  return answer;
}

}  // namespace hockney::predict
