#pragma once

#include <nccl.h>
#include <source_location>
#include <stdexcept>
#include <string>

namespace hockney::nccl {

/// A failed NCCL call or an asynchronous error. what(): "file:line: ncclSystemError: <ncclGetLastError>".
class Error : public std::runtime_error {
 public:
  Error(ncclResult_t code, ncclComm_t communicator, const std::source_location& where);
  ncclResult_t code() const { return code_; }

 private:
  ncclResult_t code_;
};

/// Throws unless `code` is ncclSuccess or ncclInProgress: CannotRun for ncclInvalidUsage and ncclInvalidArgument on a
/// communicator, with which NCCL answers what it or the machine does not have (an algorithm, a kind of buffer), Error
/// for all others. The communicator is null once it was aborted.
void check(ncclResult_t code, ncclComm_t communicator = nullptr,
           std::source_location where = std::source_location::current());

/// Oldest NCCL that Hockney works with: 2.22 (ncclGroupSimulateEnd; run-time connect).
inline constexpr int floor_version = 22200;

/// Version of the NCCL that the program runs with, e.g. 22809 for 2.28.9. Throws InputError below floor_version.
int version();

/// "2.28.9".
std::string to_text(int version);

}  // namespace hockney::nccl
