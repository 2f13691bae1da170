#include "transport/host/mpi_collectives.hpp"

#include <cstring>
#include <string>

#include "base/error.hpp"

namespace hockney::transport::host {
namespace {

using mpi::check;

constexpr int root = 0;

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

int count(std::span<const std::byte> buffer, Element element) { return static_cast<int>(elements_in(buffer, element)); }

}  // namespace

std::span<std::byte> MpiCollectives::run(const Call& call) {
  const MPI_Datatype type = type_of(call.element);
  const int sent = count(call.send, call.element);
  const int received = count(call.receive, call.element);
  const bool in_place = is_in_place(call);
  const bool root_in_place = in_place && rank_ == root;
  const void* send = in_place ? MPI_IN_PLACE : call.send.data();
  const void* send_to_root = root_in_place ? MPI_IN_PLACE : call.send.data();
  void* receive_of_root = root_in_place ? MPI_IN_PLACE : call.receive.data();
  switch (call.operation) {
    case Operation::all_reduce:
      check(MPI_Allreduce(send, call.receive.data(), received, type, operator_of(call.reduction), comm_));
      break;
    case Operation::all_gather:
      check(MPI_Allgather(send, sent, type, call.receive.data(), sent, type, comm_));
      break;
    case Operation::reduce_scatter:
      return reduce_scatter(call);
    case Operation::all_to_all:
      check(MPI_Alltoall(send, received / ranks_, type, call.receive.data(), received / ranks_, type, comm_));
      break;
    case Operation::all_to_all_v:
      all_to_all_v(call);
      break;
    case Operation::broadcast:
      broadcast(call);
      break;
    case Operation::reduce:
      reduce(call);
      break;
    case Operation::gather:
      check(MPI_Gather(send_to_root, sent, type, call.receive.data(), sent, type, root, comm_));
      break;
    case Operation::scatter:
      check(MPI_Scatter(call.send.data(), received, type, receive_of_root, received, type, root, comm_));
      break;
    default:
      throw Failure("no collective: " + std::string(name_of(call.operation)));
  }
  return call.receive;
}

std::span<std::byte> MpiCollectives::reduce_scatter(const Call& call) const {
  const std::size_t block = call.receive.size();
  const bool in_place = is_in_place(call);
  std::byte* receive = in_place ? call.receive.data() - static_cast<std::size_t>(rank_) * block : call.receive.data();
  check(MPI_Reduce_scatter_block(in_place ? MPI_IN_PLACE : call.send.data(), receive, count(call.receive, call.element),
                                 type_of(call.element), operator_of(call.reduction), comm_));
  return {receive, block};
}

void MpiCollectives::Blocks::set(std::span<const std::uint64_t> elements) {
  counts.resize(elements.size());
  places.resize(elements.size());
  int place = 0;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    counts[i] = static_cast<int>(elements[i]);
    places[i] = place;
    place += counts[i];
  }
}

void MpiCollectives::all_to_all_v(const Call& call) {
  sent_.set(call.send_elements);
  received_.set(call.receive_elements);
  check(MPI_Alltoallv(call.send.data(), sent_.counts.data(), sent_.places.data(), type_of(call.element),
                      call.receive.data(), received_.counts.data(), received_.places.data(), type_of(call.element),
                      comm_));
}

// MPI broadcasts in place only: the root's own copy is part of the operation, as it is elsewhere.
void MpiCollectives::broadcast(const Call& call) const {
  if (rank_ == root && !is_in_place(call)) {
    std::memcpy(call.receive.data(), call.send.data(), call.send.size());
  }
  check(MPI_Bcast(call.receive.data(), count(call.receive, call.element), type_of(call.element), root, comm_));
}

void MpiCollectives::reduce(const Call& call) const {
  const bool in_place = is_in_place(call) && rank_ == root;
  void* receive = rank_ == root ? call.receive.data() : nullptr;
  check(MPI_Reduce(in_place ? MPI_IN_PLACE : call.send.data(), receive, count(call.send, call.element),
                   type_of(call.element), operator_of(call.reduction), root, comm_));
}

}  // namespace hockney::transport::host
