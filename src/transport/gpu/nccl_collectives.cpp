#include "transport/gpu/nccl_collectives.hpp"

#include <string>

#include "base/error.hpp"
#include "nccl/newer_calls.hpp"

namespace hockney::transport::gpu {
namespace {

constexpr int root = 0;
constexpr std::uint32_t root_rank = 0;

template <class Byte>
std::span<Byte> block_of(std::span<Byte> buffer, std::uint32_t rank, std::size_t block) {
  return buffer.subspan(rank * block, block);
}

// Blocks of the given lengths, one after the other: the next at each call.
template <class Byte>
auto one_after_the_other(std::span<Byte> buffer, std::span<const std::uint64_t> elements, Element element) {
  return [=, at = std::size_t{0}](std::uint32_t rank) mutable {
    const std::size_t size = elements[rank] * size_of(element).count;
    at += size;
    return buffer.subspan(at - size, size);
  };
}

// Of all_to_all, gather and scatter.
std::size_t elements_of_block(const Call& call, std::uint32_t ranks) {
  if (call.operation == Operation::scatter) {
    return elements_in(call.receive, call.element);
  }
  return elements_in(call.send, call.element) / (call.operation == Operation::all_to_all ? ranks : 1);
}

}  // namespace

void NcclCollectives::queue(const Call& call) const {
  const std::byte* send = call.send.data();
  std::byte* receive = call.receive.data();
  const std::size_t sent = elements_in(call.send, call.element);
  const std::size_t received = elements_in(call.receive, call.element);
  const ncclDataType_t type = nccl::datatype_of(call.element);
  const ncclRedOp_t reduction = nccl::operator_of(call.reduction);
  ncclComm_t comm = communicator_.get();
  cudaStream_t stream = stream_.get();
  if (call.native) {
    const std::size_t block = elements_of_block(call, communicator_.size());
    return nccl::queue_native(call.operation, send, receive, block, type, communicator_, stream);
  }
  switch (call.operation) {
    case Operation::all_reduce:
      return nccl::check(ncclAllReduce(send, receive, received, type, reduction, comm, stream), communicator_);
    case Operation::all_gather:
      return nccl::check(ncclAllGather(send, receive, sent, type, comm, stream), communicator_);
    case Operation::reduce_scatter:
      return nccl::check(ncclReduceScatter(send, receive, received, type, reduction, comm, stream), communicator_);
    case Operation::broadcast:
      return nccl::check(ncclBroadcast(send, receive, received, type, root, comm, stream), communicator_);
    case Operation::reduce:
      return nccl::check(ncclReduce(send, receive, sent, type, reduction, root, comm, stream), communicator_);
    case Operation::all_to_all:
      return all_to_all(call);
    case Operation::all_to_all_v:
      return all_to_all_v(call);
    case Operation::gather:
      return gather(call);
    case Operation::scatter:
      return scatter(call);
    default:
      throw Failure("no collective: " + std::string(name_of(call.operation)));
  }
}

// One operation of `out(rank)` to and `in(rank)` from every rank; nothing where they are empty.
template <class Out, class In>
void NcclCollectives::exchange(Element element, Out out, In in) const {
  const ncclDataType_t type = nccl::datatype_of(element);
  ncclComm_t comm = communicator_.get();
  nccl::OperationGroup group;
  for (std::uint32_t peer = 0; peer < communicator_.size(); ++peer) {
    const auto other = static_cast<int>(peer);
    if (const std::span<const std::byte> block = out(peer); !block.empty()) {
      nccl::check(ncclSend(block.data(), elements_in(block, element), type, other, comm, stream_.get()), communicator_);
    }
    if (const std::span<std::byte> block = in(peer); !block.empty()) {
      nccl::check(ncclRecv(block.data(), elements_in(block, element), type, other, comm, stream_.get()), communicator_);
    }
  }
  group.end(communicator_);
}

void NcclCollectives::all_to_all(const Call& call) const {
  if (is_in_place(call)) {
    throw Failure("NCCL has no all-to-all in place");  // refused before
  }
  const std::size_t block = call.send.size() / communicator_.size();
  exchange(
      call.element, [&](std::uint32_t peer) { return block_of(call.send, peer, block); },
      [&](std::uint32_t peer) { return block_of(call.receive, peer, block); });
}

void NcclCollectives::all_to_all_v(const Call& call) const {
  exchange(call.element, one_after_the_other(call.send, call.send_elements, call.element),
           one_after_the_other(call.receive, call.receive_elements, call.element));
}

void NcclCollectives::gather(const Call& call) const {
  const bool is_root = communicator_.rank() == root_rank;
  const bool has_own = is_root && is_in_place(call);
  exchange(
      call.element,
      [&](std::uint32_t peer) { return peer == root_rank && !has_own ? call.send : std::span<const std::byte>{}; },
      [&](std::uint32_t peer) {
        const bool comes = is_root && !(has_own && peer == root_rank);
        return comes ? block_of(call.receive, peer, call.send.size()) : std::span<std::byte>{};
      });
}

void NcclCollectives::scatter(const Call& call) const {
  const bool is_root = communicator_.rank() == root_rank;
  const bool has_own = is_root && is_in_place(call);
  exchange(
      call.element,
      [&](std::uint32_t peer) {
        const bool goes = is_root && !(has_own && peer == root_rank);
        return goes ? block_of(call.send, peer, call.receive.size()) : std::span<const std::byte>{};
      },
      [&](std::uint32_t peer) { return peer == root_rank && !has_own ? call.receive : std::span<std::byte>{}; });
}

}  // namespace hockney::transport::gpu
