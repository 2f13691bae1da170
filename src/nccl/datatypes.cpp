#include <fmt/format.h>

#include "base/error.hpp"
#include "nccl/communicator.hpp"
#include "nccl/error.hpp"

namespace hockney::nccl {
namespace {

// ncclFloat8e4m3 and ncclFloat8e5m2 of NCCL 2.24; headers of 2.22 do not name them
constexpr auto float8e4m3 = static_cast<ncclDataType_t>(10);
constexpr auto float8e5m2 = static_cast<ncclDataType_t>(11);
constexpr int first_with_float8 = 22400;

ncclDataType_t float8(ncclDataType_t type) {
  if (version() < first_with_float8) {
    throw InputError(fmt::format("NCCL {} has no 8-bit floats; expected {} or newer", to_text(version()),
                                 to_text(first_with_float8)));
  }
  return type;
}

}  // namespace

ncclDataType_t datatype_of(Element element) {
  switch (element) {
    case Element::int8:
      return ncclInt8;
    case Element::uint8:
      return ncclUint8;
    case Element::int32:
      return ncclInt32;
    case Element::uint32:
      return ncclUint32;
    case Element::int64:
      return ncclInt64;
    case Element::uint64:
      return ncclUint64;
    case Element::float16:
      return ncclFloat16;
    case Element::bfloat16:
      return ncclBfloat16;
    case Element::float32:
      return ncclFloat32;
    case Element::float64:
      return ncclFloat64;
    case Element::float8e4m3:
      return float8(float8e4m3);
    case Element::float8e5m2:
      return float8(float8e5m2);
  }
  throw Failure("an element type that NCCL does not know");
}

ncclRedOp_t operator_of(Reduction reduction) {
  switch (reduction) {
    case Reduction::sum:
      return ncclSum;
    case Reduction::prod:
      return ncclProd;
    case Reduction::min:
      return ncclMin;
    case Reduction::max:
      return ncclMax;
    case Reduction::avg:
      return ncclAvg;
  }
  throw Failure("a reduction that NCCL does not know");
}

}  // namespace hockney::nccl
