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
std::optional<std::string> path_of(const nccl::Label& label) {
  if (label.protocol == "Symmetric") {
    return "SYMMETRIC";
  }
  return label.algorithm.starts_with("NVLS") ? std::optional<std::string>("NVLS") : std::nullopt;
}

std::string to_text(const nccl::Label& label) {
  return fmt::format("{}\n{}\n{}\n", label.algorithm, label.protocol, label.channels);
}

nccl::Label label_from(const std::string& text) {
  std::istringstream lines(text);
  nccl::Label label;
  std::getline(lines, label.algorithm);
  std::getline(lines, label.protocol);
  lines >> label.channels;
  return label;
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

void NcclLink::finish() {
  graph_.reset();  // before the trial's buffers, whose registrations it holds
  finished_ = true;
}

void NcclLink::meet() {
  const watchdog::WaitingForRanks waiting(watchdog_);
  group_->joined().barrier();
}

// The first replay, which uploads the graph, is on nobody's clock.
cuda::Graph NcclLink::capture(Trial& trial, std::uint32_t operations) {
  cuda::Graph graph = cuda::Graph::capture(stream_, [&] { trial.run(operations); });
  trial.refill();
  graph.launch(stream_);
  end_.record(stream_);
  group_->wait_for(end_);
  return graph;
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
  try {
    if (point_.mode == Mode::graph && gated && !graph_) {
      graph_ = capture(*trial, operations);
    }
    return take_samples(count, *trial, operations, gated);
  } catch (...) {
    graph_.reset();  // as in finish()
    throw;
  }
}

Batch NcclLink::take_samples(std::uint32_t count, Trial& trial, std::uint32_t operations, bool gated) {
  std::vector<double> elapsed(count);
  std::vector<double> enqueue(count);
  std::vector<double> host(count);
  std::uint64_t timeouts = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Sample sample = take_one(trial, operations, gated);
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

// As samples run it: what NCCL captures it may run otherwise, since it registers the buffers then.
void NcclLink::run_once(Trial& trial) {
  if (point_.mode == Mode::graph) {
    capture(trial, observed_operations());
    return;
  }
  trial.refill();
  trial.run(observed_operations());
  end_.record(stream_);
  group_->wait_for(end_);
}

nccl::Label NcclLink::label_of(Trial& trial) {
  group_->read_log();  // connections of the warm-up, and labels of it
  nccl::profiler::begin_labels();
  run_once(trial);
  const nccl::Label told = nccl::combined(nccl::profiler::end_labels());
  const auto logged = group_->read_log();
  if (!is_on_curve(point_.operation)) {
    return {};  // a step's collectives may each run another algorithm
  }
  return told.algorithm.empty() && logged ? *logged : told;
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
  const nccl::Label mine = label_of(*trial);
  if (nccl::has_algorithm(point_.operation) && columns() > 1) {
    observation.estimate_s = estimate_of(*trial).count();
  }
  const watchdog::WaitingForRanks waiting(watchdog_);
  const mpi::Communicator& joined = group_->joined();
  const nccl::Label label = label_from(joined.broadcast(to_text(mine)));
  Paths paths =
      paths_of(joined.all_gather(to_text(used_by(point_.operation, group_->connections()), session_.adapters())),
               point_.group.ranks);
  if (const auto path = path_of(label)) {
    paths.kinds.insert(*path);
  }
  if (session_.rails().are_mixed_in(point_.group)) {
    paths.kinds.insert("GPU-ORDER");
    paths.is_plain = false;
  }
  observation.algorithm = point_.operation == Operation::matmul ? group_->products().description() : label.algorithm;
  observation.protocol = label.protocol;
  observation.channels = label.channels;
  observation.connections = fmt::format("{}", fmt::join(paths.kinds, ","));
  observation.adapters = fmt::format("{}", fmt::join(paths.adapters, ","));
  observation.settings = nccl::to_text(group_->pins());
  fabric_ = session_.fabric_of(paths, point_.group);
  remarks_.set(Flag::network_path, !paths.is_plain);
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
