#include "base/text_table.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace hockney::inline base {
namespace {

TEST(TextTable, AlignsColumns) {
  TextTable table({{"name", Align::left}, {"α, us"}, {"n", Align::right, 3}});
  table.add({"a", "1.25", "8"});
  table.add({"longer", "12.5", "16"});
  EXPECT_EQ(table.print(),
            "name    α, us    n\n"
            "a        1.25    8\n"
            "longer   12.5   16\n");
  EXPECT_EQ(table.heading_line(), "name  α, us    n");
  EXPECT_EQ(table.line({"a", "1.25", "8"}), "a      1.25    8");
}

TEST(TextTable, HasNoTrailingBlanksAndRefusesRaggedRows) {
  TextTable table({{"a", Align::left}, {"remark", Align::left}});
  table.add({"1", ""});
  EXPECT_EQ(table.print(), "a  remark\n1\n");
  EXPECT_THROW(table.add({"1"}), Failure);
}

}  // namespace
}  // namespace hockney::inline base
