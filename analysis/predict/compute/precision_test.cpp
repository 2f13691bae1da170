#include "predict/compute/precision.hpp"

#include <gtest/gtest.h>

namespace hockney::predict {
namespace {

TEST(Precision, OperandsHoldTheirScales) {
  EXPECT_EQ(operand_bytes(Precision::bf16), 2);
  EXPECT_EQ(operand_bytes(Precision::fp8_rowwise), 1);
  EXPECT_EQ(operand_bytes(Precision::mxfp8), 33.0 / 32);
  EXPECT_EQ(operand_bytes(Precision::nvfp4), 9.0 / 16);
}

TEST(Precision, OnlyNarrowOperandsAreConverted) {
  EXPECT_EQ(quantise_bytes(Precision::fp16), 0);
  EXPECT_EQ(quantise_bytes(Precision::fp8), 4);
  EXPECT_LT(quantise_bytes(Precision::nvfp4), quantise_bytes(Precision::mxfp8));
}

TEST(Precision, IsReadByTheWordsOfTables) {
  EXPECT_EQ(parse_name<Precision>("fp8 tensorwise"), Precision::fp8_tensorwise);
  EXPECT_ANY_THROW(parse_name<Precision>("fp7"));
}

}  // namespace
}  // namespace hockney::predict
