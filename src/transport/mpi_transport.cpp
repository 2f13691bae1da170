#include "transport/mpi_transport.hpp"

#include <algorithm>
#include <climits>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <new>
#include <time.h>

#include "errors/error.hpp"
#include "mpi/communicator.hpp"

namespace hockney {
namespace {

using mpi::check;

double now_s() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// The grid that the clock's values lie on. Two readings in a row differ by the cost of reading as well, so it is the
// increments among themselves that show the step: they are whole multiples of it.
Seconds measure_clock_step() {
  std::vector<double> increments(1000);
  for (double& increment : increments) {
    const double begin = now_s();
    do {
      increment = now_s() - begin;
    } while (increment == 0);
  }
  std::sort(increments.begin(), increments.end());
  constexpr double rounding_of_double = 1e-10;
  double step = increments.front();
  for (std::size_t i = 1; i < increments.size(); ++i) {
    const double difference = increments[i] - increments[i - 1];
    if (difference > rounding_of_double) {
      step = std::min(step, difference);
    }
  }
  return Seconds{step};
}

// MemAvailable of /proc/meminfo, rounded down to MiB: an allocation beyond it succeeds, and then the kernel kills.
Bytes available_memory() {
  std::ifstream meminfo("/proc/meminfo");
  std::string key;
  for (std::uint64_t kibibytes_free = 0; meminfo >> key >> kibibytes_free; meminfo.ignore(99, '\n')) {
    if (key == "MemAvailable:") {
      return mebibytes(kibibytes_free >> 10U);
    }
  }
  return gibibytes(1ULL << 30U);  // not Linux: nothing is known, so nothing is refused
}

MPI_Datatype datatype_of(Element element) {
  switch (element) {
    case Element::int8:
      return MPI_INT8_T;
    case Element::uint8:
      return MPI_UINT8_T;
    case Element::int32:
      return MPI_INT32_T;
    case Element::uint32:
      return MPI_UINT32_T;
    case Element::int64:
      return MPI_INT64_T;
    case Element::uint64:
      return MPI_UINT64_T;
    case Element::float32:
      return MPI_FLOAT;
    case Element::float64:
      return MPI_DOUBLE;
    case Element::float16:
    case Element::bfloat16:
      return MPI_UINT16_T;  // moved, never added: refusal() keeps reductions away
  }
  throw Failure("no MPI datatype for this element");
}

/// Host memory aligned to pages, touched once so that no sample pays for page faults.
class HostMemory final : public Memory {
 public:
  explicit HostMemory(Bytes size) : size_(size.count) {
    data_ = static_cast<std::byte*>(::operator new(std::max<std::size_t>(size_, 1), alignment, std::nothrow));
    if (data_ == nullptr) {
      throw InputError(
          fmt::format("out of memory: {} of host memory per buffer could not be allocated; choose smaller "
                      "sizes or fewer ranks",
                      to_string(size)));
    }
    std::memset(data_, 0, size_);
  }
  ~HostMemory() override { ::operator delete(data_, alignment); }
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;

  std::span<std::byte> bytes() override { return {data_, size_}; }

 private:
  static constexpr std::align_val_t alignment{4096};
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

class MpiVerbs final : public Verbs {
 public:
  explicit MpiVerbs(const mpi::Communicator& group) : group_(group), comm_(group.get()) {}

  std::uint32_t rank() const override { return static_cast<std::uint32_t>(group_.rank()); }
  std::uint32_t ranks() const override { return static_cast<std::uint32_t>(group_.size()); }

  std::unique_ptr<Memory> allocate(Bytes size) override { return std::make_unique<HostMemory>(size); }
  void fill(Buffer buffer, Element element, const Pattern& pattern) override { fill_host(buffer, element, pattern); }
  void poison(Buffer buffer) override { std::memset(buffer.data(), 0xFF, buffer.size()); }
  void copy(ConstBuffer from, Buffer to) override { std::memcpy(to.data(), from.data(), from.size()); }
  std::uint64_t count_wrong(ConstBuffer buffer, Element element, const Pattern& pattern) override {
    return count_wrong_host(buffer, element, pattern);
  }

  void all_reduce(ConstBuffer send, Buffer receive, Element element) override {
    check(MPI_Allreduce(send.data(), receive.data(), count(receive, element), datatype_of(element), MPI_SUM, comm_));
  }
  Buffer all_reduce_in_place(Buffer buffer, Element element) override {
    check(MPI_Allreduce(MPI_IN_PLACE, buffer.data(), count(buffer, element), datatype_of(element), MPI_SUM, comm_));
    return buffer;
  }
  void all_gather(ConstBuffer send, Buffer receive, Element element) override {
    const int n = count(send, element);
    check(MPI_Allgather(send.data(), n, datatype_of(element), receive.data(), n, datatype_of(element), comm_));
  }
  Buffer all_gather_in_place(Buffer buffer, Element element) override {
    check(MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, buffer.data(), block(buffer, element), datatype_of(element),
                        comm_));
    return buffer;
  }
  void reduce_scatter(ConstBuffer send, Buffer receive, Element element) override {
    check(MPI_Reduce_scatter_block(send.data(), receive.data(), count(receive, element), datatype_of(element), MPI_SUM,
                                   comm_));
  }
  Buffer reduce_scatter_in_place(Buffer buffer, Element element) override {
    check(MPI_Reduce_scatter_block(MPI_IN_PLACE, buffer.data(), block(buffer, element), datatype_of(element), MPI_SUM,
                                   comm_));
    return buffer.first(buffer.size() / ranks());  // MPI puts the result first, whatever the rank
  }
  void all_to_all(ConstBuffer send, Buffer receive, Element element) override {
    const int n = block(receive, element);
    check(MPI_Alltoall(send.data(), n, datatype_of(element), receive.data(), n, datatype_of(element), comm_));
  }
  Buffer all_to_all_in_place(Buffer buffer, Element element) override {
    check(MPI_Alltoall(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, buffer.data(), block(buffer, element), datatype_of(element),
                       comm_));
    return buffer;
  }

