#include "transport/gpu/nccl_verbs.hpp"

#include "cuda/kernels.hpp"
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
  Owner& owner() { return owner_; }

 private:
  Owner owner_;
};

}  // namespace

NcclVerbs::NcclVerbs(NcclGroup& owner, const nccl::Communicator& communicator, const cuda::Stream& stream,
                     std::uint32_t group, Buffers buffers, Bytes cache_size)
    : owner_(owner),
      communicator_(communicator),
      stream_(stream),
      collectives_(communicator, stream),
      group_(group),
      buffers_(buffers),
      cache_size_(cache_size),
      wrong_(Bytes{sizeof(std::uint64_t)}) {}

// Where NCCL registers together, a rank without memory must not leave the others waiting.
void NcclVerbs::take_memory(const std::function<void()>& take) {
  if (buffers_ == Buffers::registered || buffers_ == Buffers::symmetric_window) {
    owner_.joined().everywhere(take);
  } else {
    take();
  }
}

std::unique_ptr<Memory> NcclVerbs::allocate(Bytes size) {
  if (buffers_ == Buffers::plain) {
    return allocate_scratch(size);
  }
  std::unique_ptr<GpuMemory<nccl::Buffer>> memory;
  take_memory([&] { memory = std::make_unique<GpuMemory<nccl::Buffer>>(communicator_, buffers_, size); });
  memory->owner().enrol();
  return memory;
}

std::unique_ptr<Memory> NcclVerbs::allocate_scratch(Bytes size) {
  std::unique_ptr<Memory> memory;
  take_memory([&] { memory = std::make_unique<GpuMemory<cuda::DeviceBuffer>>(size); });
  return memory;
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

void NcclVerbs::send(ConstBuffer buffer, std::uint32_t to) {
  nccl::check(
      ncclSend(buffer.data(), buffer.size(), ncclInt8, static_cast<int>(to), communicator_.get(), stream_.get()),
      communicator_);
}

void NcclVerbs::receive(Buffer buffer, std::uint32_t from) {
  nccl::check(
      ncclRecv(buffer.data(), buffer.size(), ncclInt8, static_cast<int>(from), communicator_.get(), stream_.get()),
      communicator_);
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
