#include "element.hpp"
#include "group.hpp"

namespace hockney::gpu_double {
namespace {

Call call_of(Kind kind, const void* send, void* receive, std::size_t count, ncclDataType_t type) {
  Call call{kind};
  call.send = static_cast<const std::byte*>(send);
  call.receive = static_cast<std::byte*>(receive);
  call.count = count;
  call.type = type;
  return call;
}

ncclResult_t take_reduction(Kind kind, const void* send, void* receive, std::size_t count, ncclDataType_t type,
                            ncclRedOp_t op, int root, ncclComm_t communicator, cudaStream_t stream) {
  if (op < ncclSum || op > ncclAvg) {
    return fail(ncclInvalidArgument, "the test double knows only the built-in reductions");
  }
  Call call = call_of(kind, send, receive, count, type);
  call.op = op;
  call.root = root;
  return take(communicator, call, stream);
}

ncclResult_t take_movement(Kind kind, const void* send, void* receive, std::size_t count, ncclDataType_t type, int root,
                           ncclComm_t communicator, cudaStream_t stream) {
  Call call = call_of(kind, send, receive, count, type);
  call.root = root;
  return take(communicator, call, stream);
}

}  // namespace
}  // namespace hockney::gpu_double

using namespace hockney::gpu_double;

extern "C" {

ncclResult_t ncclAllReduce(const void* send, void* receive, size_t count, ncclDataType_t type, ncclRedOp_t op,
                           ncclComm_t communicator, cudaStream_t stream) {
  return take_reduction(Kind::all_reduce, send, receive, count, type, op, 0, communicator, stream);
}

ncclResult_t ncclReduceScatter(const void* send, void* receive, size_t count, ncclDataType_t type, ncclRedOp_t op,
                               ncclComm_t communicator, cudaStream_t stream) {
  return take_reduction(Kind::reduce_scatter, send, receive, count, type, op, 0, communicator, stream);
}

ncclResult_t ncclReduce(const void* send, void* receive, size_t count, ncclDataType_t type, ncclRedOp_t op, int root,
                        ncclComm_t communicator, cudaStream_t stream) {
  return take_reduction(Kind::reduce, send, receive, count, type, op, root, communicator, stream);
}

ncclResult_t ncclAllGather(const void* send, void* receive, size_t count, ncclDataType_t type, ncclComm_t communicator,
                           cudaStream_t stream) {
  return take_movement(Kind::all_gather, send, receive, count, type, 0, communicator, stream);
}

ncclResult_t ncclBroadcast(const void* send, void* receive, size_t count, ncclDataType_t type, int root,
                           ncclComm_t communicator, cudaStream_t stream) {
  return take_movement(Kind::broadcast, send, receive, count, type, root, communicator, stream);
}

ncclResult_t ncclBcast(void* buffer, size_t count, ncclDataType_t type, int root, ncclComm_t communicator,
                       cudaStream_t stream) {
  return ncclBroadcast(buffer, buffer, count, type, root, communicator, stream);
}

// NCCL builds it from sends and receives that go on at the same time, so in place it would overwrite what it sends.
ncclResult_t ncclAlltoAll(const void* send, void* receive, size_t count, ncclDataType_t type, ncclComm_t communicator,
                          cudaStream_t stream) {
  const auto found = find_communicator(communicator);
  if (found && found->ranks() > 1 && send == receive) {
    return fail(ncclInvalidArgument, "the test double refuses ncclAlltoAll in place: NCCL would spoil the data");
  }
  return take_movement(Kind::all_to_all, send, receive, count, type, 0, communicator, stream);
}

ncclResult_t ncclGather(const void* send, void* receive, size_t count, ncclDataType_t type, int root,
                        ncclComm_t communicator, cudaStream_t stream) {
  return take_movement(Kind::gather, send, receive, count, type, root, communicator, stream);
}

ncclResult_t ncclScatter(const void* send, void* receive, size_t count, ncclDataType_t type, int root,
                         ncclComm_t communicator, cudaStream_t stream) {
  return take_movement(Kind::scatter, send, receive, count, type, root, communicator, stream);
}

ncclResult_t ncclSend(const void* send, size_t count, ncclDataType_t type, int peer, ncclComm_t communicator,
                      cudaStream_t stream) {
  return take_movement(Kind::send, send, nullptr, count, type, peer, communicator, stream);
}

ncclResult_t ncclRecv(void* receive, size_t count, ncclDataType_t type, int peer, ncclComm_t communicator,
                      cudaStream_t stream) {
  return take_movement(Kind::receive, nullptr, receive, count, type, peer, communicator, stream);
}
}
