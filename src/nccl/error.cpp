#include "nccl/error.hpp"

#include <array>
#include <fmt/format.h>
#include <string_view>

#include "base/error.hpp"

namespace hockney::nccl {
namespace {

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string name_of_code(ncclResult_t code) {
  constexpr std::array<std::string_view, 8> names{"ncclSuccess",       "ncclUnhandledCudaError", "ncclSystemError",
                                                  "ncclInternalError", "ncclInvalidArgument",    "ncclInvalidUsage",
                                                  "ncclRemoteError",   "ncclInProgress"};
  const auto number = static_cast<std::size_t>(code);
  return number < names.size() ? std::string(names[number]) : fmt::format("ncclResult_t {}", number);
}

std::string text_of(ncclResult_t code, ncclComm_t communicator) {
  const char* last = ncclGetLastError(communicator);
  const bool told = last != nullptr && *last != '\0';
  const std::string_view text = told ? last : ncclGetErrorString(code);
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

Error::Error(ncclResult_t code, ncclComm_t communicator, const std::source_location& where)
    : std::runtime_error(fmt::format("{}:{}: {}: {}", base_name(where.file_name()), where.line(), name_of_code(code),
                                     text_of(code, communicator))),
      code_(code) {}

void check(ncclResult_t code, ncclComm_t communicator, std::source_location where) {
  const bool refused = code == ncclInvalidUsage || code == ncclInvalidArgument;
  if (refused && communicator != nullptr) {
    throw CannotRun(Error(code, communicator, where).what());
  }
  if (code != ncclSuccess && code != ncclInProgress) {
    throw Error(code, communicator, where);
  }
}

int version() {
  int version = 0;
  check(ncclGetVersion(&version));
  if (version < floor_version) {
    throw InputError(fmt::format("the NCCL that was loaded (libnccl.so.2) is {}; expected {} or newer",
                                 to_text(version), to_text(floor_version)));
  }
  return version;
}

std::string to_text(int version) {
  const int thousand = version < 10000 ? 1000 : 10000;  // 2.8 and older had one digit less
  return fmt::format("{}.{}.{}", version / thousand, version % thousand / 100, version % 100);
}

}  // namespace hockney::nccl
