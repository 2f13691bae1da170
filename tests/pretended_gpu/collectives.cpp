#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cuda/device.hpp"
#include "cuda/handles.hpp"
#include "mpi/communicator.hpp"
#include "nccl/communicator.hpp"
#include "nccl/labels.hpp"

// Runs every collective from 1 KiB to 1 GiB once, through the project's own src/nccl, and tells on rank 0 what the
// profiler plugin heard and what NCCL estimates:
//   operation,bytes,algorithm,protocol,channels,estimated_us
// `collectives symmetric` runs all-reduce on symmetric windows instead.

namespace {

using namespace hockney;

constexpr std::size_t smallest = std::size_t{1} << 10;
constexpr std::size_t largest = std::size_t{1} << 30;
constexpr std::size_t largest_symmetric = std::size_t{1} << 20;

struct Call {
  const nccl::Communicator& communicator;
  const cuda::Stream& stream;
  float* send;
  float* receive;
  std::size_t elements;  ///< of the larger buffer

  std::size_t share() const { return elements / communicator.size(); }
};

struct Operation {
  std::string_view name;
  bool has_estimate;  ///< NCCL must not be asked for one of sends and receives: the next real one fails
  std::function<ncclResult_t(const Call&)> queue;
};

ncclResult_t exchange(const Call& call, const std::vector<int>& to, const std::vector<int>& from,
                      std::size_t elements) {
  nccl::OperationGroup group;
  for (std::size_t i = 0; i < to.size(); ++i) {
    const auto offset = elements * i;
    nccl::check(ncclSend(call.send + offset, elements, ncclFloat, to[i], call.communicator.get(), call.stream.get()));
    nccl::check(
        ncclRecv(call.receive + offset, elements, ncclFloat, from[i], call.communicator.get(), call.stream.get()));
  }
  group.end(call.communicator);
  return ncclSuccess;
}

ncclResult_t all_to_all(const Call& call) {
  std::vector<int> all(call.communicator.size());
  std::generate(all.begin(), all.end(), [next = 0]() mutable { return next++; });
  return exchange(call, all, all, call.share());
}

ncclResult_t send_recv_ring(const Call& call) {
  const int size = static_cast<int>(call.communicator.size());
  const int rank = static_cast<int>(call.communicator.rank());
  return exchange(call, {(rank + 1) % size}, {(rank + size - 1) % size}, call.elements);
}

ncclResult_t all_reduce(const Call& c) {
  return ncclAllReduce(c.send, c.receive, c.elements, ncclFloat, ncclSum, c.communicator.get(), c.stream.get());
}

std::vector<Operation> operations() {
  return {
      {"all_reduce", true, &all_reduce},
      {"all_gather", true,
       [](const Call& c) {
         return ncclAllGather(c.send, c.receive, c.share(), ncclFloat, c.communicator.get(), c.stream.get());
       }},
      {"reduce_scatter", true,
       [](const Call& c) {
         return ncclReduceScatter(c.send, c.receive, c.share(), ncclFloat, ncclSum, c.communicator.get(),
                                  c.stream.get());
       }},
      {"broadcast", true,
       [](const Call& c) {
         return ncclBroadcast(c.send, c.receive, c.elements, ncclFloat, 0, c.communicator.get(), c.stream.get());
       }},
      {"reduce", true,
       [](const Call& c) {
         return ncclReduce(c.send, c.receive, c.elements, ncclFloat, ncclSum, 0, c.communicator.get(), c.stream.get());
       }},
      {"all_to_all", false, &all_to_all},
      {"send_recv_ring", false, &send_recv_ring},
  };
}

void tell(std::string_view operation, std::size_t bytes, const std::vector<nccl::Label>& labels, Seconds estimate) {
  const auto widest = std::max_element(labels.begin(), labels.end(),
                                       [](const auto& a, const auto& b) { return a.channels < b.channels; });
  const nccl::Label label = widest == labels.end() ? nccl::Label{} : *widest;
  std::printf("%s,%zu,%s,%s,%u,%.3f\n", std::string(operation).c_str(), bytes, label.algorithm.c_str(),
              label.protocol.c_str(), label.channels, estimate.count() * 1e6);
}

void run(const Operation& operation, const Call& call) {
  Seconds estimate{0};
  if (operation.has_estimate) {
    estimate = nccl::estimate(call.communicator, [&] { nccl::check(operation.queue(call), call.communicator); });
  }
  nccl::profiler::begin_labels();
  nccl::check(operation.queue(call), call.communicator);
  call.stream.synchronise();
  const auto labels = nccl::profiler::end_labels();
  if (call.communicator.rank() == 0) {
    tell(operation.name, call.elements * sizeof(float), labels, estimate);
  }
}

float* data_of(std::span<std::byte> bytes) { return reinterpret_cast<float*>(bytes.data()); }

void run_all(const nccl::Communicator& communicator) {
  const cuda::Stream stream;
  const cuda::DeviceBuffer send(Bytes{largest});
  const cuda::DeviceBuffer receive(Bytes{largest});
  for (const Operation& operation : operations()) {
    for (std::size_t bytes = smallest; bytes <= largest; bytes *= 2) {
      run(operation, {communicator, stream, data_of(send.bytes()), data_of(receive.bytes()), bytes / sizeof(float)});
    }
  }
}

void run_symmetric(const nccl::Communicator& communicator) {
  const cuda::Stream stream;
  nccl::Buffer send(communicator, Buffers::symmetric_window, Bytes{largest_symmetric});
  nccl::Buffer receive(communicator, Buffers::symmetric_window, Bytes{largest_symmetric});
  send.enrol();
  receive.enrol();
  for (std::size_t bytes = smallest; bytes <= largest_symmetric; bytes *= 2) {
    run({"symmetric_all_reduce", false, &all_reduce},
        {communicator, stream, data_of(send.bytes()), data_of(receive.bytes()), bytes / sizeof(float)});
  }
}

}  // namespace

int main(int argc, char** argv) {
  const mpi::Environment environment(&argc, &argv);
  try {
    const mpi::Communicator world = mpi::Communicator::world();
    const auto gpus = cuda::visible_devices();
    cuda::use_device(gpus[static_cast<std::size_t>(world.rank()) % gpus.size()]);
    nccl::profiler::enable(nccl::version());
    nccl::Communicator communicator(world, {});
    (argc > 1 && std::string_view(argv[1]) == "symmetric" ? run_symmetric : run_all)(communicator);
    world.barrier();
    communicator.finish();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "collectives: %s\n", error.what());
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
}
