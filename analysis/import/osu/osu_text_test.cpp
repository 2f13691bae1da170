#include "import/osu/osu_text.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "import/text/launcher_command.hpp"

namespace hockney::import {
namespace {

// All times are made up.
constexpr std::string_view allreduce =
    "\n# OSU MPI-CUDA Allreduce Latency Test v5.7\n"
    "# Size       Avg Latency(us)   Min Latency(us)   Max Latency(us)  Iterations\n"
    "4                      10.50             10.00             11.00        1000\n"
    "65536                  40.25             40.00             41.00         100\n";

ImportOptions eight_ranks() {
  ImportOptions options;
  options.ranks = 8;
  options.nodes = 1;
  return options;
}

ImportedFile import(std::string_view text, const ImportOptions& options) {
  return import_osu_text(text_of(text), "osu.txt", options);
}

std::string refusal_of(std::string_view text, const ImportOptions& options) {
  return import(text, options).tables.at(0).refusal;
}

TEST(OsuText, ReadsACollective) {
  const ImportedFile file = import(allreduce, eight_ranks());
  ASSERT_TRUE(file.tables.at(0).launch) << report(file);
  const auto& measurements = file.tables[0].launch->measurements;
  ASSERT_EQ(measurements.size(), 2U);
  EXPECT_EQ(measurements[1].point.operation, Operation::all_reduce);
  EXPECT_EQ(measurements[1].point.payload.count, 65536U);
  EXPECT_EQ(measurements[1].point.element, Element::float32);
  EXPECT_EQ(measurements[1].point.mode, Mode::host);
  EXPECT_EQ(measurements[1].iterations_averaged, 100U);
  EXPECT_EQ(measurements[1].statistic, Statistic::mean_over_ranks);
  EXPECT_DOUBLE_EQ(measurements[1].elapsed.at(0), 40.25e-6);
  EXPECT_DOUBLE_EQ(measurements[1].clock_step_s, 0.01e-6);
}

TEST(OsuText, NeedsTheRanks) { EXPECT_NE(refusal_of(allreduce, {}).find("--ranks"), std::string::npos); }

TEST(OsuText, KeepsATableThatDoesNotTellItsNodes) {
  ImportOptions options;
  options.ranks = 8;
  const ImportedFile file = import(std::string(allreduce), options);
  ASSERT_TRUE(file.tables.at(0).launch) << report(file);
  EXPECT_EQ(file.tables[0].launch->measurements[0].point.group, (Group{.ranks = 8, .ranks_per_node = 0}));
  EXPECT_NE(file.tables[0].title.find("8 ranks, placement unknown"), std::string::npos) << file.tables[0].title;
}

TEST(OsuText, TakesRanksFromTheCommandLine) {
  const std::string text = "$ mpiexec -n 6 -ppn 3 ./osu_allreduce -m 2048:2048 -d ze\n" + std::string(allreduce);
  const ImportedFile file = import(text, {});
  ASSERT_TRUE(file.tables.at(0).launch) << report(file);
  EXPECT_EQ(file.tables[0].launch->measurements[0].point.group.ranks, 6U);
  EXPECT_EQ(file.tables[0].launch->measurements[0].point.group.ranks_per_node, 3U);
  EXPECT_EQ(file.tables[0].launch->info.argv, "$ mpiexec -n 6 -ppn 3 ./osu_allreduce -m 2048:2048 -d ze");
}

TEST(OsuText, ConvertsTheBlockOfOneRankToThePayload) {
  for (const auto& [title, operation] :
       {std::pair{"Allgather Latency", Operation::all_gather},
        std::pair{"All-to-All Personalized Exchange Latency", Operation::all_to_all},
        std::pair{"Gather Latency", Operation::gather}, std::pair{"Scatter Latency", Operation::scatter}}) {
    const std::string text = std::string("# OSU MPI-ROCM ") + title +
                             " Test v7.4\n# Datatype: MPI_CHAR.\n# Size       Avg Latency(us)\n1024        12.34\n";
    const ImportedFile file = import(text, eight_ranks());
    ASSERT_TRUE(file.tables.at(0).launch) << report(file);
    EXPECT_EQ(file.tables[0].launch->measurements[0].point.operation, operation);
    EXPECT_EQ(file.tables[0].launch->measurements[0].point.payload.count, 8192U);
    EXPECT_EQ(file.tables[0].launch->measurements[0].iterations_averaged, 1000U);
  }
}

TEST(OsuText, ReduceScatterCountsTheWholeBuffer) {
  const ImportedFile file =
      import("# OSU MPI Reduce_scatter Latency Test v5.6\n# Size       Avg Latency(us)\n4   1.00\n1024        12.34\n",
             eight_ranks());
  ASSERT_TRUE(file.tables.at(0).launch);
  EXPECT_EQ(file.tables[0].launch->measurements[0].point.payload.count, 1024U);
  ASSERT_EQ(file.refused.size(), 1U);  // 4 bytes cannot be cut into 8 floats
  EXPECT_EQ(file.refused[0].line, 3U);
}

TEST(OsuText, ReadsPairs) {
  ImportOptions two_nodes;
  two_nodes.nodes = 2;
  const ImportedFile file = import(
      "# OSU NCCL-CUDA Bandwidth Test v7.4\n# Send Buffer on DEVICE (D) and Receive Buffer on HOST (H)\n"
      "# Size      Bandwidth (MB/s)\n# Datatype: MPI_CHAR.\n1000000      2000.00\n"
      "# OSU MPI Latency Test v7.2\n# Size          Latency (us)\n0    1.00\n8     1.50\n",
      two_nodes);
  ASSERT_EQ(file.tables.size(), 2U);
  ASSERT_TRUE(file.tables[0].launch && file.tables[1].launch) << report(file);
  const Measurement& stream = file.tables[0].launch->measurements.at(0);
  EXPECT_EQ(stream.point.operation, Operation::one_way_stream);
  EXPECT_DOUBLE_EQ(stream.elapsed.at(0), 500e-6);  // MB = 1e6 B
  EXPECT_NEAR(stream.clock_step_s, 500e-6 * 0.01 / 2000, 1e-15);
  EXPECT_EQ(stream.point.group.ranks_per_node, 1U);
  EXPECT_EQ(file.tables[0].launch->provenance.at("osu.buffers"),
            "Send Buffer on DEVICE (D) and Receive Buffer on HOST (H)");
  EXPECT_EQ(file.tables[1].launch->measurements.at(0).point.operation, Operation::ping_pong);
  EXPECT_EQ(file.tables[1].rows_of_size_zero, 1U);
}

TEST(OsuText, KeepsDatatypesApart) {
  const ImportedFile file = import(
      "# OSU MPI Allreduce Latency Test v7.4\n"
      "# Datatype: MPI_INT.\n# Size       Avg Latency(us)  P50 Tail Lat(us)\n4   1.00  0.90\n"
      "# Datatype: MPI_FLOAT.\n# Size       Avg Latency(us)  P50 Tail Lat(us)\n4   1.50  1.40\n",
      eight_ranks());
  const ImportedFile nccl = import(
      "# OSU NCCL Allreduce Latency Test v7.4\n# Datatype: ncclFloat16.\n# Size       Avg Latency(us)\n4   1.00\n",
      eight_ranks());
  EXPECT_EQ(nccl.tables.at(0).launch.value().measurements[0].point.element, Element::float16);
  ASSERT_EQ(file.tables.size(), 2U);
  EXPECT_EQ(file.tables[0].launch.value().measurements[0].point.element, Element::int32);
  EXPECT_EQ(file.tables[1].launch.value().measurements[0].point.element, Element::float32);
  EXPECT_DOUBLE_EQ(file.tables[1].launch->measurements[0].elapsed[0], 1.5e-6);
}

TEST(OsuText, ReadsRowsUnderAHeaderThatItsAuthorCut) {
  const ImportedFile file = import(
      "# OSU MPI-CUDA Reduce Latency Test v7.3\n# Size       Avg Latency(us)\n"
      "1      50.00   18.00    90.00   1000\n1024  45.0\n",
      eight_ranks());
  ASSERT_TRUE(file.tables.at(0).launch);
  EXPECT_EQ(file.tables[0].launch->measurements.at(0).iterations_averaged, 1000U);
  ASSERT_EQ(file.refused.size(), 1U);
  EXPECT_EQ(file.refused[0].reason, "row cut off after '45.0'");
}

TEST(OsuText, RefusesByNameWhatHockneyHasNoOperationFor) {
  for (const char* title :
       {"MPI-CUDA Bi-Directional Bandwidth", "MPI Multiple Bandwidth / Message Rate", "MPI Barrier Latency",
        "MPI Multi Latency", "MPI_Put Latency", "MPI Non-blocking Allreduce Latency"}) {
    const std::string text = std::string("# OSU ") + title + " Test v7.3\n# Size   Avg Latency(us)\n8    1.00\n";
    EXPECT_NE(refusal_of(text, eight_ranks()).find("no operation of Hockney"), std::string::npos) << title;
  }
}

TEST(OsuText, ListsWhatItDidNotUnderstand) {
  const ImportedFile file =
      import(std::string("3 4 5\n") + std::string(allreduce) + "262144\n131072   x   1 2 3 4\n", eight_ranks());
  ASSERT_EQ(file.refused.size(), 3U);
  EXPECT_EQ(file.refused[0].line, 1U);
  EXPECT_EQ(file.refused[1].reason, "row cut off after '262144'");
  EXPECT_EQ(totals(file).data_lines, totals(file).used + totals(file).size_zero + totals(file).refused);
}

TEST(OsuText, RefusesTimesThatCannotBe) {
  const ImportedFile file = import(std::string(allreduce) + "131072   1e-320   1   2   3\n", eight_ranks());
  ASSERT_EQ(file.refused.size(), 1U);
  EXPECT_NE(file.refused[0].reason.find("no time of an operation"), std::string::npos);
}

TEST(OsuText, ReadsPrefixedLines) {
  std::string text =
      "[1,0]<stdout>:# OSU MPI Broadcast Latency Test v7.1\n[1,0]<stdout>:# Size       Avg Latency(us)\n";
  text += "[1,0]<stdout>:8        2.50\n";
  const ImportedFile file = import(text, eight_ranks());
  EXPECT_EQ(file.tables.at(0).launch.value().measurements.at(0).point.operation, Operation::broadcast);
}

TEST(OsuText, RefusesATextWithoutBanner) {
  EXPECT_THROW(import("4    1.00\n", eight_ranks()), InputError);
  EXPECT_THROW(import("", eight_ranks()), InputError);
}

TEST(LauncherCommand, ReadsCounts) {
  const auto srun = read_launcher_command("srun --mpi=pmix -N 2 --ntasks-per-node=4 /opt/osu_bw D D", "osu_");
  ASSERT_TRUE(srun);
  EXPECT_EQ(srun->nodes, 2U);
  EXPECT_EQ(srun->ranks_per_node, 4U);
  EXPECT_FALSE(srun->ranks);
  const auto mpirun = read_launcher_command("mpirun -np 16 -N 8 ./osu_allreduce -n 3", "osu_");
  ASSERT_TRUE(mpirun);
  EXPECT_EQ(mpirun->ranks, 16U);
  EXPECT_EQ(mpirun->ranks_per_node, 8U);
  EXPECT_FALSE(read_launcher_command("mpirun -np 1 a : -np 1 osu_bw", "osu_"));
  EXPECT_FALSE(read_launcher_command("osu_bw", "osu_"));
  EXPECT_FALSE(read_launcher_command("mpirun -np 2 ./other", "osu_"));
}

constexpr std::string_view osu_full =
    "# OSU MPI-CUDA Broadcast Latency Test v6.1\n"
    "# Size       Avg Latency(us)   Min Latency(us)   Max Latency(us)  Iterations\n";

TEST(OsuText, ReadsHeadersThatLostTheirBlanks) {
  for (const char* header : {"# Size Avg Latency(us) Min Latency(us) Max Latency(us) Iterations\n",
                             "# Size\tAvg Latency(us)\tMin Latency(us)\tMax Latency(us)\tIterations\n"}) {
    const ImportedFile file = import(std::string("# OSU MPI-CUDA Broadcast Latency Test v6.1\n") + header +
                                         "8 12.30 11.00 14.00 500\n16 12.40 11.00 14.00 500\n",
                                     eight_ranks());
    ASSERT_TRUE(file.tables.at(0).launch) << report(file);
    EXPECT_DOUBLE_EQ(file.tables[0].launch->measurements.at(0).elapsed.at(0), 12.30e-6);
    EXPECT_EQ(file.tables[0].launch->measurements[0].iterations_averaged, 500U);
  }
}

TEST(OsuText, RowsGoOnBehindOtherOutput) {
  const std::string begin = "# OSU MPI Broadcast Latency Test v6.1\n# Size       Avg Latency(us)\n8   12.30\n";
  const ImportedFile file = import(begin + "some warning\n16  12.40\nanother test\n8  99.00\n", eight_ranks());
  ASSERT_EQ(file.tables.size(), 1U);
  EXPECT_EQ(file.tables[0].rows_used, 2U) << report(file);
  ASSERT_EQ(file.refused.size(), 1U);
  EXPECT_EQ(file.refused[0].line, 7U) << "sizes that begin again are of another run";
}

TEST(OsuText, RefusesALastNumberThatIsCutOff) {
  const std::string rows =
      "# OSU MPI Broadcast Latency Test v6.1\n# Size       Avg Latency(us)\n8   12.30\n16  12.40\n";
  for (const char* cut : {"32  12.4", "32  12.", "32  12", "32  1"}) {
    const ImportedFile file = import(rows + cut, eight_ranks());
    EXPECT_EQ(file.tables.at(0).rows_used, 2U) << cut;
    EXPECT_EQ(file.refused.size(), 1U) << cut;
  }
}

TEST(OsuText, RefusesWrappedRows) {
  const ImportedFile file =
      import(std::string(osu_full) +
                 "8   12.30   11.00   14.00\n500   13.00\n16   12.40   11.00   14.00\n500   13.10\n"
                 "32   12.50   11.00   14.00\n500   13.20\n",
             eight_ranks());
  EXPECT_FALSE(file.tables.at(0).launch);
}

}  // namespace
}  // namespace hockney::import
