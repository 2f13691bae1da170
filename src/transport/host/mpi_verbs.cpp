#include "transport/host/mpi_verbs.hpp"

#include <cstring>

#include "base/error.hpp"
#include "transport/host/host_blas.hpp"
#include "transport/host/host_memory.hpp"
#include "transport/host_clock.hpp"

namespace hockney::transport::host {
namespace {

using mpi::check;

constexpr int tag = 0;

int bytes(std::span<const std::byte> buffer) { return static_cast<int>(buffer.size()); }

}  // namespace

MpiVerbs::MpiVerbs(mpi::Communicator own, std::uint32_t index, Bytes cache_size)
    : own_(std::move(own)), comm_(own_.get()), collectives_(own_), index_(index), cache_size_(cache_size) {}

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
