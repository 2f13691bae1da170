#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/number.hpp"
#include "base/rates.hpp"
#include "base/seconds.hpp"

namespace hockney::inline base {
namespace {

TEST(Bytes, ParseAndPrint) {
  const struct {
    const char* text;
    std::uint64_t count;
    const char* printed;
    const char* compact_form;
  } cases[] = {
      {"8", 8, "8 B", "8B"},
      {"8B", 8, "8 B", "8B"},
      {" 4 KiB ", 4096, "4 KiB", "4KiB"},
      {"4K", 4096, "4 KiB", "4KiB"},
      {"1.5 MiB", 1572864, "1536 KiB", "1536KiB"},
      {"2G", 1ULL << 31U, "2 GiB", "2GiB"},
      {"1TiB", 1ULL << 40U, "1024 GiB", "1024GiB"},
      {"1000", 1000, "1000 B", "1000B"},
      {"1025KiB", 1049600, "1025 KiB", "1025KiB"},
      {"0", 0, "0 B", "0B"},
      {"4096TiB", 1ULL << 52U, "4194304 GiB", "4194304GiB"},
  };
  for (const auto& expected : cases) {
    const Bytes size = parse_bytes(expected.text);
    EXPECT_EQ(size.count, expected.count) << expected.text;
    EXPECT_EQ(to_string(size), expected.printed);
    EXPECT_EQ(compact(size), expected.compact_form);
    EXPECT_EQ(parse_bytes(to_string(size)), size);
    EXPECT_EQ(parse_bytes(compact(size)), size);
  }
  for (const auto* text : {"", "B", "-8", "1.5B", "0.1MiB", "1kB", "1MB", "1GB", "4 kib", "nan", "inf", "8 B B",
                           "16384TiB", "8192TiB", "9007199254740993", "1e300"}) {
    EXPECT_THROW(parse_bytes(text), InputError) << text;
  }
}

TEST(Seconds, ParseAndPrint) {
  const struct {
    const char* text;
    double value;
    const char* printed;
  } cases[] = {{"4us", 4e-6, "4 us"},
               {"1.5 ms", 1.5e-3, "1.5 ms"},
               {"250ns", 250e-9, "250 ns"},
               {"3s", 3, "3 s"},
               {"0s", 0, "0 s"},
               {"63.896 ms", 63.896e-3, "63.9 ms"},
               {"4.0123us", 4.0123e-6, "4.012 us"},
               {"0.5ns", 0.5e-9, "0.5 ns"},
               {"120 s", 120, "120 s"},
               {"20min", 1200, "1200 s"},
               {"2 h", 7200, "7200 s"}};
  for (const auto& expected : cases) {
    EXPECT_DOUBLE_EQ(parse_seconds(expected.text).count(), expected.value) << expected.text;
    EXPECT_EQ(to_string(parse_seconds(expected.text)), expected.printed);
  }
  for (const auto* text : {"", "4", "-4us", "4 days", "us", "4 us 3", "nan s"}) {
    EXPECT_THROW(parse_seconds(text), InputError) << text;
  }
}

TEST(Rates, ParseAndPrint) {
  const struct {
    const char* text;
    double value;
  } cases[] = {{"180GB/s", 180e9},       {"25 GB/s", 25e9}, {"800Mbit/s", 1e8}, {"200Gbit/s", 25e9},
               {"1e9B/s", 1e9},          {"200Gb/s", 25e9}, {"200 Gbps", 25e9}, {"25GBps", 25e9},
               {"8 x 400 Gbit/s", 4e11}, {"8x25GB/s", 2e11}};
  for (const auto& expected : cases) {
    EXPECT_DOUBLE_EQ(parse_rate(expected.text).value, expected.value) << expected.text;
  }
  for (const auto* text : {"", "0GB/s", "-1GB/s", "180", "180GiB/s", "180 GB", "8 x", "8 x GB/s", "0 x 1GB/s"}) {
    EXPECT_THROW(parse_rate(text), InputError) << text;
  }
  EXPECT_EQ(to_string(BytesPerSecond{180.23e9}), "180.2 GB/s");
  EXPECT_DOUBLE_EQ(inverse(BytesPerSecond{4}).value, 0.25);
  EXPECT_DOUBLE_EQ((inverse(BytesPerSecond{1e9}) * mebibytes(1)).count(), 1048576e-9);
  EXPECT_DOUBLE_EQ((Bytes{1000} / Seconds{1e-6}).value, 1e9);
}

TEST(Fractions, ParsePercentAndShare) {
  for (const auto* text : {"2%", "2 %", "0.02", " 0.02 "}) {
    EXPECT_DOUBLE_EQ(parse_fraction(text), 0.02) << text;
  }
  for (const auto* text : {"", "-1%", "2 percent", "%", "0,02"}) {
    EXPECT_THROW(parse_fraction(text), InputError) << text;
  }
}

TEST(Significant, RoundsToDigits) {
  const struct {
    double value;
    int digits;
    const char* text;
  } cases[] = {{123456, 4, "123500"}, {1.0, 4, "1"},        {0.00012344, 4, "0.0001234"}, {9.99996, 4, "10"},
               {0, 4, "0"},           {-2.5004, 3, "-2.5"}, {999.96, 4, "1000"},          {12.34, 2, "12"}};
  for (const auto& expected : cases) {
    EXPECT_EQ(significant(expected.value, expected.digits), expected.text) << expected.value;
  }
}

}  // namespace
}  // namespace hockney::inline base
