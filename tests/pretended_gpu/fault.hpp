#pragma once

#include <cstddef>

namespace hockney::pretended_gpu {

// Faults of the pretended node, planted by the environment (README.md). Texts that are not understood end the process.

/// Whether two GPUs can reach each other's memory: `HOCKNEY_PRETENDED_NO_P2P` names a pair that cannot, "0-1".
bool has_p2p(int device, int peer);

/// Whether an adapter is there: `HOCKNEY_PRETENDED_MISSING_ADAPTER` is the number of one that is not.
bool has_adapter(int adapter);

/// Whether a GPU gives that many bytes at once: `HOCKNEY_PRETENDED_FULL_GPU` names a GPU and how many it
/// does not give, "3:67108864", although it says that its memory is free.
bool has_room(int device, std::size_t bytes);

}  // namespace hockney::pretended_gpu
