#pragma once

#include "cuda/handles.hpp"
#include "nccl/communicator.hpp"
#include "transport/call.hpp"

namespace hockney::transport::gpu {

/// Every collective among the ranks of one communicator, queued on one stream: NCCL's own, or sends and receives in a
/// group for what every NCCL from 2.22 on can do only so (all_to_all, all_to_all_v, gather, scatter), as PyTorch does;
/// Call::native asks for the calls that NCCL got later. Both must outlive it.
class NcclCollectives {
 public:
  NcclCollectives(const nccl::Communicator& communicator, const cuda::Stream& stream)
      : communicator_(communicator), stream_(stream) {}

  /// Queues the call. Throws CannotRun or nccl::Error, as nccl::check() does; Failure for all_to_all in place.
  void queue(const Call& call) const;

 private:
  template <class Out, class In>
  void exchange(Element element, Out out, In in) const;
  void all_to_all(const Call& call) const;
  void all_to_all_v(const Call& call) const;
  void gather(const Call& call) const;
  void scatter(const Call& call) const;

  const nccl::Communicator& communicator_;
  const cuda::Stream& stream_;
};

}  // namespace hockney::transport::gpu
