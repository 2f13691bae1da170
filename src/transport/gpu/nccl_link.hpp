#pragma once

#include <memory>
#include <optional>

#include "cuda/handles.hpp"
#include "transport/gpu/gpu_session.hpp"
#include "transport/gpu/nccl_group.hpp"
#include "transport/gpu/nccl_verbs.hpp"
#include "transport/transport.hpp"

namespace hockney::transport::gpu {

/// Resolution of CUDA's events on this GPU, from 200 pairs with nothing between.
struct EventClock {
  Seconds step;   ///< smallest non-zero difference of two durations
  Seconds floor;  ///< median duration
  static EventClock measure(const cuda::Stream& stream);
};

/// Takes samples of GPU work on one rank (docs/measuring.md). A sample of the modes isolated, stream and graph:
///   gate (closed) | align | event | operations | event   are queued, then all ranks meet, then the gates open.
/// So no launch is on the clock, and GPUs begin together. Mode host: the ranks meet, then event | operation | event
/// without gate and align, so that launching is on the clock.
class NcclLink final : public Link {
 public:
  NcclLink(std::shared_ptr<NcclGroup> group, const Case& point, GpuSession& session, const cuda::Stream& stream,
           EventClock clock, watchdog::Watchdog& watchdog);
  ~NcclLink() override;
  NcclLink(const NcclLink&) = delete;
  NcclLink& operator=(const NcclLink&) = delete;

  Verbs* verbs() override { return &verbs_; }
  std::uint32_t columns() const override { return static_cast<std::uint32_t>(group_->joined().size()); }
  Seconds clock_step() const override { return clock_.step; }
  Seconds clock_floor() const override { return clock_.floor; }

  Batch take(std::uint32_t count, Trial* trial, std::uint32_t operations, bool gated) override;
  Observation observe(Trial* trial) override;
  Fabric observed_fabric() const override { return fabric_; }
  Flags remarks() const override { return remarks_; }
  DeviceState device_state() override;

  bool is_root() const override { return group_->joined().is_root(); }
  std::uint64_t broadcast(std::uint64_t number) override { return group_->joined().broadcast(number); }
  std::uint64_t sum(std::uint64_t value) override { return group_->joined().sum(value); }
  void finish() override;

 private:
  struct Sample {
    double elapsed_s = 0;
    double enqueue_s = 0;
    double host_s = 0;
  };

  cuda::Graph capture(Trial& trial, std::uint32_t operations);
  void run_once(Trial& trial);
  Batch take_samples(std::uint32_t count, Trial& trial, std::uint32_t operations, bool gated);
  Sample take_one(Trial& trial, std::uint32_t operations, bool gated);
  nccl::Label label_of(Trial& trial);
  Seconds estimate_of(Trial& trial) const;
  std::uint32_t observed_operations() const;
  void meet();

  std::shared_ptr<NcclGroup> group_;
  Case point_;
  GpuSession& session_;
  const cuda::Stream& stream_;
  EventClock clock_;
  watchdog::Watchdog& watchdog_;
  NcclVerbs verbs_;
  cuda::MappedWord open_;
  cuda::MappedWord timed_out_;
  std::uint64_t ticket_ = 0;
  cuda::Event begin_;
  cuda::Event end_;
  std::optional<cuda::Graph> graph_;  ///< mode graph: the operations of one sample
  Fabric fabric_ = Fabric::unknown;
  Flags remarks_;
  bool finished_ = false;
};

}  // namespace hockney::transport::gpu
