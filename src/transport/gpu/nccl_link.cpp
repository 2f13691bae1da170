#include "transport/gpu/nccl_link.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sstream>

#include "base/error.hpp"
#include "cuda/kernels.hpp"
#include "nccl/labels.hpp"
#include "record/statistics.hpp"
#include "transport/host_clock.hpp"
#include "watchdog/waiting.hpp"

namespace hockney::transport::gpu {
namespace {

constexpr Seconds gate_timeout{5};

// Largest over columns of every row; on rank 0, empty elsewhere.
std::vector<double> largest_of_ranks(const mpi::Communicator& joined, const std::vector<double>& mine) {
  const std::vector<double> all = joined.gather_columns(mine);
  std::vector<double> largest;
  const auto columns = static_cast<std::ptrdiff_t>(joined.size());
  for (auto row = all.begin(); row != all.end(); row += columns) {
    largest.push_back(*std::max_element(row, row + columns));
  }
  return largest;
}

// NVLS and symmetric kernels reach other GPUs through the switch and through mapped memory, for which NCCL writes no
// connection.
std::optional<std::string> path_of(const Observation& observation) {
  if (observation.protocol == "Symmetric") {
    return "SYMMETRIC";
  }
  return observation.algorithm.starts_with("NVLS") ? std::optional<std::string>("NVLS") : std::nullopt;
}

}  // namespace

EventClock EventClock::measure(const cuda::Stream& stream) {
  constexpr std::size_t pairs = 200;
  cuda::MappedWord open;
  cuda::MappedWord timed_out;
  cuda::queue_gate(stream, open, 0, timed_out, gate_timeout);  // the first launch of a kernel is not behind a gate
  std::vector<double> durations(pairs);
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    cuda::Event begin;
    cuda::Event end;
    cuda::queue_gate(stream, open, pair + 1, timed_out, gate_timeout);
    begin.record(stream);
    end.record(stream);
    open.store(pair + 1);
    stream.synchronise();
    durations[pair] = end.since(begin).count();
  }
  EventClock clock{Seconds{0}, Seconds{median(durations)}};
  std::sort(durations.begin(), durations.end());
  constexpr double rounding_of_float_ms = 1e-10;
  for (std::size_t i = 1; i < pairs; ++i) {
    const double step = durations[i] - durations[i - 1];
    if (step > rounding_of_float_ms && (clock.step.count() == 0 || step < clock.step.count())) {
      clock.step = Seconds{step};
    }
  }
  return clock;
}

NcclLink::NcclLink(std::shared_ptr<NcclGroup> group, const Case& point, GpuSession& session, const cuda::Stream& stream,
                   EventClock clock, watchdog::Watchdog& watchdog)
    : group_(std::move(group)),
      point_(point),
      session_(session),
      stream_(stream),
      clock_(clock),
      watchdog_(watchdog),
      verbs_(*group_, group_->own(), stream, group_->copy(), point.buffers, session.device().l2_cache) {}

NcclLink::~NcclLink() {
  if (!finished_) {
    group_->abort();
  }
}

void NcclLink::finish() { finished_ = true; }

void NcclLink::meet() {
  const watchdog::WaitingForRanks waiting(watchdog_);
  group_->joined().barrier();
}

// Once per visit. The first replay, which uploads the graph, is on nobody's clock.
void NcclLink::capture(Trial& trial, std::uint32_t operations) {
  graph_ = cuda::Graph::capture(stream_, [&] { trial.run(operations); });
  trial.refill();
  graph_->launch(stream_);
  end_.record(stream_);
  group_->wait_for(end_);
}

NcclLink::Sample NcclLink::take_one(Trial& trial, std::uint32_t operations, bool gated) {
  trial.refill();
  verbs_.reset_clock();
  const bool aligned = point_.mode != Mode::host;
  if (gated && aligned) {
    cuda::queue_gate(stream_, open_, ++ticket_, timed_out_, gate_timeout);
  }
  if (aligned) {
    group_->queue_align();
  } else {
    stream_.synchronise();
    meet();
  }
  begin_.record(stream_);
  const double queueing = host_clock_s();
  if (graph_) {
    graph_->launch(stream_);
  } else {
    trial.run(operations);
  }
  const double queued = host_clock_s();
  end_.record(stream_);
  if (aligned) {
    meet();
  }
  const double start_line = aligned ? host_clock_s() : queueing;
  open_.store(ticket_);
  group_->wait_for(end_);
  const double completed = host_clock_s();
  const cuda::Event& began = verbs_.restart() != nullptr ? *verbs_.restart() : begin_;
  return {end_.since(began).count(), queued - queueing, completed - start_line};
}

