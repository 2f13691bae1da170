#include "transport/gpu/nccl_verbs.hpp"

#include "base/error.hpp"
#include "cuda/kernels.hpp"
#include "nccl/error.hpp"
#include "transport/gpu/nccl_group.hpp"

namespace hockney::transport::gpu {
namespace {

/// Device memory behind the seam's interface.
template <class Owner>
class GpuMemory final : public Memory {
 public:
  template <class... Arguments>
  explicit GpuMemory(Arguments&&... arguments) : owner_(std::forward<Arguments>(arguments)...) {}
  std::span<std::byte> bytes() override { return owner_.bytes(); }

 private:
  Owner owner_;
};

std::size_t count(std::span<const std::byte> buffer, Element element) { return buffer.size() / size_of(element).count; }

}  // namespace

NcclVerbs::NcclVerbs(NcclGroup& owner, const nccl::Communicator& communicator, const cuda::Stream& stream,
                     std::uint32_t group, Buffers buffers, Bytes cache_size)
    : owner_(owner),
      communicator_(communicator),
      stream_(stream),
      group_(group),
      buffers_(buffers),
      cache_size_(cache_size),
      wrong_(Bytes{sizeof(std::uint64_t)}) {}

void NcclVerbs::check(ncclResult_t code, std::source_location where) const {
  nccl::check(code, communicator_.get(), where);
}

Verbs::Buffer NcclVerbs::block_of(Buffer buffer, std::uint32_t rank) const {
  const std::size_t block = buffer.size() / ranks();
  return buffer.subspan(rank * block, block);
}

std::unique_ptr<Memory> NcclVerbs::allocate(Bytes size) {
  if (buffers_ == Buffers::plain) {
    return allocate_scratch(size);
  }
  return std::make_unique<GpuMemory<nccl::Buffer>>(communicator_, buffers_, size);
}

std::unique_ptr<Memory> NcclVerbs::allocate_scratch(Bytes size) {
  return std::make_unique<GpuMemory<cuda::DeviceBuffer>>(size);
}

void NcclVerbs::fill(Buffer buffer, const pattern::Pattern& pattern) {
  cuda::fill_pattern(stream_, buffer, pattern::table_of(pattern));
}
void NcclVerbs::poison(Buffer buffer) { cuda::fill_bytes(stream_, buffer, 0xFF); }
void NcclVerbs::copy(ConstBuffer from, Buffer to) { cuda::copy(stream_, from, to); }

std::uint64_t NcclVerbs::count_wrong(ConstBuffer buffer, const pattern::Pattern& pattern) {
  cuda::fill_bytes(stream_, wrong_.bytes(), 0);
  auto* counter = reinterpret_cast<std::uint64_t*>(wrong_.bytes().data());
  cuda::count_wrong(stream_, buffer, pattern::table_of(pattern), counter);
  return cuda::read_word(stream_, counter);
}

void NcclVerbs::from_host(ConstBuffer host, Buffer buffer) {
  cuda::copy(stream_, host, buffer);
  stream_.synchronise();
}

std::vector<std::byte> NcclVerbs::to_host(ConstBuffer buffer) {
  std::vector<std::byte> host(buffer.size());
  cuda::copy(stream_, buffer, host);
  stream_.synchronise();
  return host;
}

void NcclVerbs::all_reduce(ConstBuffer send, Buffer receive, Arithmetic arithmetic) {
  check(ncclAllReduce(send.data(), receive.data(), count(receive, arithmetic.element),
                      nccl::datatype_of(arithmetic.element), nccl::operator_of(arithmetic.reduction),
                      communicator_.get(), stream_.get()));
}

Verbs::Buffer NcclVerbs::all_reduce_in_place(Buffer buffer, Arithmetic arithmetic) {
  all_reduce(buffer, buffer, arithmetic);
  return buffer;
}

void NcclVerbs::all_gather(ConstBuffer send, Buffer receive, Element element) {
  check(ncclAllGather(send.data(), receive.data(), count(send, element), nccl::datatype_of(element),
                      communicator_.get(), stream_.get()));
}

Verbs::Buffer NcclVerbs::all_gather_in_place(Buffer buffer, Element element) {
  all_gather(block_of(buffer, rank()), buffer, element);
  return buffer;
}

void NcclVerbs::reduce_scatter(ConstBuffer send, Buffer receive, Arithmetic arithmetic) {
  check(ncclReduceScatter(send.data(), receive.data(), count(receive, arithmetic.element),
                          nccl::datatype_of(arithmetic.element), nccl::operator_of(arithmetic.reduction),
                          communicator_.get(), stream_.get()));
}

Verbs::Buffer NcclVerbs::reduce_scatter_in_place(Buffer buffer, Arithmetic arithmetic) {
  const Buffer result = block_of(buffer, rank());
  reduce_scatter(buffer, result, arithmetic);
  return result;
}

void NcclVerbs::all_to_all(ConstBuffer send, Buffer receive, Element element) {
  const std::vector<std::uint64_t> even(ranks(), count(receive, element) / ranks());
  all_to_all_v(send, even, receive, even, element);
}

Verbs::Buffer NcclVerbs::all_to_all_in_place(Buffer, Element) {
  throw Failure("NCCL has no all-to-all in place");  // refused before
}

void NcclVerbs::all_to_all_v(ConstBuffer send, std::span<const std::uint64_t> send_elements, Buffer receive,
                             std::span<const std::uint64_t> receive_elements, Element element) {
  const std::size_t width = size_of(element).count;
  const ncclDataType_t type = nccl::datatype_of(element);
  const std::byte* from = send.data();
  std::byte* to = receive.data();
  nccl::OperationGroup group;
  for (std::uint32_t peer = 0; peer < ranks(); ++peer) {
    const auto other = static_cast<int>(peer);
    if (send_elements[peer] != 0) {
      check(ncclSend(from, send_elements[peer], type, other, communicator_.get(), stream_.get()));
    }
    if (receive_elements[peer] != 0) {
      check(ncclRecv(to, receive_elements[peer], type, other, communicator_.get(), stream_.get()));
    }
    from += send_elements[peer] * width;
    to += receive_elements[peer] * width;
  }
  group.end(communicator_);
}

void NcclVerbs::broadcast(ConstBuffer send, Buffer receive, Element element) {
  constexpr int root = 0;
  check(ncclBroadcast(send.data(), receive.data(), count(receive, element), nccl::datatype_of(element), root,
                      communicator_.get(), stream_.get()));
}

Verbs::Buffer NcclVerbs::broadcast_in_place(Buffer buffer, Element element) {
  broadcast(buffer, buffer, element);
  return buffer;
}

void NcclVerbs::reduce(ConstBuffer send, Buffer receive, Arithmetic arithmetic) {
  constexpr int root = 0;
  check(ncclReduce(send.data(), receive.data(), count(send, arithmetic.element), nccl::datatype_of(arithmetic.element),
                   nccl::operator_of(arithmetic.reduction), root, communicator_.get(), stream_.get()));
}

Verbs::Buffer NcclVerbs::reduce_in_place(Buffer buffer, Arithmetic arithmetic) {
  reduce(buffer, buffer, arithmetic);
  return buffer;
}

void NcclVerbs::gather(ConstBuffer send, Buffer receive, Element element) {
  constexpr int root = 0;
  const ncclDataType_t type = nccl::datatype_of(element);
  const bool in_place = send.data() >= receive.data() && send.data() < receive.data() + receive.size();
  nccl::OperationGroup group;
  if (rank() == root) {
    for (std::uint32_t peer = in_place ? 1 : 0; peer < ranks(); ++peer) {
      const Buffer block = block_of(receive, peer);
      check(ncclRecv(block.data(), count(block, element), type, static_cast<int>(peer), communicator_.get(),
                     stream_.get()));
    }
  }
  if (rank() != root || !in_place) {
    check(ncclSend(send.data(), count(send, element), type, root, communicator_.get(), stream_.get()));
  }
  group.end(communicator_);
}

Verbs::Buffer NcclVerbs::gather_in_place(Buffer buffer, Element element) {
  gather(block_of(buffer, rank()), buffer, element);
  return buffer;
}

void NcclVerbs::scatter(ConstBuffer send, Buffer receive, Element element) {
  constexpr int root = 0;
  const ncclDataType_t type = nccl::datatype_of(element);
  const bool in_place = receive.data() >= send.data() && receive.data() < send.data() + send.size();
  const std::size_t block = receive.size();
  nccl::OperationGroup group;
  if (rank() == root) {
    for (std::uint32_t peer = in_place ? 1 : 0; peer < ranks(); ++peer) {
      check(ncclSend(send.data() + peer * block, count(receive, element), type, static_cast<int>(peer),
                     communicator_.get(), stream_.get()));
    }
  }
  if (rank() != root || !in_place) {
    check(ncclRecv(receive.data(), count(receive, element), type, root, communicator_.get(), stream_.get()));
  }
  group.end(communicator_);
}

Verbs::Buffer NcclVerbs::scatter_in_place(Buffer buffer, Element element) {
  const Buffer result = block_of(buffer, rank());
  scatter(buffer, result, element);
  return result;
}

void NcclVerbs::send(ConstBuffer buffer, std::uint32_t to) {
  check(ncclSend(buffer.data(), buffer.size(), ncclInt8, static_cast<int>(to), communicator_.get(), stream_.get()));
}

void NcclVerbs::receive(Buffer buffer, std::uint32_t from) {
  check(ncclRecv(buffer.data(), buffer.size(), ncclInt8, static_cast<int>(from), communicator_.get(), stream_.get()));
}

void NcclVerbs::exchange(ConstBuffer out, std::uint32_t to, Buffer in, std::uint32_t from) {
  nccl::OperationGroup group;
  send(out, to);
  receive(in, from);
  group.end(communicator_);
}

void NcclVerbs::busy(Seconds duration) { cuda::queue_busy(stream_, duration); }

void NcclVerbs::matmul(ConstBuffer a, ConstBuffer b, Buffer c, const Matmul& shape, Element element) {
  owner_.products().queue(stream_, a, b, c, shape, element);
}

std::unique_ptr<Verbs> NcclVerbs::split(std::uint32_t colour) {
  return std::make_unique<NcclVerbs>(owner_, owner_.part(colour), stream_, colour, buffers_, cache_size_);
}

void NcclVerbs::restart_clock() {
  restart_.record(stream_);
  restarted_ = true;
}

}  // namespace hockney::transport::gpu
