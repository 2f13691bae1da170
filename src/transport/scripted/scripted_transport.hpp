#pragma once

#include <cstdint>
#include <memory>

#include "transport/scripted/scripted_machine.hpp"
#include "transport/transport.hpp"

namespace hockney::transport {

/// Answers from a ScriptedMachine in a single process: no transfer takes place, and every record made with it must
/// carry Flag::simulated. A replayed step takes its compute and the sum over step_messages(). Where all_to_all_v deals
/// each rank's data to one other, every two ranks that exchange are done apart from the others, and a fault slows those
/// that it meets, one way or both; any other operation between nodes is as slow as the worst fault among its ranks.
/// `seed` is that of the launch; visits draw one after the other from one generator, so that a launch repeats with its
/// seed, and neither passes nor launches are copies of each other.
std::unique_ptr<Transport> make_scripted_transport(const ScriptedMachine& machine, std::uint64_t seed);

}  // namespace hockney::transport