Batch NcclLink::take(std::uint32_t count, Trial* trial, std::uint32_t operations, bool gated) {
  if (point_.mode == Mode::graph && gated && !graph_) {
    capture(*trial, operations);
  }
  std::vector<double> elapsed(count);
  std::vector<double> enqueue(count);
  std::vector<double> host(count);
  std::uint64_t timeouts = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Sample sample = take_one(*trial, operations, gated);
    elapsed[i] = sample.elapsed_s;
    enqueue[i] = sample.enqueue_s;
    host[i] = sample.host_s;
    timeouts += timed_out_.load() == cuda::gate_timed_out ? 1 : 0;
    timed_out_.store(0);
  }
  const mpi::Communicator& joined = group_->joined();
  const watchdog::WaitingForRanks waiting(watchdog_);
  return {joined.gather_columns(elapsed), largest_of_ranks(joined, enqueue), largest_of_ranks(joined, host),
          joined.sum(timeouts)};
}

std::uint32_t NcclLink::observed_operations() const {
  return is_point_to_point(point_.operation) ? point_.operations_per_sample : 1;
}

nccl::Label NcclLink::label_of(Trial& trial, std::uint32_t operations) {
  group_->read_log();  // connections of the warm-up, and labels of it
  nccl::profiler::begin_labels();
  trial.refill();
  trial.run(operations);
  end_.record(stream_);
  group_->wait_for(end_);
  const std::vector<nccl::Label> labels = nccl::profiler::end_labels();
  const auto logged = group_->read_log();
  if (!is_on_curve(point_.operation)) {
    return {};  // a step's collectives may each run another algorithm
  }
  return labels.empty() ? logged.value_or(nccl::Label{}) : labels.front();
}

Seconds NcclLink::estimate_of(Trial& trial) const {
  try {
    return nccl::estimate(group_->own(), [&] { trial.run(1); });
  } catch (const CannotRun&) {
    return Seconds{0};  // NCCL has no estimate for it
  }
}

Observation NcclLink::observe(Trial* trial) {
  Observation observation;
  const nccl::Label label = label_of(*trial, observed_operations());
  if (nccl::has_algorithm(point_.operation) && columns() > 1) {
    observation.estimate_s = estimate_of(*trial).count();
  }
  const watchdog::WaitingForRanks waiting(watchdog_);
  const auto told = group_->joined().all_gather(fmt::format("{}\n{}\n{}\n{}", label.algorithm, label.protocol,
                                                            label.channels, fmt::join(group_->connections(), "\n")));
  std::set<std::string> connections;
  for (auto text = told.rbegin(); text != told.rend(); ++text) {  // the root's label is the one that stays
    std::istringstream lines(*text);
    std::string channels;
    std::getline(lines, observation.algorithm);
    std::getline(lines, observation.protocol);
    std::getline(lines, channels);
    observation.channels = static_cast<std::uint32_t>(std::stoul(channels));
    for (std::string kind; std::getline(lines, kind);) {
      connections.insert(kind);
    }
  }
  if (const auto path = path_of(observation)) {
    connections.insert(*path);
  }
  if (point_.operation == Operation::matmul) {
    observation.algorithm = group_->products().description();
  }
  observation.connections = fmt::format("{}", fmt::join(connections, ","));
  observation.settings = nccl::to_text(group_->pins());
  fabric_ = session_.fabric_of({connections.begin(), connections.end()}, point_.group);
  return observation;
}

DeviceState NcclLink::device_state() {
  const DeviceState mine = session_.nvml().state(session_.device().uuid);
  DeviceState all = mine;
  const auto texts =
      group_->joined().all_gather(fmt::format("{} {} {} {} {}", mine.sm_clock_mhz, mine.memory_clock_mhz,
                                              mine.temperature_celsius, mine.power_watt, mine.throttle_reasons));
  for (const std::string& text : texts) {
    std::istringstream fields(text);
    DeviceState other;
    fields >> other.sm_clock_mhz >> other.memory_clock_mhz >> other.temperature_celsius >> other.power_watt >>
        other.throttle_reasons;
    all.sm_clock_mhz = std::min(all.sm_clock_mhz, other.sm_clock_mhz);
    all.memory_clock_mhz = std::min(all.memory_clock_mhz, other.memory_clock_mhz);
    all.temperature_celsius = std::max(all.temperature_celsius, other.temperature_celsius);
    all.power_watt = std::max(all.power_watt, other.power_watt);
    all.throttle_reasons |= other.throttle_reasons;
  }
  return all;
}

}  // namespace hockney::transport::gpu
