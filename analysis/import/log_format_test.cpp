#include "import/log_format.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "import/nccl_tests/nccl_tests_fixture.hpp"

namespace hockney::import {
namespace {

LogFormat format_of(std::string_view text) { return detect_format(text_of(text)).format; }

std::string refusal_of(std::string_view text) {
  try {
    return "taken for " + std::string(name_of(detect_format(text_of(text)).format));
  } catch (const InputError& reason) {
    return reason.what();
  }
}

TEST(DetectFormat, TakesTextsForWhatIsInThem) {
  EXPECT_EQ(format_of(std::string("some prose\n") + std::string(fixture::header_2022)), LogFormat::nccl_tests);
  EXPECT_EQ(format_of("[1,0]<stdout>:# OSU MPI Latency Test v5.7\n"), LogFormat::osu);
  EXPECT_EQ(format_of("  {\"results\": [{\"out_of_place\": "), LogFormat::nccl_tests_json);
  EXPECT_EQ(format_of("[\n{\"size\": 8, \"time\": 1, \"busBw\": 2}\n]\n"), LogFormat::json);
  EXPECT_EQ(format_of("# machine: x\noperation,ranks,payload_bytes,time_us\n"), LogFormat::reference_csv);
  EXPECT_EQ(format_of("\xEF\xBB\xBFsize(B),time(us)\n8,1\n"), LogFormat::csv);
  EXPECT_EQ(format_of("| size (B) | time (us) |\n|---|---|\n| 8 | 1.5 |\n"), LogFormat::csv);
}

TEST(DetectFormat, TakesHeaderlessRowsForNcclTests) {
  const std::string row = fixture::row(Operation::all_reduce, 8, 1 << 20, "50.00", "51.00");
  const DetectedFormat detected = detect_format(text_of("an excerpt:\n" + row));
  EXPECT_EQ(detected.format, LogFormat::nccl_tests);
  EXPECT_EQ(detected.evidence, "line 2: a row in the shape of nccl-tests, no header");
}

TEST(DetectFormat, LeavesRowsInAnotherStyleToTheReaderOfTables) {
  const std::string header(fixture::header_2022);
  EXPECT_EQ(format_of(header + "1,048,576  262,144  float  sum  -1  61.44  17.07  29.87  0  60.80  17.25  30.18  0\n"),
            LogFormat::csv);
  EXPECT_EQ(format_of(header + "1M  262144  float  sum  -1  61.44  17.07  29.87  0  60.80  17.25  30.18  0\n"),
            LogFormat::csv);
}

TEST(DetectFormat, ALogCollectorsMessagesAreNoObjectsOfFigures) {
  const std::string header(fixture::header_2022.substr(0, fixture::header_2022.size() - 1));
  EXPECT_EQ(
      format_of(R"({"time": "2025-03-04T10:00:00Z", "msg": ")" + header + "\"}\n" +
                R"({"time": "2025-03-04T10:00:01Z", "msg": " 8  2 float sum -1 61.44 0.00 0.00 0 60.80 0.00 0.00 0"})"),
      LogFormat::nccl_tests);
}

TEST(DetectFormat, SaysWhyItTakesNothing) {
  EXPECT_EQ(refusal_of(""), "empty file");
  EXPECT_EQ(refusal_of(" \n\t\n"), "nothing but blanks");
  EXPECT_EQ(refusal_of("\x89HDF\r\n\x1A\n"), "binary data (HDF5)");
  EXPECT_EQ(refusal_of(std::string("size(B),time(us)\0\n", 18)), "binary data (it has NUL bytes)");
  EXPECT_NE(refusal_of("{\"a\": 1}").find("JSON, but neither"), std::string::npos);
  EXPECT_NE(refusal_of("{\"allreduce_size_8_consec_1\": 1}").find("Galvatron"), std::string::npos);
  EXPECT_NE(refusal_of("[P2P (Peer-to-Peer) GPU Bandwidth Latency Test]\n").find("p2pBandwidthLatencyTest"),
            std::string::npos);
  EXPECT_NE(refusal_of(" #bytes  #iterations  BW peak[Gb/sec]  BW average[Gb/sec]\n 65536  1000  392.1  391.9\n")
                .find("perftest"),
            std::string::npos);
  EXPECT_NE(refusal_of("| a | b |\n|---|---|\n| 1 | 2 |\n").find("Markdown"), std::string::npos);
  EXPECT_NE(refusal_of("n1: Test NCCL failure common.cu:1012 'made up'\n").find("without a table"), std::string::npos);
  EXPECT_NE(refusal_of("hello\n").find("none of the formats"), std::string::npos);
}

TEST(DetectFormat, RefusesMoreLinesThanAnybodyLogs) {
  EXPECT_NE(refusal_of(std::string(2'000'001, '\n') + "x").find("2000001 lines"), std::string::npos);
}

TEST(ImportAs, RefusesTextsOfAnotherFormat) {
  for (const auto& [format, name] : Names<LogFormat>::table) {
    EXPECT_THROW(import_as({format}, text_of("hello\n"), "x.txt", {}), InputError) << name;
  }
}

}  // namespace
}  // namespace hockney::import
