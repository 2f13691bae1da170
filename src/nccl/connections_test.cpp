#include "nccl/connections.hpp"

#include <gtest/gtest.h>

namespace hockney::nccl {
namespace {

using Use = Connection::Use;

// as NCCL 2.28 writes lines: host, process, thread, GPU
Connection of(const std::string& text) {
  const auto connection = parse_connection_line("node-a:12345:12377 [0] NCCL INFO " + text);
  EXPECT_TRUE(connection) << text;
  return connection.value_or(Connection{});
}

Connection within_node(std::uint32_t from, std::uint32_t to, std::string kind, Use use) {
  Connection connection;
  connection.from = from;
  connection.to = to;
  connection.kind = std::move(kind);
  connection.use = use;
  return connection;
}

TEST(ConnectionLine, PeerToPeer) {
  EXPECT_EQ(of("Channel 00/0 : 0[0] -> 1[1] via P2P/CUMEM/read"), within_node(0, 1, "P2P/CUMEM", Use::collectives));
  EXPECT_EQ(of("Channel 01/0 : 1[1b000] -> 0[1a000] via P2P/direct pointer/read"),
            within_node(1, 0, "P2P/direct pointer", Use::collectives));
  EXPECT_EQ(of("Channel 01/0 : 1[1] -> 2[2] via P2P/indirect/3[3]/read"),
            within_node(1, 2, "P2P/indirect", Use::collectives));
  EXPECT_EQ(of("Channel 01/0 : 0[0] -> 9[1] via P2P/MNNVL"), within_node(0, 9, "P2P/MNNVL", Use::collectives));
}

TEST(ConnectionLine, MessagesHaveConnectionsOfTheirOwn) {
  EXPECT_EQ(of("Channel 23/1 : 7[7] -> 6[6] via P2P/IPC"), within_node(7, 6, "P2P/IPC", Use::messages));
  EXPECT_EQ(of("Channel 05/1 : 0[0] -> 8[0] [send] via NET/IB/0/GDRDMA/Shared").use, Use::messages);
  EXPECT_EQ(of("Channel 05/0 : 0[0] -> 8[0] [send] via NET/IB/0/GDRDMA").use, Use::collectives);
}

TEST(ConnectionLine, SharedMemoryDoesNotSayWhatItIsFor) {
  EXPECT_EQ(of("Channel 00 : 0[0] -> 1[1] via SHM/direct/direct"), within_node(0, 1, "SHM/direct/direct", Use::any));
  EXPECT_EQ(of("Channel 00 : 0[0] -> 1[1] via SHM/direct").kind, "SHM/direct") << "2.30";
}

TEST(ConnectionLine, TheNetworkHasAnAdapter) {
  const Connection sends = of("Channel 02/0 : 7[7] -> 8[0] [send] via NET/IB/3/GDRDMA");
  EXPECT_EQ(sends.from, 7U);
  EXPECT_EQ(sends.to, 8U);
  EXPECT_EQ(sends.kind, "NET/IB");
  EXPECT_EQ(sends.adapter, 3U);
  EXPECT_TRUE(sends.sends);
  EXPECT_TRUE(sends.gpu_direct);
  EXPECT_FALSE(sends.by_proxy);

  const Connection receives = of("Channel 02/0 : 15[7] -> 0[0] [receive] via NET/IB/12/GDRDMA/Shared");
  EXPECT_FALSE(receives.sends);
  EXPECT_EQ(receives.adapter, 12U);
  EXPECT_TRUE(receives.gpu_direct);
  EXPECT_TRUE(of("Channel 02/0 : 15[7] -> 0[0] [receive] via NET/IB/7/GDRDMA(PCI)").gpu_direct);
}

TEST(ConnectionLine, AProxyIsAnotherGpuOfTheNode) {
  for (const char* text : {"Channel 02/1 : 7[7] -> 8[0] [send] via NET/IB/3(4)/GDRDMA/Shared",
                           "Channel 02/1 : 7[7] -> 8[0] [send] via NET/IB/3(P)/GDRDMA/Shared"}) {
    EXPECT_TRUE(of(text).by_proxy);
    EXPECT_EQ(of(text).adapter, 3U);
    EXPECT_EQ(of(text).kind, "NET/IB");
  }
}

TEST(ConnectionLine, OtherNetworksHaveTheirNames) {
  EXPECT_EQ(of("Channel 00/0 : 0[0] -> 1[0] [send] via NET/Socket/0").kind, "NET/Socket");
  EXPECT_EQ(of("Channel 00/0 : 0[0] -> 8[0] [send] via NET/IBext_v10/2/GDRDMA").kind, "NET/IBext_v10");
  const Connection libfabric = of("Channel 00/0 : 0[0] -> 8[0] [send] via NET/AWS Libfabric/0/GDRDMA/Shared");
  EXPECT_EQ(libfabric.kind, "NET/AWS Libfabric");
  EXPECT_EQ(libfabric.adapter, 0U);
}

TEST(ConnectionLine, ASwitchThatReducesHasOneEnd) {
  const Connection sends = of("CollNet 00/0 : 3 [send] via COLLNET/SHARP/2/GDRDMA");
  EXPECT_EQ(sends.from, 3U);
  EXPECT_EQ(sends.to, 3U);
  EXPECT_EQ(sends.kind, "COLLNET/SHARP");
  EXPECT_EQ(sends.adapter, 2U);
  EXPECT_EQ(sends.use, Use::collectives);
  EXPECT_TRUE(sends.gpu_direct);
  EXPECT_FALSE(of("CollNet 01/0 : 3 [receive] via COLLNET/SHARP/0").sends);
}

TEST(ConnectionLine, OtherLinesHaveNoConnection) {
  for (const char* text : {"", "Channel 00/16 :    0   1   2   3", "Using network IB via something",
                           "CollNet channel 3 via none", "Channel 00/0 : 0[0] -> 1[1] via P2P"}) {
    EXPECT_FALSE(parse_connection_line(text)) << text;
  }
}

TEST(NetworkLine, TellsNameAndLinkLayerOfEveryAdapter) {
  EXPECT_EQ(parse_network_line("dgx-1:12:34 [0] NCCL INFO NET/IB : Using [0]mlx5_0:1/IB [1]mlx5_1:2/RoCE [RO]; OOB "
                               "eth0:10.0.0.1<0>"),
            (std::vector<Adapter>{{0, "mlx5_0:1", "IB"}, {1, "mlx5_1:2", "RoCE"}}));
  EXPECT_EQ(parse_network_line("NET/IBext_v10 : Using [0]mlx5_4:1/IB").size(), 1U);
  EXPECT_TRUE(parse_network_line("dgx-1:12:34 [0] NCCL INFO NET/IB : No device found.").empty());
  EXPECT_TRUE(parse_network_line("dgx-1:12:34 [0] NCCL INFO NET/Socket : Using [0]eth0:10.0.0.1<0>").empty());
}

}  // namespace
}  // namespace hockney::nccl
