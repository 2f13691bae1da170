#include "transport/host/mpi_verbs.hpp"

#include <cstring>

#include "base/error.hpp"
#include "transport/host/host_blas.hpp"
#include "transport/host/host_memory.hpp"
#include "transport/host_clock.hpp"

namespace hockney::transport::host {
namespace {

using mpi::check;

constexpr int root = 0;
constexpr int tag = 0;

MPI_Datatype type_of(Element element) {
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
      return MPI_UINT16_T;  // moved, never reduced: the transport refuses that
    case Element::float8e4m3:
    case Element::float8e5m2:
      break;
  }
  throw Failure("no MPI datatype for " + std::string(name_of(element)));
}

MPI_Op operator_of(Reduction reduction) {
  switch (reduction) {
    case Reduction::sum:
      return MPI_SUM;
    case Reduction::prod:
      return MPI_PROD;
    case Reduction::min:
      return MPI_MIN;
    case Reduction::max:
      return MPI_MAX;
    case Reduction::avg:
      break;
  }
  throw Failure("no MPI operator for " + std::string(name_of(reduction)));
}

int count(std::span<const std::byte> buffer, Element element) {
  return static_cast<int>(buffer.size() / size_of(element).count);
}

int bytes(std::span<const std::byte> buffer) { return static_cast<int>(buffer.size()); }

}  // namespace

MpiVerbs::MpiVerbs(mpi::Communicator own, std::uint32_t index, Bytes cache_size)
    : own_(std::move(own)), comm_(own_.get()), index_(index), cache_size_(cache_size) {}

int MpiVerbs::elements_per_block(ConstBuffer buffer, Element element) const {
  return count(buffer, element) / own_.size();
}

Verbs::Buffer MpiVerbs::own_block(Buffer buffer) const {
  const std::size_t block = buffer.size() / ranks();
  return buffer.subspan(rank() * block, block);
}

std::unique_ptr<Memory> MpiVerbs::allocate(Bytes size) { return std::make_unique<HostMemory>(size); }
void MpiVerbs::fill(Buffer buffer, const pattern::Pattern& pattern) {
  pattern::fill_host(buffer, pattern::table_of(pattern));
}
void MpiVerbs::poison(Buffer buffer) { std::memset(buffer.data(), 0xFF, buffer.size()); }
void MpiVerbs::copy(ConstBuffer from, Buffer to) { std::memcpy(to.data(), from.data(), from.size()); }
std::uint64_t MpiVerbs::count_wrong(ConstBuffer buffer, const pattern::Pattern& pattern) {
  return pattern::count_wrong_host(buffer, pattern::table_of(pattern));
}

void MpiVerbs::from_host(ConstBuffer host, Buffer buffer) { copy(host, buffer); }
std::vector<std::byte> MpiVerbs::to_host(ConstBuffer buffer) { return {buffer.begin(), buffer.end()}; }

void MpiVerbs::all_reduce(ConstBuffer send, Buffer receive, Arithmetic arithmetic) {
  check(MPI_Allreduce(send.data(), receive.data(), count(receive, arithmetic.element), type_of(arithmetic.element),
                      operator_of(arithmetic.reduction), comm_));
}

Verbs::Buffer MpiVerbs::all_reduce_in_place(Buffer buffer, Arithmetic arithmetic) {
  check(MPI_Allreduce(MPI_IN_PLACE, buffer.data(), count(buffer, arithmetic.element), type_of(arithmetic.element),
                      operator_of(arithmetic.reduction), comm_));
  return buffer;
}

void MpiVerbs::all_gather(ConstBuffer send, Buffer receive, Element element) {
  const int n = count(send, element);
  check(MPI_Allgather(send.data(), n, type_of(element), receive.data(), n, type_of(element), comm_));
}

Verbs::Buffer MpiVerbs::all_gather_in_place(Buffer buffer, Element element) {
  check(MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, buffer.data(), elements_per_block(buffer, element),
                      type_of(element), comm_));
  return buffer;
}

void MpiVerbs::reduce_scatter(ConstBuffer send, Buffer receive, Arithmetic arithmetic) {
  check(MPI_Reduce_scatter_block(send.data(), receive.data(), count(receive, arithmetic.element),
                                 type_of(arithmetic.element), operator_of(arithmetic.reduction), comm_));
}

Verbs::Buffer MpiVerbs::reduce_scatter_in_place(Buffer buffer, Arithmetic arithmetic) {
  check(MPI_Reduce_scatter_block(MPI_IN_PLACE, buffer.data(), elements_per_block(buffer, arithmetic.element),
                                 type_of(arithmetic.element), operator_of(arithmetic.reduction), comm_));
  return buffer.first(buffer.size() / ranks());  // MPI puts the result first, whatever the rank
}

void MpiVerbs::all_to_all(ConstBuffer send, Buffer receive, Element element) {
  const int n = elements_per_block(receive, element);
  check(MPI_Alltoall(send.data(), n, type_of(element), receive.data(), n, type_of(element), comm_));
}

