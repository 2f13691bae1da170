#pragma once

#include <vector>

#include "mpi/communicator.hpp"
#include "transport/host/mpi_collectives.hpp"
#include "transport/transport.hpp"

namespace hockney::transport::host {

/// The verbs on host memory: MPI's blocking calls, done on return.
class MpiVerbs final : public Verbs {
 public:
  /// `own`: the ranks of this rank's own group, the index-th of those that run at once.
  MpiVerbs(mpi::Communicator own, std::uint32_t index, Bytes cache_size);

  std::uint32_t rank() const override { return static_cast<std::uint32_t>(own_.rank()); }
  std::uint32_t ranks() const override { return static_cast<std::uint32_t>(own_.size()); }
  std::uint32_t group() const override { return index_; }
  Bytes cache_size() const override { return cache_size_; }

  std::unique_ptr<Memory> allocate(Bytes size) override;
  std::unique_ptr<Memory> allocate_scratch(Bytes size) override { return allocate(size); }
  void fill(Buffer buffer, const pattern::Pattern& pattern) override;
  void poison(Buffer buffer) override;
  void copy(ConstBuffer from, Buffer to) override;
  std::uint64_t count_wrong(ConstBuffer buffer, const pattern::Pattern& pattern) override;
  void from_host(ConstBuffer host, Buffer buffer) override;
  std::vector<std::byte> to_host(ConstBuffer buffer) override;

  Buffer collective(const Call& call) override { return collectives_.run(call); }

  void send(ConstBuffer buffer, std::uint32_t to) override;
  void receive(Buffer buffer, std::uint32_t from) override;
  void exchange(ConstBuffer out, std::uint32_t to, Buffer in, std::uint32_t from) override;

  void busy(Seconds duration) override;
  void matmul(ConstBuffer a, ConstBuffer b, Buffer c, const Matmul& shape, Element element) override;
  std::unique_ptr<Verbs> split(std::uint32_t colour) override;

  void restart_clock() override;
  double sample_began_s() const { return sample_began_s_; }

 private:
  mpi::Communicator own_;
  MPI_Comm comm_;
  MpiCollectives collectives_;
  std::uint32_t index_;
  Bytes cache_size_;
  double sample_began_s_ = 0;
};

}  // namespace hockney::transport::host
