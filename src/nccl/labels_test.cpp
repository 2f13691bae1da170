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
  EXPECT_EQ(parse_tuning_line(
                line("AllReduce [Symmetric]: 1024 Bytes -> Kernel AllReduce_AGxLLMC_R nchannels 1 nthreads 512")),
            (Label{"AllReduce_AGxLLMC_R", "Symmetric", 1}))
      << "2.27";
}

TEST(TuningLine, OtherLinesHaveNoLabel) {
  EXPECT_FALSE(parse_tuning_line(""));
  EXPECT_FALSE(parse_tuning_line(line("Channel 00/0 : 0[0] -> 1[1] via P2P/CUMEM/read")));
  EXPECT_FALSE(parse_tuning_line(line("AllReduce: 4194304 Bytes -> Algo ")));
  EXPECT_FALSE(parse_tuning_line(line("NCCL_ALGO set by environment to ring")));
}

TEST(Labels, OfPartsHaveTheNamesOfTheFirstAndTheMostChannels) {
  EXPECT_EQ(combined({}), Label{});
  EXPECT_EQ(combined({{"Ring", "LL", 2}}), (Label{"Ring", "LL", 2}));
  EXPECT_EQ(combined({{"", "", 1}, {"", "", 4}, {"", "", 2}}), (Label{"", "", 4})) << "an all-to-all copies first";
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
    DebugLog log;
    ASSERT_TRUE(log.is_ours());
    EXPECT_STREQ(std::getenv("NCCL_DEBUG"), "INFO");
    EXPECT_STREQ(std::getenv("NCCL_DEBUG_SUBSYS"), "INIT");
    log.ask_for_tuning();
    EXPECT_STREQ(std::getenv("NCCL_DEBUG_SUBSYS"), "INIT,TUNING");
    path = std::getenv("NCCL_DEBUG_FILE");
    EXPECT_TRUE(std::ifstream(path).is_open());
  }
  EXPECT_FALSE(std::ifstream(path).is_open());
  EXPECT_EQ(std::getenv("NCCL_DEBUG"), nullptr);
  EXPECT_EQ(std::getenv("NCCL_DEBUG_SUBSYS"), nullptr);
  EXPECT_EQ(std::getenv("NCCL_DEBUG_FILE"), nullptr);
}

TEST_F(Log, ReadsWholeLinesOnce) {
  DebugLog log;
  EXPECT_TRUE(log.new_lines().empty());
  std::ofstream file(std::getenv("NCCL_DEBUG_FILE"));
  file << "one\ntwo\nhal" << std::flush;
  EXPECT_EQ(log.new_lines(), (std::vector<std::string>{"one", "two"}));
  EXPECT_TRUE(log.new_lines().empty());
  file << "f\n\nfour\n" << std::flush;
  EXPECT_EQ(log.new_lines(), (std::vector<std::string>{"half", "", "four"}));
}

TEST_F(Log, LeavesAUserAloneWhoAsksForLines) {
  for (const char* level : {"INFO", "info", "TRACE", "ABORT"}) {
    ::setenv("NCCL_DEBUG", level, 1);
    DebugLog log;
    EXPECT_FALSE(log.is_ours()) << level;
    log.ask_for_tuning();
    EXPECT_STREQ(std::getenv("NCCL_DEBUG"), level);
    EXPECT_EQ(std::getenv("NCCL_DEBUG_SUBSYS"), nullptr);
    EXPECT_EQ(std::getenv("NCCL_DEBUG_FILE"), nullptr);
    EXPECT_TRUE(log.new_lines().empty());
  }
}

TEST_F(Log, OverrulesASettingThatHidesConnectionsAndRestoresIt) {
  for (const char* level : {"WARN", "VERSION"}) {
    ::setenv("NCCL_DEBUG", level, 1);
    {
      const DebugLog log;
      EXPECT_TRUE(log.is_ours());
      EXPECT_EQ(log.overruled(), level);
      EXPECT_STREQ(std::getenv("NCCL_DEBUG"), "INFO");
    }
    EXPECT_STREQ(std::getenv("NCCL_DEBUG"), level);
  }
  ::unsetenv("NCCL_DEBUG");
  EXPECT_EQ(DebugLog().overruled(), "");
}

}  // namespace
}  // namespace hockney::nccl
