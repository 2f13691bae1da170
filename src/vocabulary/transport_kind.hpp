#pragma once

#include <array>

#include "base/names.hpp"

namespace hockney::inline vocabulary {

/// Who moves the bytes. `imported` marks points that another program measured.
enum class TransportKind { mpi, scripted, nccl, imported };

struct TransportKindNames {
  static constexpr std::string_view what = "transport";
  static constexpr std::array<NamedValue<TransportKind>, 4> table{{{TransportKind::mpi, "mpi"},
                                                                   {TransportKind::scripted, "scripted"},
                                                                   {TransportKind::nccl, "nccl"},
                                                                   {TransportKind::imported, "imported"}}};
};
TransportKindNames names_of(TransportKind);

}  // namespace hockney::inline vocabulary
