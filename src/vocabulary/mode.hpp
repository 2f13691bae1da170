#pragma once

#include <array>

#include "base/names.hpp"

namespace hockney::inline vocabulary {

/// How one sample is taken. Modes answer different questions and are never pooled.
enum class Mode {
  isolated,  ///< gate, align, event, one operation, event (GPU)
  stream,    ///< several operations back to back between two clock readings
  graph,     ///< captured once, replayed (GPU)
  host,      ///< barrier, host clock, one operation, host clock
};

struct ModeNames {
  static constexpr std::string_view what = "mode";
  static constexpr std::array<NamedValue<Mode>, 4> table{
      {{Mode::isolated, "isolated"}, {Mode::stream, "stream"}, {Mode::graph, "graph"}, {Mode::host, "host"}}};
};
ModeNames names_of(Mode);

}  // namespace hockney::inline vocabulary
