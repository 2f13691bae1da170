#include "import/tables/sentences.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "import/tables/written_tables_fixture.hpp"

namespace hockney::import {
namespace {

using namespace fixture;

// What programs of people's own print. All numbers are made up.

TEST(Sentences, TellSizesTimesAndBandwidths) {
  for (const std::string_view text :
       {"[rank0] all_reduce: size=1.00MB time=50.00us algbw=20.97GB/s busbw=36.70GB/s\n"
        "[rank0] all_reduce: size=16.00MB time=200.00us algbw=83.89GB/s busbw=146.80GB/s\n",
        "all_reduce of 8 GPUs:\n1048576 bytes: 50.00 us\n16777216 bytes: 200.00 us\n",
        "INFO:bench:all_reduce 1.0 MiB took 50.0 us (20.97 GB/s)\n"
        "INFO:bench:all_reduce 16.0 MiB took 200.0 us (83.89 GB/s)\n",
        "all_reduce 1 MiB: 20.97 GB/s algbw, 36.70 GB/s (busbw)\nall_reduce 16 MiB: 83.89 GB/s algbw, 146.80 GB/s "
        "(busbw)\n",
        "all_reduce 1 MiB, bus bandwidth 36.70 GB/s\nall_reduce 16 MiB, bus bandwidth 146.80 GB/s\n",
        "2030-01-01 10:00:00 | all_reduce | size 1048576 B | time 50.0 us | busbw 36.70 GB/s\n"
        "2030-01-01 10:00:01 | all_reduce | size 16777216 B | time 200.0 us | busbw 146.80 GB/s\n"}) {
    const ImportedFile file = import(text, on(8, 1, std::nullopt));
    ASSERT_EQ(file.tables.size(), 1U) << text;
    EXPECT_EQ(point_of(file, 0, 1).point.operation, Operation::all_reduce);
    EXPECT_EQ(point_of(file, 0, 1).point.payload, mebibytes(16));
    EXPECT_NEAR(us_of(file, 0, 1), 200, 0.02);
  }
}

TEST(Sentences, TellOperationRanksAndStatistics) {
  const ImportedFile file = import(
      "all_reduce on 8 ranks, 1 MB: min 48.0 us, avg 50.0 us\nall_gather on 16 ranks, 1 MB: min 40.0 us, avg 45.0 us\n",
      sizes_in_all());
  EXPECT_EQ(point_of(file, 0, 0).point.group.ranks, 8U);
  EXPECT_NEAR(us_of(file, 0, 0), 50, 1e-9);
  EXPECT_EQ(point_of(file, 0, 1).point.operation, Operation::all_gather);
  EXPECT_EQ(point_of(file, 0, 1).point.group.ranks, 16U);
}

TEST(Sentences, MayHaveNumbersWithExponents) {
  const ImportedFile file =
      import("all_reduce size=1.048576e+06 bytes time=5.0e-05 s\nall_reduce size=1.6777216e+07 bytes time=2.0E-04 s\n",
             on(8, 1));
  EXPECT_EQ(point_of(file, 0, 1).point.payload, mebibytes(16));
  EXPECT_NEAR(us_of(file, 0, 1), 200, 1e-9);
}

TEST(Sentences, MayHavePowersAndErrors) {
  for (const std::string_view time : {"200.0 us +- 3.0 us", "200.0 +- 3.0 us", "200.0us (+/- 3.0us)"}) {
    const std::string text =
        fmt::format("all_reduce 2^20 bytes: 50.0 us +- 2.0 us\nall_reduce 2**24 bytes: {}\n", time);
    const ImportedFile file = import(text, on(8, 1));
    EXPECT_EQ(point_of(file, 0, 1).point.payload, mebibytes(16));
    EXPECT_NEAR(us_of(file, 0, 1), 200, 1e-9) << time;
  }
}

TEST(Sentences, OfTotalTimesAreRefusedBesideIterations) {
  const ImportedFile file = import(
      "1 MiB: total time 5.0 ms over 100 iterations\n16 MiB: total time 20.0 ms over 100 iterations\n", on(8, 1));
  EXPECT_NE(file.tables.at(0).refusal.find("'total time' may be the sum over all iterations"), std::string::npos)
      << report(file);
}

TEST(Sentences, OfNegativeTimesAreNoMeasurements) {
  const ImportedFile file =
      import("all_reduce size=1MiB time=50.0us\nall_reduce size=2MiB time=-1.0us\nall_reduce size=16MiB time=200.0us\n",
             on(8, 1));
  EXPECT_EQ(launch_of(file, 0).measurements.size(), 2U) << report(file);
}

TEST(Sentences, TellOtherTimesWithTwoWords) {
  for (const std::string_view other : {"setup time 300 us", "std dev 3 us", "max latency 90 us"}) {
    const std::string text = fmt::format("1 MiB: avg 50.0 us, {0}\n16 MiB: avg 200.0 us, {0}\n", other);
    EXPECT_NEAR(us_of(import(text, on(8, 1)), 0, 1), 200, 1e-9) << other;
  }
}

TEST(Sentences, OfOtherThingsTellNothing) {
  for (const std::string_view text :
       {"step 1: loss 2.5, time 50.0 ms, memory 12.5 GB\nstep 2: loss 2.4, time 51.0 ms, memory 12.5 GB\n",
        "copied 1 MB of 80 GB in 50.0 us\ncopied 2 MB of 80 GB in 60.0 us\n",
        "rank0 2.19.3 10:00:05\nrank1 2.19.3 10:00:06\n"}) {
    EXPECT_TRUE(read_sentences(text_of(text).lines).sheets.empty()) << text;
  }
}

TEST(Sentences, OneThatNamesTheOperationIsATable) {
  const ImportedFile file = import("all_reduce of 1 MB across 8 GPUs took 50.0 us\n", one_node());
  EXPECT_EQ(point_of(file, 0, 0).point.operation, Operation::all_reduce);
  EXPECT_NEAR(us_of(file, 0, 0), 50, 1e-9);
}

TEST(Sentences, OneThatNamesNoOperationIsStray) {
  const Sheets found = read_sentences(text_of("copied 1 MB in 50.0 us\n").lines);
  ASSERT_EQ(found.stray.size(), 1U);
  EXPECT_EQ(found.stray.front().line, 1U);
}

TEST(Sentences, RangesLimitsAndProductsAreNotRead) {
  for (const std::string_view cell : {"1 MB: 40-50 us", "1 MB: 40 to 50 us", "1-4 MB: 50 us", "1/2 MB: 50 us",
                                      "1 MB: <50 us", "1 MB at 50 s", "100 x 1 MB: 50 us"}) {
    EXPECT_TRUE(read_sentences(text_of(fmt::format("all_reduce {}\n", cell)).lines).sheets.empty()) << cell;
  }
  EXPECT_EQ(read_sentences(text_of("all_reduce 1 MB -> 50 us\n").lines).sheets.size(), 1U);
}

TEST(Sentences, TheSumOverIterationsIsNotOneTime) {
  const std::string text = "10 iterations of all_reduce 1 GB took 81 ms\n";
  EXPECT_FALSE(import(text, on(8, 1)).tables.at(0).launch);
}

TEST(Sentences, ElementsMayBeCountedInMillions) {
  const ImportedFile file =
      import("all_reduce 1M fp16 elements: 45 us\nall_reduce 4M fp16 elements: 81 us\n", on(8, 1));
  EXPECT_EQ(point_of(file, 0, 0).point.payload.count, 2000000U);
}

TEST(Sentences, ANumberWithBlanksMayBeTwo) {
  const ImportedFile file = import(
      "all_reduce of 2 500 bytes: 45 us\nall_reduce of 1048576 bytes: 81 us\nall_reduce of 8 MiB 500 us\n", on(8, 1));
  EXPECT_EQ(point_of(file, 0, 0).point.payload.count, 1048576U);
  EXPECT_NEAR(us_of(file, 0, 1), 500, 1e-9);
}

TEST(Sentences, APercentileAloneIsNamed) {
  const ImportedFile file = import("all_reduce 1 MiB: p99=90 us\nall_reduce 2 MiB: p99=110 us\n", on(8, 1));
  const std::vector<std::string>& notes = file.tables.at(0).notes;
  EXPECT_TRUE(std::any_of(notes.begin(), notes.end(), [](const std::string& note) {
    return note.find("'p99 time' is taken for the time: there is no mean or median") != std::string::npos;
  }));
}

TEST(Sentences, AKeyIsNoUnit) {
  const ImportedFile file = import("all_reduce bytes=1048576 t=45.0us\nall_reduce bytes=2097152 t=60.0us\n", on(8, 1));
  EXPECT_EQ(point_of(file, 0, 0).point.payload.count, 1048576U);
}

TEST(Sentences, SecondsInBracketsAreATimeStamp) {
  const ImportedFile file =
      import("[0.123s] all_reduce 1 MiB algbw 20.0 GB/s\n[0.456s] all_reduce 16 MiB algbw 40.0 GB/s\n", on(8, 1));
  EXPECT_NEAR(us_of(file, 0, 0), (1 << 20) / 20e3, 0.1);
  EXPECT_TRUE(read_sentences(text_of("[0.1s] 1 MiB\n[0.2s] 2 MiB\n").lines).sheets.empty());
}

TEST(Pairs, OfAnotherKeyOnEveryLineAreALog) {
  std::string text = "size: 1 MiB\n";
  for (int i = 1; i <= 300; ++i) {
    text += fmt::format("iteration {} time: 5.0 ms\n", i);
  }
  EXPECT_THROW(import(text, on(8, 1)), InputError);
}

TEST(Pairs, TellTheOperationToo) {
  const ImportedFile file = import(
      "{'op': 'all_reduce', 'world': 8, 'size': 1048576, 'time_us': 50.0}\n"
      "{'op': 'all_reduce', 'world': 8, 'size': 16777216, 'time_us': 200.0}\n",
      one_node());
  EXPECT_EQ(point_of(file, 0, 1).point.operation, Operation::all_reduce);
  EXPECT_EQ(point_of(file, 0, 1).point.group.ranks, 8U);
  EXPECT_NEAR(us_of(file, 0, 1), 200, 1e-9);
}

}  // namespace
}  // namespace hockney::import
