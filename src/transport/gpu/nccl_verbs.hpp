#pragma once

#include <functional>
#include <memory>

#include "cuda/handles.hpp"
#include "nccl/communicator.hpp"
#include "transport/gpu/nccl_collectives.hpp"
#include "transport/transport.hpp"

namespace hockney::transport::gpu {

class NcclGroup;

/// The verbs on GPU memory, queued on one stream.
class NcclVerbs final : public Verbs {
 public:
  /// `communicator` is the one of `owner`'s own group, or a part of it. The references must outlive the verbs.
  NcclVerbs(NcclGroup& owner, const nccl::Communicator& communicator, const cuda::Stream& stream, std::uint32_t group,
            Buffers buffers, Bytes cache_size);

  std::uint32_t rank() const override { return communicator_.rank(); }
  std::uint32_t ranks() const override { return communicator_.size(); }
  std::uint32_t group() const override { return group_; }
  Bytes cache_size() const override { return cache_size_; }

  std::unique_ptr<Memory> allocate(Bytes size) override;
  std::unique_ptr<Memory> allocate_scratch(Bytes size) override;
  void fill(Buffer buffer, const pattern::Pattern& pattern) override;
  void poison(Buffer buffer) override;
  void copy(ConstBuffer from, Buffer to) override;
  std::uint64_t count_wrong(ConstBuffer buffer, const pattern::Pattern& pattern) override;
  void from_host(ConstBuffer host, Buffer buffer) override;
  std::vector<std::byte> to_host(ConstBuffer buffer) override;

  Buffer collective(const Call& call) override {
    collectives_.queue(call);
    return call.receive;
  }

  void send(ConstBuffer buffer, std::uint32_t to) override;
  void receive(Buffer buffer, std::uint32_t from) override;
  void exchange(ConstBuffer out, std::uint32_t to, Buffer in, std::uint32_t from) override;

  void busy(Seconds duration) override;
  void matmul(ConstBuffer a, ConstBuffer b, Buffer c, const Matmul& shape, Element element) override;
  std::unique_ptr<Verbs> split(std::uint32_t colour) override;

  void restart_clock() override;
  /// Forgets a restart_clock(); before every sample.
  void reset_clock() { restarted_ = false; }
  /// Where the sample's clock began instead of at the start line; null when restart_clock() was not called.
  const cuda::Event* restart() const { return restarted_ ? &restart_ : nullptr; }

 private:
  void take_memory(const std::function<void()>& take);

  NcclGroup& owner_;
  const nccl::Communicator& communicator_;
  const cuda::Stream& stream_;
  NcclCollectives collectives_;
  std::uint32_t group_;
  Buffers buffers_;
  Bytes cache_size_;
  cuda::DeviceBuffer wrong_;
  cuda::Event restart_;
  bool restarted_ = false;
};

}  // namespace hockney::transport::gpu
