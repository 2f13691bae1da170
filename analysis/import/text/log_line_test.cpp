#include "import/text/log_line.hpp"

#include <gtest/gtest.h>
#include <utility>

namespace hockney::import {
namespace {

TEST(CleanLines, DropWhatLaunchersPutIn) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"   8   2  float\r", "8   2  float"},
      {"[1,0]<stdout>:   8   2", "8   2"},
      {"   8  -1[1,0]<stdout>:  85.14  0[1,0]<stdout>: 62.82", "8  -1   85.14  0  62.82"},
      {"12:   8   2", "8   2"},
      {"0: 3: [1,3]<stdout>:  8   2", "8   2"},
      {"[prterun-node1-17@1,0]<stdout>:  8   2", "8   2"},
      {"[a,]<stdout>: 8", "[a,]<stdout>: 8"},
      {"[,1]<stdout>: 8", "[,1]<stdout>: 8"},
      {"| 8 | **2** | float |", "8   2   float"},
      {"[0]   8  -1[0]  366.5", "8  -1   366.5"},
      {"> > 8 2", "8 2"},
      {"\x1b[32m8 2\x1b[0m", "8 2"},
      {"local\xff host\a 8", "local? host? 8"},
      {"[1,0]<nowhere>: 8", "[1,0]<nowhere>: 8"},
      {"#  Rank  0 on node0 device  0 [0x0f] Model", "#  Rank  0 on node0 device  0 [0x0f] Model"},
      {"[1,", "[1,"},
      {"", ""},
  };
  for (const auto& [raw, expected] : cases) {
    const auto lines = clean_lines(std::string(raw) + "\n");
    ASSERT_EQ(lines.size(), 1U) << raw;
    EXPECT_EQ(lines[0].text, expected) << raw;
  }
}

TEST(CleanLines, CutDiagnosticsOffTheRowThatTheyInterrupted) {
  const auto lines = clean_lines(
      "  2097152  524288  float  sum  -1node7:190:191 [0] NCCL INFO Channel 00/0 : 7[3] -> 0[0]\n"
      "node7:190:191 [0] NCCL WARN something\n"
      "  87.18");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].text, "2097152  524288  float  sum  -1");
  EXPECT_TRUE(lines[0].diagnostic.starts_with("node7:190"));
  EXPECT_EQ(lines[1].text, "");
  EXPECT_EQ(lines[2].text, "87.18");
  EXPECT_EQ(lines[2].number, 3U);
}

TEST(LooksLikeData, MeansNumbersInColumns) {
  for (const auto* text : {"8 2 float 1.0 2.0", "4  24.32", "2,16,32,1000,false,78.57", "| 1 MB | 0.48 | 0.12 |"}) {
    EXPECT_TRUE(looks_like_data(text)) << text;
  }
  for (const auto* text : {"", "8388608", "two tables of 8", "3 ways to read this line", "| 1 | RING | LL | Yes |"}) {
    EXPECT_FALSE(looks_like_data(text)) << text;
  }
}

}  // namespace
}  // namespace hockney::import