Verbs::Buffer MpiVerbs::all_to_all_in_place(Buffer buffer, Element element) {
  check(MPI_Alltoall(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, buffer.data(), elements_per_block(buffer, element),
                     type_of(element), comm_));
  return buffer;
}

void MpiVerbs::Blocks::set(std::span<const std::uint64_t> elements) {
  counts.resize(elements.size());
  places.resize(elements.size());
  int place = 0;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    counts[i] = static_cast<int>(elements[i]);
    places[i] = place;
    place += counts[i];
  }
}

void MpiVerbs::all_to_all_v(ConstBuffer send, std::span<const std::uint64_t> send_elements, Buffer receive,
                            std::span<const std::uint64_t> receive_elements, Element element) {
  sent_.set(send_elements);
  received_.set(receive_elements);
  check(MPI_Alltoallv(send.data(), sent_.counts.data(), sent_.places.data(), type_of(element), receive.data(),
                      received_.counts.data(), received_.places.data(), type_of(element), comm_));
}

// MPI broadcasts in place only: the root's own copy is part of the operation, as it is elsewhere.
void MpiVerbs::broadcast(ConstBuffer send, Buffer receive, Element element) {
  if (is_root()) {
    copy(send, receive);
  }
  broadcast_in_place(receive, element);
}

Verbs::Buffer MpiVerbs::broadcast_in_place(Buffer buffer, Element element) {
  check(MPI_Bcast(buffer.data(), count(buffer, element), type_of(element), root, comm_));
  return buffer;
}

void MpiVerbs::reduce(ConstBuffer send, Buffer receive, Arithmetic arithmetic) {
  check(MPI_Reduce(send.data(), receive.data(), count(send, arithmetic.element), type_of(arithmetic.element),
                   operator_of(arithmetic.reduction), root, comm_));
}

Verbs::Buffer MpiVerbs::reduce_in_place(Buffer buffer, Arithmetic arithmetic) {
  const void* send = is_root() ? MPI_IN_PLACE : buffer.data();
  void* receive = is_root() ? buffer.data() : nullptr;
  check(MPI_Reduce(send, receive, count(buffer, arithmetic.element), type_of(arithmetic.element),
                   operator_of(arithmetic.reduction), root, comm_));
  return is_root() ? buffer : Buffer{};
}

void MpiVerbs::gather(ConstBuffer send, Buffer receive, Element element) {
  const int n = count(send, element);
  check(MPI_Gather(send.data(), n, type_of(element), receive.data(), n, type_of(element), root, comm_));
}

Verbs::Buffer MpiVerbs::gather_in_place(Buffer buffer, Element element) {
  const int n = elements_per_block(buffer, element);
  const void* send = is_root() ? MPI_IN_PLACE : own_block(buffer).data();
  check(MPI_Gather(send, n, type_of(element), buffer.data(), n, type_of(element), root, comm_));
  return is_root() ? buffer : Buffer{};
}

void MpiVerbs::scatter(ConstBuffer send, Buffer receive, Element element) {
  const int n = count(receive, element);
  check(MPI_Scatter(send.data(), n, type_of(element), receive.data(), n, type_of(element), root, comm_));
}

Verbs::Buffer MpiVerbs::scatter_in_place(Buffer buffer, Element element) {
  const int n = elements_per_block(buffer, element);
  void* receive = is_root() ? MPI_IN_PLACE : own_block(buffer).data();
  check(MPI_Scatter(buffer.data(), n, type_of(element), receive, n, type_of(element), root, comm_));
  return own_block(buffer);
}

void MpiVerbs::send(ConstBuffer buffer, std::uint32_t to) {
  check(MPI_Send(buffer.data(), bytes(buffer), MPI_BYTE, static_cast<int>(to), tag, comm_));
}

void MpiVerbs::receive(Buffer buffer, std::uint32_t from) {
  check(MPI_Recv(buffer.data(), bytes(buffer), MPI_BYTE, static_cast<int>(from), tag, comm_, MPI_STATUS_IGNORE));
}

void MpiVerbs::exchange(ConstBuffer out, std::uint32_t to, Buffer in, std::uint32_t from) {
  check(MPI_Sendrecv(out.data(), bytes(out), MPI_BYTE, static_cast<int>(to), tag, in.data(), bytes(in), MPI_BYTE,
                     static_cast<int>(from), tag, comm_, MPI_STATUS_IGNORE));
}

void MpiVerbs::busy(Seconds duration) {
  const double end = host_clock_s() + duration.count();
  while (host_clock_s() < end) {
  }
}

void MpiVerbs::matmul(ConstBuffer a, ConstBuffer b, Buffer c, const Matmul& shape, Element element) {
  host_blas::multiply(a, b, c, shape, element);
}

std::unique_ptr<Verbs> MpiVerbs::split(std::uint32_t colour) {
  return std::make_unique<MpiVerbs>(own_.split(static_cast<int>(colour), own_.rank()), colour, cache_size_);
}

void MpiVerbs::restart_clock() { sample_began_s_ = host_clock_s(); }

}  // namespace hockney::transport::host
