#include "base/error.hpp"

#include <gtest/gtest.h>
#include <string>

namespace hockney::inline base {
namespace {

TEST(Failure, NamesWhereItWasThrown) {
  const std::string text = Failure("disk full").what();
  EXPECT_NE(text.find("disk full"), std::string::npos);
  EXPECT_NE(text.find("error_test.cpp"), std::string::npos);
}

TEST(InputError, IsItsMessage) { EXPECT_STREQ(InputError("a.toml:3: what").what(), "a.toml:3: what"); }

}  // namespace
}  // namespace hockney::inline base
