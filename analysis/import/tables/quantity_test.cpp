#include "import/tables/quantity.hpp"

#include <gtest/gtest.h>

namespace hockney::import {
namespace {

double in_units(std::string_view cell, NumberStyle style = {}) {
  const auto quantity = read_quantity(cell, style);
  EXPECT_TRUE(quantity) << cell;
  return quantity ? quantity->number.value * (quantity->unit ? quantity->unit->factor : 1) : -1;
}

TEST(ReadQuantity, ReadsNumbersAsPeopleWriteThem) {
  EXPECT_EQ(in_units("1,024"), 1024);
  EXPECT_EQ(in_units("1,048,576"), 1048576);
  EXPECT_DOUBLE_EQ(in_units("2 287.61"), 2287.61);
  EXPECT_DOUBLE_EQ(in_units("1.048.576"), 1048576);
  EXPECT_DOUBLE_EQ(in_units("1'024"), 1024);
  EXPECT_DOUBLE_EQ(in_units("10,5"), 10.5);
  EXPECT_DOUBLE_EQ(in_units("0,125"), 0.125);
  EXPECT_EQ(in_units("2^20"), 1048576);
  EXPECT_EQ(in_units("1<<20"), 1048576);
  EXPECT_DOUBLE_EQ(in_units("**32.4**"), 32.4);
  EXPECT_DOUBLE_EQ(in_units("~1.5e3"), 1500);
  EXPECT_DOUBLE_EQ(in_units("32.4 (1.5x)"), 32.4);
  EXPECT_DOUBLE_EQ(in_units("7.7 +- 0.1"), 7.7);
}

TEST(ReadQuantity, ReadsTheUnitBehindANumber) {
  EXPECT_EQ(in_units("1KB"), 1024);
  EXPECT_EQ(in_units("24.0kB"), 24576);
  EXPECT_EQ(in_units("1 MiB"), 1048576);
  EXPECT_EQ(in_units("1M"), 1048576);
  EXPECT_EQ(in_units("1 megabyte"), 1048576);
  EXPECT_EQ(in_units("64 kilobytes"), 65536);
  EXPECT_DOUBLE_EQ(in_units("1.5 milliseconds"), 1500);
  EXPECT_DOUBLE_EQ(in_units("0.16ms"), 160);
  EXPECT_DOUBLE_EQ(in_units("12 us"), 12);
  EXPECT_DOUBLE_EQ(in_units("3.0GB/s"), 3);
  EXPECT_DOUBLE_EQ(in_units("91.2 Gbps"), 11.4);
  EXPECT_DOUBLE_EQ(in_units("11.4 GBps"), 11.4);
}

TEST(ReadQuantity, ReadsADecimalCommaWhereTheColumnHasOne) {
  EXPECT_DOUBLE_EQ(in_units("1,024", {.decimal_comma = true}), 1.024);
  EXPECT_DOUBLE_EQ(in_units("1.024", {.decimal_comma = true}), 1024);
  EXPECT_TRUE(has_decimal_comma("12,25"));
  EXPECT_TRUE(has_decimal_comma("0,125"));
  EXPECT_FALSE(has_decimal_comma("1,024"));
  EXPECT_FALSE(has_decimal_comma("1,024.5"));
}

TEST(ReadQuantity, RefusesWhatIsNoSingleNumber) {
  for (const char* cell : {"", "-", "n/a", "nan", "OOM", "8n (64)", "12 of 13", "1.5x", "3 apples", "1.2.3", "4%"}) {
    EXPECT_FALSE(read_quantity(cell, {})) << cell;
  }
}

TEST(ReadQuantity, KeepsHowFinelyANumberIsPrinted) {
  EXPECT_DOUBLE_EQ(read_quantity("1,024.5", {})->number.half_step, 0.05);
  EXPECT_DOUBLE_EQ(read_quantity("2^20", {})->number.half_step, 0);
}

TEST(UnitOfWord, TellsBitsFromBytesWhereTheWordDoes) {
  EXPECT_DOUBLE_EQ(unit_of_word("Gb/s")->factor, 0.125);
  EXPECT_DOUBLE_EQ(unit_of_word("GB/s")->factor, 1);
  EXPECT_DOUBLE_EQ(unit_of_word("gbps")->factor, 1);
  EXPECT_DOUBLE_EQ(unit_of_word("gbps")->other, 0.125);
  EXPECT_DOUBLE_EQ(unit_of_word("GiB/s")->other, 0);
  EXPECT_FALSE(unit_of_word("apples"));
}

}  // namespace
}  // namespace hockney::import
