#include "launch_setting.hpp"

#include <cstdlib>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace hockney::bench {
namespace {

std::string refusal_of(const std::string& text) {
  try {
    parse_launch_setting(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

TEST(LaunchSetting, IsANameAndAValue) {
  const LaunchSetting setting = parse_launch_setting("NCCL_ALGO=allreduce:ring;allgather:^nvls");
  EXPECT_EQ(setting.name, "NCCL_ALGO");
  EXPECT_EQ(setting.value, "allreduce:ring;allgather:^nvls");
}

TEST(LaunchSetting, IsRefusedWhereNothingWouldTellIt) {
  for (const char* text : {"NCCL_NVLS_ENABLE", "NCCL_NVLS_ENABLE=", "LD_PRELOAD=a.so", "=1", ""}) {
    EXPECT_NE(refusal_of(text).find("expected NCCL_NAME=VALUE"), std::string::npos) << text;
  }
  EXPECT_NE(refusal_of("NCCL_DEBUG=INFO").find("does not change how NCCL communicates"), std::string::npos);
}

TEST(LaunchSetting, HoldsOverWhatTheLauncherGave) {
  ::setenv("NCCL_HOCKNEY_TEST", "before", 1);
  apply({{"NCCL_HOCKNEY_TEST", "4"}});
  EXPECT_STREQ(std::getenv("NCCL_HOCKNEY_TEST"), "4");
  ::unsetenv("NCCL_HOCKNEY_TEST");
}

}  // namespace
}  // namespace hockney::bench
