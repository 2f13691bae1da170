#include "nccl/labels.hpp"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>

namespace hockney::nccl {
namespace {

// as NCCL 2.28 writes lines: host, process, thread, GPU
constexpr std::string_view prefix = "node-a:12345:12377 [0] NCCL INFO ";

std::string line(std::string_view text) { return std::string(prefix) + std::string(text); }

TEST(TuningLine, From223On) {
  EXPECT_EQ(parse_tuning_line(line("AllReduce: 4194304 Bytes -> Algo RING proto SIMPLE channel{Lo..Hi}={0..15}")),
            (Label{"Ring", "Simple", 16}));
  EXPECT_EQ(parse_tuning_line(line("AllGather: 1024 Bytes -> Algo NVLS_TREE proto LL128 channel{Lo..Hi}={4..4}")),
            (Label{"NVLSTree", "LL128", 1}));
  EXPECT_EQ(parse_tuning_line(line("Reduce: 8 Bytes -> Algo COLLNET_DIRECT proto LL channel{Lo..Hi}={0..1}")),
            (Label{"CollNetDirect", "LL", 2}));
}

TEST(TuningLine, Before223NumbersStandForNames) {
  EXPECT_EQ(parse_tuning_line(line("4194304 Bytes -> Algo 1 proto 2 time 53.1")), (Label{"Ring", "Simple", 0}));
  EXPECT_EQ(parse_tuning_line(line("AllReduce: 8 Bytes -> Algo 5 proto 0 time 9.25")), (Label{"NVLSTree", "LL", 0}));
}

TEST(TuningLine, SymmetricKernelsHaveANameOfTheirOwn) {
  EXPECT_EQ(parse_tuning_line(line(
                "AllReduce [Symmetric]: 4194304 Bytes -> Kernel AllReduce_AGxLL_R nchannels 8 nthreads 512 nWorks 1")),
            (Label{"AllReduce_AGxLL_R", "Symmetric", 8}));
}

TEST(TuningLine, OtherLinesHaveNoLabel) {
  EXPECT_FALSE(parse_tuning_line(""));
  EXPECT_FALSE(parse_tuning_line(line("Channel 00/0 : 0[0] -> 1[1] via P2P/CUMEM/read")));
  EXPECT_FALSE(parse_tuning_line(line("AllReduce: 4194304 Bytes -> Algo ")));
  EXPECT_FALSE(parse_tuning_line(line("NCCL_ALGO set by environment to ring")));
}

TEST(ConnectionLine, PeerToPeer) {
  EXPECT_EQ(parse_connection_line(line("Channel 00/0 : 0[0] -> 1[1] via P2P/CUMEM/read")),
            (Connection{0, 1, "P2P/CUMEM", false}));
  EXPECT_EQ(parse_connection_line(line("Channel 23/1 : 7[7] -> 6[6] via P2P/IPC")),
            (Connection{7, 6, "P2P/IPC", false}));
  EXPECT_EQ(parse_connection_line(line("Channel 01/0 : 1[1b000] -> 0[1a000] via P2P/direct pointer/read")),
            (Connection{1, 0, "P2P/direct pointer", false}));
  EXPECT_EQ(parse_connection_line(line("Channel 01/0 : 1[1] -> 2[2] via P2P/indirect/3[3]/read")),
            (Connection{1, 2, "P2P/indirect", false}));
}

TEST(ConnectionLine, SharedMemory) {
  EXPECT_EQ(parse_connection_line(line("Channel 00 : 0[0] -> 1[1] via SHM/direct/direct")),
            (Connection{0, 1, "SHM/direct/direct", false}));
}

TEST(ConnectionLine, Network) {
  EXPECT_EQ(parse_connection_line(line("Channel 02/0 : 7[7] -> 8[0] [send] via NET/IB/3(4)/GDRDMA/Shared")),
            (Connection{7, 8, "NET/IB", true}));
  EXPECT_EQ(parse_connection_line(line("Channel 02/0 : 15[7] -> 0[0] [receive] via NET/IB/3/GDRDMA")),
            (Connection{15, 0, "NET/IB", true}));
  EXPECT_EQ(parse_connection_line(line("Channel 00/0 : 0[0] -> 1[0] [send] via NET/Socket/0")),
            (Connection{0, 1, "NET/Socket", false}));
  EXPECT_EQ(parse_connection_line(line("Channel 00/0 : 0[0] -> 8[0] [send] via NET/AWS Libfabric/0/GDRDMA/Shared")),
            (Connection{0, 8, "NET/AWS Libfabric", true}));
}

TEST(ConnectionLine, OtherLinesHaveNoConnection) {
  EXPECT_FALSE(parse_connection_line(""));
  EXPECT_FALSE(parse_connection_line(line("Channel 00/16 :    0   1   2   3")));
  EXPECT_FALSE(parse_connection_line(line("CollNet 00/0 : 3 [send] via COLLNET/SHARP/0/GDRDMA")));
  EXPECT_FALSE(parse_connection_line(line("Using network IB via something")));
}

class WithoutDebug : public ::testing::Test {
 protected:
  void SetUp() override { ::unsetenv("NCCL_DEBUG"); }
  void TearDown() override { ::unsetenv("NCCL_DEBUG"); }
};
using Log = WithoutDebug;

TEST_F(Log, TellsNcclWhereToWriteAndCleansUp) {
  std::string path;
  {
    const DebugLog log(true);
    ASSERT_TRUE(log.is_ours());
    EXPECT_STREQ(std::getenv("NCCL_DEBUG"), "INFO");
    EXPECT_STREQ(std::getenv("NCCL_DEBUG_SUBSYS"), "INIT,TUNING");
    path = std::getenv("NCCL_DEBUG_FILE");
    EXPECT_TRUE(std::ifstream(path).is_open());
  }
  EXPECT_FALSE(std::ifstream(path).is_open());
  EXPECT_EQ(std::getenv("NCCL_DEBUG"), nullptr);
  EXPECT_EQ(std::getenv("NCCL_DEBUG_FILE"), nullptr);
}

TEST_F(Log, ReadsWholeLinesOnce) {
  DebugLog log(false);
  EXPECT_STREQ(std::getenv("NCCL_DEBUG_SUBSYS"), "INIT");
  EXPECT_TRUE(log.new_lines().empty());
  std::ofstream file(std::getenv("NCCL_DEBUG_FILE"));
  file << "one\ntwo\nhal" << std::flush;
  EXPECT_EQ(log.new_lines(), (std::vector<std::string>{"one", "two"}));
  EXPECT_TRUE(log.new_lines().empty());
  file << "f\n\nfour\n" << std::flush;
  EXPECT_EQ(log.new_lines(), (std::vector<std::string>{"half", "", "four"}));
}

TEST_F(Log, LeavesTheUsersSettingAlone) {
  ::setenv("NCCL_DEBUG", "WARN", 1);
  DebugLog log(true);
  EXPECT_FALSE(log.is_ours());
  EXPECT_STREQ(std::getenv("NCCL_DEBUG"), "WARN");
  EXPECT_EQ(std::getenv("NCCL_DEBUG_FILE"), nullptr);
  EXPECT_TRUE(log.new_lines().empty());
}

TEST(NetworkLine, TellsTheLinkLayerOfEveryAdapter) {
  EXPECT_EQ(parse_network_line("dgx-1:12:34 [0] NCCL INFO NET/IB : Using [0]mlx5_0:1/IB [1]mlx5_1:1/RoCE [RO]; OOB "
                               "eth0:10.0.0.1<0>"),
            (std::vector<std::string>{"IB", "RoCE"}));
  EXPECT_TRUE(parse_network_line("dgx-1:12:34 [0] NCCL INFO NET/IB : No device found.").empty());
  EXPECT_TRUE(parse_network_line("dgx-1:12:34 [0] NCCL INFO NET/Socket : Using [0]eth0:10.0.0.1<0>").empty());
}

}  // namespace
}  // namespace hockney::nccl
