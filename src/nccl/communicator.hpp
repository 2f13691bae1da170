#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <nccl.h>
#include <span>

#include "base/bytes.hpp"
#include "base/seconds.hpp"
#include "mpi/communicator.hpp"
#include "nccl/error.hpp"
#include "nccl/pins.hpp"
#include "vocabulary/buffers.hpp"
#include "vocabulary/element.hpp"

namespace hockney::nccl {

/// An NCCL communicator of the ranks of an MPI communicator, on every rank's current GPU. Ends in finish(); one that is
/// destroyed without it is aborted.
///
/// It is blocking (ncclConfig_t::blocking = 1): each call returns once its work is in the stream. On a non-blocking one
/// NCCL (from 2.25 on; ncclGroupEndInternal in group.cc) starts a thread for every call and returns before it has
/// queued anything, so that an event recorded next would stand before the operation; and ncclGroupSimulateEnd would
/// launch in earnest. A rank that never comes is therefore not noticed here: the Watchdog ends such a launch.
class Communicator {
 public:
  /// Collective over `group`: rank 0 makes the id and broadcasts it. `settings` hold while NCCL initialises. Throws
  /// InputError when NCCL_COMM_BLOCKING=0 is set, which would override the above.
  Communicator(const mpi::Communicator& group, const Settings& settings);
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;
  ~Communicator();

  /// Null after finish() and abort().
  ncclComm_t get() const { return handle_.load(); }
  std::uint32_t rank() const { return rank_; }
  std::uint32_t size() const { return size_; }

  /// A sub-communicator of the ranks that give the same colour (ncclCommSplit), ordered by key; null for a negative
  /// colour. Collective.
  std::unique_ptr<Communicator> split(int colour, int key, const Settings& settings) const;

  /// Throws Error when NCCL reports an asynchronous error on this communicator, Failure when it was aborted.
  void poll() const;

  /// Lets queued work end and destroys the communicator in good order. Collective.
  void finish();
  /// Ends it at once. May be called from another thread while the main thread waits for the GPU or in an NCCL call.
  void abort() noexcept;

 private:
  Communicator() = default;
  void read_shape();

  std::atomic<ncclComm_t> handle_ = nullptr;
  std::uint32_t rank_ = 0;
  std::uint32_t size_ = 0;
};

/// check() of a call on a communicator, which another thread may have aborted meanwhile.
inline void check(ncclResult_t code, const Communicator& communicator,
                  std::source_location where = std::source_location::current()) {
  check(code, communicator.get(), where);
}

/// NCCL calls between the two ends are one operation. The destructor ends the group without a check when an exception
/// passes.
class OperationGroup {
 public:
  OperationGroup();
  ~OperationGroup();
  OperationGroup(const OperationGroup&) = delete;
  OperationGroup& operator=(const OperationGroup&) = delete;
  /// Queues what was called since the beginning.
  void end(const Communicator& communicator);

 private:
  bool open_ = true;
};

/// NCCL's own estimate of the calls that `queue` makes (ncclGroupSimulateEnd: nothing is launched; NCCL tells
/// microseconds). 0 s when NCCL has none: it sums up badly over several calls, so queue one collective.
Seconds estimate(const Communicator& communicator, const std::function<void()>& queue);

/// Throws InputError for 8-bit floats when this NCCL is too old for them (2.24).
ncclDataType_t datatype_of(Element element);
ncclRedOp_t operator_of(Reduction reduction);

/// GPU memory for one kind of buffers (Case::buffers): from cudaMalloc or ncclMemAlloc, registered with the
/// communicator or as a symmetric window as asked.
class Buffer {
 public:
  /// Throws CannotRun when the memory is not there.
  Buffer(const Communicator& communicator, Buffers kind, Bytes size);
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer();
  std::span<std::byte> bytes() const { return {data_, size_}; }
  /// Registers it as its kind asks; once. Collective for registered and symmetric_window, so not before every rank has
  /// its memory. Throws CannotRun when this NCCL is too old for symmetric windows (2.27) or gives none for this
  /// communicator.
  void enrol();

 private:
  void allocate(Bytes size);
  void release() noexcept;
  const Communicator& communicator_;
  Buffers kind_;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  void* registration_ = nullptr;  ///< handle of ncclCommRegister
  void* window_ = nullptr;        ///< ncclWindow_t
};

}  // namespace hockney::nccl
