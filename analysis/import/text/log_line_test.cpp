#include "import/text/log_line.hpp"

#include <gtest/gtest.h>
#include <utility>

namespace hockney::import {
namespace {

TEST(LogLineOf, DropsTagsInMidLineAndMarkdown) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"   8   2  float", "8   2  float"},
      {"[1,0]<stdout>:   8   2", "8   2"},
      {"   8  -1[1,0]<stdout>:  85.14  0[1,0]<stdout>: 62.82", "8  -1   85.14  0  62.82"},
      {"[prterun-node1-17@1,0]<stdout>:  8   2", "8   2"},
      {"[a,]<stdout>: 8", "[a,]<stdout>: 8"},
      {"[,1]<stdout>: 8", "[,1]<stdout>: 8"},
      {"| 8 | **2** | float |", "8   2   float"},
      {"[0]   8  -1[0]  366.5", "8  -1   366.5"},
      {"[1,0]<nowhere>: 8", "[1,0]<nowhere>: 8"},
      {"#  Rank  0 on node0 device  0 [0x0f] Model", "#  Rank  0 on node0 device  0 [0x0f] Model"},
      {"[1,", "[1,"},
      {"", ""},
  };
  for (const auto& [raw, expected] : cases) {
    EXPECT_EQ(log_line_of({1, std::string(raw)}).text, expected) << raw;
  }
}

TEST(LogLineOf, KeepsBarsAndCommasOfTheRawLine) {
  EXPECT_EQ(log_line_of({1, "| 8 | **2** |"}).raw, "| 8 | **2** |");
  EXPECT_EQ(log_line_of({1, " 8,2[1,0]<stdout>:,3"}).raw, " 8,2 ,3");
}

TEST(LogLineOf, CutsDiagnosticsOffTheRowThatTheyInterrupted) {
  const LogLine cut =
      log_line_of({1, "  2097152  524288  float  sum  -1node7:190:191 [0] NCCL INFO Channel 00/0 : 7[3] -> 0[0]"});
  EXPECT_EQ(cut.text, "2097152  524288  float  sum  -1");
  EXPECT_TRUE(cut.diagnostic.starts_with("node7:190"));
  EXPECT_EQ(log_line_of({2, "node7:190:191 [0] NCCL WARN something"}).text, "");
}

TEST(LooksLikeData, MeansNumbersInColumns) {
  for (const auto* text :
       {"8 2 float 1.0 2.0", "4  24.32", "2,16,32,1000,false,78.57", "| 1 MB | 0.48 | 0.12 |", "gpu01: 8 1.5",
        "gpu01 8 2 float sum -1 40.00 52.43 91.75 0 39.00 53.77 94.10 0", "[0] 8 1.5"}) {
    EXPECT_TRUE(looks_like_data(text)) << text;
  }
  for (const auto* text : {"", "8388608", "two tables of 8", "3 ways to read this line", "| 1 | RING | LL | Yes |",
                           "busbw 1.5 2.5", "nThread 1 nGpus 1 minBytes 8 maxBytes 64 warmup iters: 5 iters: 20"}) {
    EXPECT_FALSE(looks_like_data(text)) << text;
  }
}

}  // namespace
}  // namespace hockney::import