  void send(ConstBuffer buffer, std::uint32_t to) override {
    check(MPI_Send(buffer.data(), bytes(buffer), MPI_BYTE, static_cast<int>(to), tag, comm_));
  }
  void receive(Buffer buffer, std::uint32_t from) override {
    check(MPI_Recv(buffer.data(), bytes(buffer), MPI_BYTE, static_cast<int>(from), tag, comm_, MPI_STATUS_IGNORE));
  }
  void exchange(ConstBuffer out, std::uint32_t to, Buffer in, std::uint32_t from) override {
    check(MPI_Sendrecv(out.data(), bytes(out), MPI_BYTE, static_cast<int>(to), tag, in.data(), bytes(in), MPI_BYTE,
                       static_cast<int>(from), tag, comm_, MPI_STATUS_IGNORE));
  }

  void restart_clock() override { sample_began_s_ = now_s(); }
  double sample_began_s() const { return sample_began_s_; }

 private:
  static constexpr int tag = 0;
  static int count(ConstBuffer buffer, Element element) {
    return static_cast<int>(buffer.size() / size_of(element).count);
  }
  int block(ConstBuffer buffer, Element element) const { return count(buffer, element) / group_.size(); }
  static int bytes(ConstBuffer buffer) { return static_cast<int>(buffer.size()); }

  const mpi::Communicator& group_;
  MPI_Comm comm_;
  double sample_began_s_ = 0;
};

class MpiLink final : public Link {
 public:
  MpiLink(mpi::Communicator group, Fabric observed, Seconds clock_step)
      : group_(std::move(group)), verbs_(group_), observed_(observed), clock_step_(clock_step) {}

  Verbs* verbs() override { return &verbs_; }
  Fabric observed_fabric() const override { return observed_; }
  Seconds clock_step() const override { return clock_step_; }

  std::vector<double> take(std::uint32_t count, Trial* trial) override {
    std::vector<double> mine(count);
    for (double& elapsed : mine) {
      trial->refill();
      check(MPI_Barrier(group_.get()));
      verbs_.restart_clock();
      trial->run();
      elapsed = now_s() - verbs_.sample_began_s();
    }
    return group_.gather_columns(mine);
  }

  bool is_root() const override { return group_.is_root(); }
  std::uint64_t broadcast(std::uint64_t number) override { return group_.broadcast(number); }
  std::uint64_t sum(std::uint64_t value) override { return group_.sum(value); }

 private:
  mpi::Communicator group_;
  MpiVerbs verbs_;
  Fabric observed_;
  Seconds clock_step_;
};

class MpiTransport final : public Transport {
 public:
  MpiTransport(const mpi::Communicator& world, const std::vector<Placement>& placements)
      : world_(world),
        placements_(placements),
        ranks_per_node_(ranks_per_node(placements)),
        clock_step_(measure_clock_step()),
        memory_per_node_(world.smallest(available_memory().count)) {}

  World world() const override {
    return {TransportKind::mpi, static_cast<std::uint32_t>(world_.size()), ranks_per_node_};
  }

  std::optional<std::string> refusal(const Case& point) const override {
    if (is_intra_node(point.fabric) && point.fabric != Fabric::host_memory) {
      return fmt::format("the mpi transport moves host memory, not {}", name_of(point.fabric));
    }
    const Bytes wanted = memory_per_rank(point) * std::min(point.group.ranks, ranks_per_node_);
    if (wanted > memory_per_node_) {
      return fmt::format("needs {} of memory on a node, and {} are free", to_string(wanted),
                         to_string(memory_per_node_));
    }
    const bool half = point.element == Element::float16 || point.element == Element::bfloat16;
    if (half && (point.operation == Operation::all_reduce || point.operation == Operation::reduce_scatter)) {
      return fmt::format("MPI has no reduction of {}", name_of(point.element));
    }
    const std::uint64_t unit = is_point_to_point(point.operation) ? 1 : size_of(point.element).count;
    if (point.payload.count / unit > static_cast<std::uint64_t>(INT_MAX)) {
      return fmt::format("{} is more than MPI's int counts hold", to_string(point.payload));
    }
    return std::nullopt;
  }

  std::unique_ptr<Link> join(const Case& point) override {
    const auto ranks = static_cast<int>(point.group.ranks);
    auto group = world_.first(ranks);
    if (!group) {
      return nullptr;
    }
    const bool one_host = std::all_of(placements_.begin(), placements_.begin() + ranks,
                                      [&](const Placement& p) { return p.host == placements_.front().host; });
    return std::make_unique<MpiLink>(std::move(*group), one_host ? Fabric::host_memory : Fabric::unknown, clock_step_);
  }

 private:
  const mpi::Communicator& world_;
  std::vector<Placement> placements_;
  std::uint32_t ranks_per_node_;
  Seconds clock_step_;
  Bytes memory_per_node_;  ///< free on the node that has least; the same on every rank
};

}  // namespace

std::unique_ptr<Transport> make_mpi_transport(const mpi::Communicator& world,
                                              const std::vector<Placement>& placements) {
  return std::make_unique<MpiTransport>(world, placements);
}

}  // namespace hockney
