#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hockney::nccl {

/// A connection that NCCL made, as one of its ends tells.
struct Connection {
  /// NCCL connects anew for messages: "Channel 05/0" is a connection of collectives, "Channel 05/1" one of sends and
  /// receives. Shared memory does not say.
  enum class Use : std::uint8_t { any, collectives, messages };

  std::uint32_t from = 0;  ///< rank in the communicator
  std::uint32_t to = 0;    ///< a connection to a switch that reduces (COLLNET) ends where it begins
  std::string kind;  ///< "P2P/CUMEM", "P2P/IPC", "P2P/direct pointer", "SHM/direct/direct", "NET/IB", "NET/Socket",
                     ///< "COLLNET/SHARP"
  Use use = Use::any;
  bool sends = true;                     ///< told by the sending end; within a node no other tells
  std::optional<std::uint32_t> adapter;  ///< NET, COLLNET: its number in NCCL's list (Adapter::number)
  bool by_proxy = false;                 ///< PXN: over NVLink to the GPU that is near the adapter, and from there
  bool gpu_direct = false;               ///< NET, COLLNET: GPUDirect RDMA

  friend auto operator<=>(const Connection&, const Connection&) = default;
};

/// The connection of a line of NCCL_DEBUG=INFO, NCCL_DEBUG_SUBSYS=INIT (p2p.cc, shm.cc, net.cc, coll_net.cc); nothing
/// for others:
///   "Channel 00/0 : 0[0] -> 1[1] via P2P/CUMEM/read"         "Channel 00 : 0[0] -> 1[1] via SHM/direct/direct"
///   "Channel 02/0 : 7[7] -> 8[0] [send] via NET/IB/3(4)/GDRDMA/Shared"         (by proxy: rank 4 has the adapter)
///   "CollNet 00/0 : 3 [send] via COLLNET/SHARP/0/GDRDMA"
std::optional<Connection> parse_connection_line(std::string_view line);

/// A port of an RDMA adapter that NCCL found.
struct Adapter {
  std::uint32_t number = 0;
  std::string name;        ///< "mlx5_0:1"
  std::string link_layer;  ///< "IB", "RoCE"
  friend bool operator==(const Adapter&, const Adapter&) = default;
};

/// The adapters of NCCL's line of them (net_ib; NCCL_DEBUG_SUBSYS=INIT), once per process; empty for other lines. They
/// are all that the node has, those for storage too; connections tell which are used. Adapters that NCCL has merged
/// have numbers beyond these.
///   "NET/IB : Using [0]mlx5_0:1/IB [1]mlx5_1:1/RoCE [RO]; OOB eth0:10.0.0.1<0>"
std::vector<Adapter> parse_network_line(std::string_view line);

}  // namespace hockney::nccl
