#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/names.hpp"
#include "base/rates.hpp"
#include "base/seconds.hpp"
#include "plan/case.hpp"
#include "vocabulary/placement.hpp"

namespace hockney::transport {

/// From `from` on (inclusive) an operation takes alpha + beta * payload.
struct ScriptedSegment {
  Bytes from;
  Seconds alpha{4e-6};
  SecondsPerByte beta{1 / 180e9};
};

enum class FaultPlace {
  node,  ///< all exchanges of one node with others
  nic,   ///< those of one node on one rail
  pair,  ///< those between two nodes
  rail,  ///< all between nodes on one rail
};

struct FaultPlaceNames {
  static constexpr std::string_view what = "kind of fault";
  static constexpr std::array<NamedValue<FaultPlace>, 4> table{{{FaultPlace::node, "slow-node"},
                                                                {FaultPlace::nic, "slow-nic"},
                                                                {FaultPlace::pair, "slow-pair"},
                                                                {FaultPlace::rail, "slow-rail"}}};
};
FaultPlaceNames names_of(FaultPlace);

/// Which of a fault's messages are slow.
enum class FaultWay {
  both,
  sending,    ///< those that its node sends; of a pair, that its first node sends to the other
  receiving,  ///< those that its node receives; of a pair, that its first node receives from the other
};

struct FaultWayNames {
  static constexpr std::string_view what = "way of a fault";
  static constexpr std::array<NamedValue<FaultWay>, 3> table{
      {{FaultWay::both, "both"}, {FaultWay::sending, "sending"}, {FaultWay::receiving, "receiving"}}};
};
FaultWayNames names_of(FaultWay);

/// Something of a scripted machine that is slower than the rest, between nodes.
struct ScriptedFault {
  FaultPlace place = FaultPlace::node;
  std::uint32_t node = 0;         ///< of a node, a NIC, a pair
  std::uint32_t other = 0;        ///< of a pair
  std::uint32_t rail = 0;         ///< of a NIC, a rail
  double lost = 0;                ///< share of the bandwidth that is lost, above 0 and below 1
  FaultWay way = FaultWay::both;  ///< of a rail both
  bool under_load = false;        ///< there only while several pairs of nodes exchange at once
  std::uint32_t only_visits = 0;  ///< gone after so many visits; 0: stays
};

/// Reads "slow-node:17:2%", "slow-nic:17/5:30%" (node 17, rail 5), "slow-pair:3-9:50%" or "slow-rail:5:10%"; further
/// parts say which way: "sending" or "receiving", and when: "loaded", or "first=16" for the first 16 visits of a
/// launch. Throws InputError.
ScriptedFault parse_fault(const std::string& text);

/// The same text.
std::string to_string(const ScriptedFault& fault);

/// A machine that exists only on paper.
struct ScriptedMachine {
  std::string name{};                                                       ///< of a machine file; else empty
  std::vector<ScriptedSegment> segments = std::vector<ScriptedSegment>(1);  ///< ascending; the first begins at 0 B
  std::vector<ScriptedSegment> between_nodes{};  ///< likewise, of groups on several nodes; empty: `segments`
  Fabric intra_node = Fabric::host_memory;
  Fabric inter_node = Fabric::unknown;
  std::vector<std::string> adapters{};  ///< of a node, one per rail; or none
  double noise = 0.01;                  ///< relative standard deviation of one sample (log-normal, median 1)
  double launch_noise = 0;              ///< the same of a launch: one factor for all its times
  Seconds jitter{0};                    ///< mean of a delay on top of each sample (exponential), as of a busy host
  std::uint32_t ranks = 8;              ///< pretended
  std::uint32_t ranks_per_node = 8;
  std::vector<ScriptedFault> faults{};

  std::uint32_t nodes() const { return (ranks + ranks_per_node - 1) / ranks_per_node; }
};

/// A shipped machine by name, or a TOML file (data/machines/): segments within a node and between nodes, ranks and
/// network adapters per node. On one node. Throws InputError that names file, line and key.
ScriptedMachine read_scripted_machine(const std::string& name_or_file, const std::filesystem::path& machines);

/// Throws InputError for a fault of a node or rail that the machine does not have, and where it has one node only.
void require_faults_fit(const ScriptedMachine& machine);

/// "alpha 4 us, beta 180 GB/s, noise 1 %", with the switches and faults: a name for the machine, so that launches of
/// different scripts are never pooled.
std::string to_string(const ScriptedMachine& machine);

/// Where its ranks run: on "node-0", "node-1" ..., one after the other.
std::vector<Placement> pretended_placements(const ScriptedMachine& machine);

}  // namespace hockney::transport
