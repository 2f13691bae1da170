#include "import/nccl_tests/nccl_tests_launch.hpp"

#include <gtest/gtest.h>
#include <random>

#include "import/nccl_tests/nccl_tests_fixture.hpp"

namespace hockney::import {
namespace {

using fixture::all_reduce_of_8;
using fixture::row;

ImportOptions options() {
  ImportOptions stated;
  stated.importer = "hockney 0.0.0";
  stated.campaign = "tests";
  return stated;
}

ImportedFile import(const std::string& text, const ImportOptions& stated = options(),
                    const std::string& file = "all_reduce.txt") {
  return import_nccl_tests(read_nccl_tests_text(text_of(text)), file, stated);
}

ImportedTable only_table(const ImportedFile& file) {
  EXPECT_EQ(file.tables.size(), 1U);
  return file.tables.empty() ? ImportedTable{} : file.tables[0];
}

bool notes_mention(const ImportedTable& table, std::string_view words) {
  return std::any_of(table.notes.begin(), table.notes.end(),
                     [&](const std::string& note) { return note.find(words) != std::string::npos; });
}

void expect_sums_to_agree(const ImportedFile& file) {
  const ImportTotals sum = totals(file);
  EXPECT_EQ(sum.data_lines, sum.used + sum.size_zero + sum.refused);
  for (const ImportedTable& table : file.tables) {
    EXPECT_EQ(table.rows, table.rows_used + table.rows_of_size_zero + table.rows_refused);
    EXPECT_NE(table.launch.has_value(), !table.refusal.empty());
  }
}

TEST(ImportNcclTests, TurnsRowsIntoPoints) {
  ImportOptions stated = options();
  stated.fabric = Fabric::nvswitch;
  stated.source = "made up";
  const ImportedTable table = only_table(import(all_reduce_of_8(), stated));
  ASSERT_TRUE(table.launch) << table.refusal;
  ASSERT_EQ(table.launch->measurements.size(), 6U);
  const Measurement& first = table.launch->measurements[0];
  EXPECT_EQ(first.point.name(), "all_reduce/imported/nvswitch/n:8x8/float32/stream/out_of_place/payload:1KiB");
  EXPECT_EQ(first.rank_columns, 1U);
  ASSERT_EQ(first.elapsed.size(), 1U);
  EXPECT_DOUBLE_EQ(first.elapsed[0], 12.50e-6);
  EXPECT_NEAR(first.clock_step_s, 0.01e-6, 1e-15);
  EXPECT_EQ(first.statistic, Statistic::mean_over_ranks);
  EXPECT_EQ(first.iterations_averaged, 20U);
  EXPECT_EQ(first.stop, StopReason::imported);
  EXPECT_EQ(first.verification, Verification::passed);
  EXPECT_EQ(to_string(first.flags), "fabric_unproven");
  EXPECT_TRUE(table.launch->measurements[1].point.in_place);
  EXPECT_DOUBLE_EQ(table.launch->measurements[5].elapsed[0], 510.9e-6);
  EXPECT_EQ(table.launch->measurements[5].point_id, 5U);
  EXPECT_TRUE(table.notes.empty()) << table.notes.front();

  const LaunchInfo& info = table.launch->info;
  EXPECT_EQ(info.producer, "nccl-tests (imported by hockney 0.0.0)");
  EXPECT_EQ(info.source, "all_reduce.txt, lines 14-18; made up");
  EXPECT_EQ(info.machine, "node0");
  EXPECT_EQ(info.campaign, "tests");
  EXPECT_EQ(info.ranks, 8U);
  EXPECT_EQ(info.nodes, 1U);
  EXPECT_EQ(table.launch->placements.size(), 8U);
  EXPECT_EQ(table.launch->provenance.at("gpu.model"), "Model T 80GB");
  EXPECT_EQ(table.launch->provenance.at("import.ranks"), "rank list, confirmed by busbw");
}

TEST(ImportNcclTests, SaysWhichFabricToStateAndNeverGuessesIt) {
  const ImportedTable one = only_table(import(all_reduce_of_8(8)));
  EXPECT_EQ(one.launch->measurements[0].point.fabric, Fabric::unknown);
  EXPECT_TRUE(notes_mention(one, "--fabric nvswitch"));
  const ImportedTable two = only_table(import(all_reduce_of_8(4)));
  EXPECT_EQ(two.launch->measurements[0].point.group, (Group{.ranks = 8, .ranks_per_node = 4}));
  EXPECT_EQ(two.launch->info.nodes, 2U);
  EXPECT_TRUE(notes_mention(two, "--fabric infiniband"));
  ImportOptions wrong = options();
  wrong.fabric = Fabric::nvlink;
  EXPECT_TRUE(notes_mention(only_table(import(all_reduce_of_8(4), wrong)), "connects the GPUs of one node"));
}

TEST(ImportNcclTests, FindsTheOperation) {
  const std::string named = "# Collective test starting: all_reduce_perf\n" + all_reduce_of_8();
  ImportOptions stated = options();
  stated.operation = Operation::all_reduce;
  EXPECT_NE(only_table(import(named, options(), "job7")).title.find("named in the log"), std::string::npos);
  EXPECT_NE(only_table(import(all_reduce_of_8(), stated, "job7")).title.find("--operation"), std::string::npos);
  EXPECT_NE(only_table(import(all_reduce_of_8())).title.find("from the file name"), std::string::npos);
  stated.operation = Operation::ping_pong;
  EXPECT_FALSE(only_table(import(all_reduce_of_8(), stated, "job7")).launch);
  stated.operation = Operation::reduce_scatter;
  EXPECT_TRUE(notes_mention(only_table(import(named, stated)), "--operation is not used"));
}

TEST(ImportNcclTests, RefusesTables) {
  const std::string rows = fixture::columns_2022() + fixture::rows_of_8();
  const std::string table = fixture::banner(8, 8) + rows;
  const auto with_options = [&](const std::string& from, const std::string& to) {
    std::string text = table;
    return text.replace(text.find(from), from.size(), to);
  };
  const struct {
    const char* what;
    std::string text;
    const char* file;
    const char* reason;
  } cases[] = {
      {"unknown operation",
       fixture::banner(8, 8) + fixture::columns_2022() + row(Operation::all_gather, 8, 1048576, "61.44", "60.80"),
       "job7.txt", "pass --operation"},
      {"hypercube", table, "hypercube.txt", "pairwise"},
      {"no reduction in an all_reduce",
       fixture::banner(8, 8) + fixture::columns_2022() + row(Operation::all_gather, 8, 1048576, "61.44", "60.80"),
       "all_reduce.txt", "no reduction"},
      {"a reduction in an all_gather", table, "all_gather.txt", "names a reduction"},
      {"aggregated", with_options("agg iters: 1", "agg iters: 4"), "all_reduce.txt", "agg iters 4"},
      {"blocking", "# Blocking Enabled: wait and barrier after each inner iteration\n" + table, "all_reduce.txt",
       "blocking"},
      {"rank 0 alone", "$ all_reduce_perf -b 8 -a 0\n" + table, "all_reduce.txt", "-a 0"},
      {"enqueue times", with_options("root     time", "root  cputime"), "all_reduce.txt", "cputime"},
      {"interleaved", fixture::columns_2022() + rows, "all_reduce.txt", "may be mixed"},
      {"a rank listed twice, on two nodes",
       fixture::banner(8, 4) + fixture::banner(8, 8).substr(fixture::banner(8, 8).find("#  R")) + rows,
       "all_reduce.txt", "listed 2 times"},
      {"no rows", fixture::banner(8, 8) + fixture::columns_2022(), "all_reduce.txt", "no rows"},
      {"one rank",
       fixture::banner(1, 1) + fixture::columns_2022() +
           "  1048576  262144  float  sum  -1  7.27  144.23  0.00  0  0.16  6553.60  0.00  0\n",
       "all_reduce.txt", "one rank"},
      {"a wrong rank list", fixture::banner(16, 8) + rows, "all_reduce.txt", "pass --ranks"},
      {"no rank list, small sizes only", fixture::columns_2022() + row(Operation::all_reduce, 8, 8, "12.50", "12.25"),
       "all_reduce.txt", "pass --ranks"},
  };
  for (const auto& expected : cases) {
    SCOPED_TRACE(expected.what);
    const ImportedFile file = import(expected.text, options(), expected.file);
    const ImportedTable refused = only_table(file);
    EXPECT_FALSE(refused.launch);
    EXPECT_NE(refused.refusal.find(expected.reason), std::string::npos) << refused.refusal;
    expect_sums_to_agree(file);
  }
}

TEST(ImportNcclTests, KeepsALogThatDoesNotTellItsHosts) {
  const ImportedTable table =
      only_table(import(fixture::columns_2022() + fixture::rows_of_8(), options(), "all_reduce.txt"));
  ASSERT_TRUE(table.launch) << table.refusal;
  EXPECT_EQ(table.launch->measurements[0].point.group, (Group{.ranks = 8, .ranks_per_node = 0}));
  EXPECT_EQ(table.launch->info.nodes, 0U);
  EXPECT_NE(table.title.find("8 ranks, placement unknown"), std::string::npos) << table.title;
}

TEST(ImportNcclTests, TakesTheUsersRankCountOverTheList) {
  ImportOptions stated = options();
  stated.ranks = 8;
  stated.ranks_per_node = 4;
  const std::string text = fixture::banner(16, 8) + fixture::columns_2022() + fixture::rows_of_8() +
                           row(Operation::all_reduce, 16, 67108864, "512.3", "510.9");
  const ImportedFile file = import(text, stated);
  const ImportedTable table = only_table(file);
  ASSERT_TRUE(table.launch) << table.refusal;
  EXPECT_EQ(table.rows_used, 3U);
  EXPECT_EQ(table.launch->measurements[0].point.group, (Group{.ranks = 8, .ranks_per_node = 4}));
  ASSERT_EQ(file.refused.size(), 1U);  // the row that says 16
  EXPECT_EQ(file.refused[0].line, table.last_line);
  expect_sums_to_agree(file);
}

TEST(ImportNcclTests, CountsRanksWithoutAList) {
  ImportOptions stated = options();
  stated.nodes = 2;
  const ImportedTable excerpt = only_table(import(fixture::rows_of_8(), stated));
  ASSERT_TRUE(excerpt.launch) << excerpt.refusal;
  EXPECT_EQ(excerpt.launch->measurements[0].point.group, (Group{.ranks = 8, .ranks_per_node = 4}));
  EXPECT_TRUE(notes_mention(excerpt, "no header line"));
  EXPECT_TRUE(notes_mention(excerpt, "default of 20 assumed"));

  const std::string one_process = "# nThread 1 nGpus 8 minBytes 8 maxBytes 8 step: 2(factor) iters: 20 validation: 1\n";
  const ImportedTable table =
      only_table(import(one_process + fixture::columns_2022() + row(Operation::all_reduce, 8, 8, "12.50", "12.25")));
  ASSERT_TRUE(table.launch) << table.refusal;
  EXPECT_EQ(table.launch->provenance.at("import.ranks"), "nThread x nGpus");

  const std::string cut = fixture::banner(8, 8).substr(fixture::banner(8, 8).find("#  Rank  7"));
  EXPECT_TRUE(only_table(import(cut + fixture::columns_2022() + fixture::rows_of_8(), stated)).launch);
}

TEST(ImportNcclTests, KeepsSplitGroupsApart) {
  std::string text = fixture::banner(16, 8);
  for (std::size_t at = text.find("Group  0"); at != std::string::npos; at = text.find("Group  0", at + 1)) {
    const bool odd = (text[at - 2] - '0') % 2 == 1;
    text[at + 7] = odd ? '1' : '0';
  }
  const ImportedTable table = only_table(import(text + fixture::columns_2022() + fixture::rows_of_8()));
  ASSERT_TRUE(table.launch) << table.refusal;
  EXPECT_EQ(table.launch->measurements[0].point.group,
            (Group{.ranks = 8, .ranks_per_node = 4, .stride = 2, .concurrent = 2}));
  EXPECT_EQ(table.launch->info.ranks, 16U);
}

TEST(ImportNcclTests, MarksWhatTheNumbersSay) {
  std::string shared = fixture::banner(2, 2);
  shared.replace(shared.find("[0x11]"), 6, "[0x10]");
  const std::string all_gather = shared + fixture::columns_2022() +
                                 "           0             0     float    none      -1     0.19    0.00    0.00    N/A"
                                 "     0.17    0.00    0.00    N/A\n" +
                                 row(Operation::all_gather, 2, 1048576, "61.44", "60.80", "13440") +
                                 row(Operation::all_gather, 2, 1048576, "61.99", "60.99", "N/A") +
                                 "  17179869184  2147483648  float  none  -1  9527230  1.80  0.90  0  1.0e+07  1.69  "
                                 "0.84  N/A\n";
  const ImportedFile file = import(all_gather, options(), "all_gather.txt");
  const ImportedTable table = only_table(file);
  ASSERT_TRUE(table.launch) << table.refusal;
  const auto& points = table.launch->measurements;
  ASSERT_EQ(points.size(), 6U);
  EXPECT_EQ(points[0].verification, Verification::failed);
  EXPECT_TRUE(points[0].flags.has(Flag::wrong_result));
  EXPECT_TRUE(points[0].flags.has(Flag::shared_gpu));
  EXPECT_EQ(points[2].verification, Verification::not_checked);
  EXPECT_EQ(points[2].point_id, points[0].point_id);
  EXPECT_EQ(points[2].pass, 1U);
  EXPECT_FALSE(points[4].flags.has(Flag::quantised));
  EXPECT_TRUE(points[5].flags.has(Flag::quantised));
  EXPECT_EQ(table.rows_of_size_zero, 1U);
  for (const auto* words : {"size 0, left out: 1", "wrong_result: 2", "seen before: 2", "share a GPU",
                            "steps of over 1 %: 1", "no footer"}) {
    EXPECT_TRUE(notes_mention(table, words)) << words;
  }
  expect_sums_to_agree(file);
}

TEST(ImportNcclTests, ReadsTheMaximumOverRanksWhereTheCommandAsksForIt) {
  const ImportedTable table = only_table(import("$ ./all_reduce_perf -b 8 --average 3\n" + all_reduce_of_8()));
  ASSERT_TRUE(table.launch) << table.refusal;
  EXPECT_EQ(table.launch->measurements[0].statistic, Statistic::max_over_ranks);
  EXPECT_EQ(table.launch->info.argv, "$ ./all_reduce_perf -b 8 --average 3");
}

TEST(ImportNcclTests, RefusesSingleRows) {
  std::string text = all_reduce_of_8();
  text.replace(text.find("61.44"), 5, "31.44");  // contradicts algbw
  text.insert(text.find("    67108864"), "  4096  1024  f4e2m1  sum  -1  1.0  4.10  7.17  0  1.0  4.10  7.17  0\n");
  const ImportedFile file = import(text);
  const ImportedTable table = only_table(file);
  ASSERT_TRUE(table.launch) << table.refusal;
  EXPECT_EQ(table.rows_used, 2U);
  ASSERT_EQ(file.refused.size(), 2U);
  EXPECT_NE(file.refused[0].reason.find("algbw"), std::string::npos);
  EXPECT_NE(file.refused[1].reason.find("f4e2m1"), std::string::npos);
  expect_sums_to_agree(file);
}

// A log may be cut, shuffled or damaged anywhere: nothing may crash, and every data line is accounted for.

std::string full_log() {
  const std::string columns = fixture::columns_2022();
  const std::string footer(fixture::footer);
  return "# nccl-tests version 2.17.6 nccl-headers=22807 nccl-library=22807\n"
         "# Collective test starting: all_reduce_perf\n" +
         fixture::banner(2, 1) + columns + row(Operation::all_reduce, 2, 1048576, "61.44", "60.80") +
         "[1,0]<stdout>:     2097152        524288     float     sum      -1node1:1:2 [0] NCCL INFO Ring 00\n" +
         fixture::result(Operation::all_reduce, 2, 2097152, "87.18", "0") +
         fixture::result(Operation::all_reduce, 2, 2097152, "85.11", "0") + "\n" + footer + "| 4 MB | 0.48 |\n" +
         columns + row(Operation::all_reduce, 2, 67108864, "512.3", "510.9") + footer;
}

TEST(ImportNcclTests, SurvivesACutAnywhere) {
  const std::string text = full_log();
  const ImportTotals whole = totals(import(text));
  EXPECT_EQ(whole.tables_used, 2U);  // the one without hosts is of unknown placement
  EXPECT_EQ(whole.used, 3U);         // one of them cut by a diagnostic
  EXPECT_EQ(whole.data_lines, 4U);   // the Markdown row is refused
  for (std::size_t length = 1; length + 1 < text.size(); length += 3) {
    expect_sums_to_agree(import(text.substr(0, length)));
    expect_sums_to_agree(import(text.substr(length)));
  }
}

TEST(ImportNcclTests, SurvivesDamage) {
  const std::string text = full_log();
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin) + 1;
    lines.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const std::size_t j : {std::size_t{0}, i / 2, lines.size() - 1}) {
      auto flipped = lines;
      std::swap(flipped[i], flipped[j]);
      std::string joined;
      for (const std::string& line : flipped) {
        joined += line;
      }
      expect_sums_to_agree(import(joined));
    }
  }
  std::mt19937 random(20261123);
  for (int round = 0; round < 300; ++round) {
    std::string damaged = text;
    for (int i = 0; i < 20; ++i) {
      damaged[random() % damaged.size()] = static_cast<char>(1 + random() % 255);
    }
    expect_sums_to_agree(import(damaged));
  }
}

TEST(ImportNcclTests, RefusesTimesThatCannotBe) {
  for (const char* time : {"1e-320", "1e-300", "1e300"}) {
    const std::string cells = fmt::format("{:>7}  N/A  N/A  0", time);
    const std::string bad = "   2097152   524288   float   sum   -1  " + cells + "  62.00  N/A  N/A  0\n";
    const ImportedFile file = import(fixture::banner(8, 8) + fixture::columns_2022() + fixture::rows_of_8() + bad +
                                     std::string(fixture::footer));
    const ImportedTable table = only_table(file);
    ASSERT_TRUE(table.launch) << table.refusal;
    EXPECT_EQ(table.launch->measurements.size(), 6U) << time;
    EXPECT_EQ(table.rows_refused, 1U) << time;
    ASSERT_EQ(file.refused.size(), 1U) << time;
    EXPECT_NE(file.refused[0].reason.find("no time of an operation"), std::string::npos) << file.refused[0].reason;
    expect_sums_to_agree(file);
  }
}

}  // namespace
}  // namespace hockney::import
