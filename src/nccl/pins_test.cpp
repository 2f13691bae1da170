#include "nccl/pins.hpp"

#include <cstdlib>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "nccl/error.hpp"

namespace hockney::nccl {
namespace {

constexpr int v22 = 22203;
constexpr int v23 = 22304;
constexpr int v24 = 22403;
constexpr int v28 = 22809;
constexpr int v30 = 23004;

std::string refusal(int version, Operation operation, const std::string& algorithm, const std::string& protocol) {
  try {
    pin_settings(version, operation, algorithm, protocol);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Pins, EmptyPinsSetNothing) {
  EXPECT_TRUE(pin_settings(v28, Operation::all_reduce, "", "").empty());
  EXPECT_TRUE(pin_settings(v28, Operation::all_to_all, "", "").empty());
}

TEST(Pins, OneListForAllFunctionsBefore224) {
  for (const int version : {v22, v23}) {
    EXPECT_EQ(to_text(pin_settings(version, Operation::all_reduce, "ring", "ll128")),
              "NCCL_ALGO=ring NCCL_PROTO=ll128");
  }
}

TEST(Pins, AListPerFunctionFrom224On) {
  for (const int version : {v24, v28, v30}) {
    EXPECT_EQ(to_text(pin_settings(version, Operation::all_reduce, "nvlstree", "simple")),
              "NCCL_ALGO=allreduce:nvlstree NCCL_PROTO=allreduce:simple");
    EXPECT_EQ(to_text(pin_settings(version, Operation::all_gather, "pat", "")), "NCCL_ALGO=allgather:pat");
    EXPECT_EQ(to_text(pin_settings(version, Operation::reduce_scatter, "", "ll")), "NCCL_PROTO=reducescatter:ll");
    EXPECT_EQ(to_text(pin_settings(version, Operation::broadcast, "ring", "")), "NCCL_ALGO=broadcast:ring");
    EXPECT_EQ(to_text(pin_settings(version, Operation::reduce, "ring", "")), "NCCL_ALGO=reduce:ring");
  }
}

TEST(Pins, UnknownNamesAreRefusedWithTheNearest) {
  EXPECT_NE(refusal(v28, Operation::all_reduce, "rink", "").find("did you mean 'ring'"), std::string::npos);
  EXPECT_NE(refusal(v28, Operation::all_reduce, "", "ll129").find("did you mean 'll128'"), std::string::npos);
  EXPECT_NE(refusal(v28, Operation::all_reduce, "Ring", "").find("did you mean 'ring'"), std::string::npos);
}

TEST(Pins, PatComesWith223) {
  const std::string text = refusal(v22, Operation::all_gather, "pat", "");
  EXPECT_NE(text.find("NCCL 2.22.3"), std::string::npos) << text;
  EXPECT_EQ(text.find(", pat"), std::string::npos) << text;
  EXPECT_TRUE(refusal(v23, Operation::all_gather, "pat", "").empty());
}

TEST(Pins, AnAlgorithmThatTheOperationLacksIsRefused) {
  EXPECT_NE(refusal(v28, Operation::all_gather, "tree", "").find("no tree for all_gather"), std::string::npos);
  EXPECT_NE(refusal(v28, Operation::all_reduce, "pat", "").find("no pat for all_reduce"), std::string::npos);
  EXPECT_NE(refusal(v28, Operation::broadcast, "tree", "").find("expected one of: ring"), std::string::npos);
  EXPECT_NE(refusal(v28, Operation::reduce, "nvls", "").find("expected one of: ring"), std::string::npos);
  EXPECT_EQ(refusal(v22, Operation::all_gather, "tree", "").find("pat"), std::string::npos);
}

TEST(Pins, LowLatencyProtocolsBelongToRingAndTree) {
  EXPECT_NE(refusal(v28, Operation::all_reduce, "nvls", "ll").find("expected simple"), std::string::npos);
  EXPECT_NE(refusal(v28, Operation::all_gather, "pat", "ll128").find("expected simple"), std::string::npos);
  EXPECT_TRUE(refusal(v28, Operation::all_reduce, "tree", "ll").empty());
  EXPECT_TRUE(refusal(v28, Operation::all_reduce, "nvls", "simple").empty());
}

TEST(Pins, OperationsMadeOfSendsCannotBePinned) {
  for (const Operation operation : {Operation::all_to_all, Operation::all_to_all_v, Operation::gather,
                                    Operation::scatter, Operation::ping_pong, Operation::pipeline_forward}) {
    EXPECT_NE(refusal(v28, operation, "ring", "").find("sends"), std::string::npos) << name_of(operation);
    EXPECT_NE(refusal(v28, operation, "", "ll").find("sends"), std::string::npos) << name_of(operation);
  }
}

TEST(ScopedSettings, RestoreWhatWasThere) {
  ::setenv("HOCKNEY_TEST_SET", "before", 1);
  ::unsetenv("HOCKNEY_TEST_UNSET");
  {
    const ScopedSettings outer({{"HOCKNEY_TEST_SET", "outer"}, {"HOCKNEY_TEST_UNSET", "outer"}});
    const ScopedSettings twice({{"HOCKNEY_TEST_SET", "first"}, {"HOCKNEY_TEST_SET", "second"}});
    EXPECT_STREQ(std::getenv("HOCKNEY_TEST_SET"), "second");
    EXPECT_STREQ(std::getenv("HOCKNEY_TEST_UNSET"), "outer");
  }
  EXPECT_STREQ(std::getenv("HOCKNEY_TEST_SET"), "before");
  EXPECT_EQ(std::getenv("HOCKNEY_TEST_UNSET"), nullptr);
}

TEST(ForceNetwork, LeavesNoWayButTheNetwork) {
  const std::string text = to_text(force_network_settings());
  for (const char* setting : {"NCCL_P2P_DISABLE=1", "NCCL_SHM_DISABLE=1", "NCCL_NVLS_ENABLE=0", "NCCL_MNNVL_ENABLE=0",
                              "NCCL_NET_DISABLE_INTRA=0"}) {
    EXPECT_NE(text.find(setting), std::string::npos) << setting;
  }
}

TEST(Version, IsWrittenAsNvidiaDoes) {
  EXPECT_EQ(to_text(22809), "2.28.9");
  EXPECT_EQ(to_text(22200), "2.22.0");
  EXPECT_EQ(to_text(23004), "2.30.4");
  EXPECT_EQ(to_text(2708), "2.7.8");
}

TEST(Version, OfTheLoadedLibraryIsNewEnough) { EXPECT_GE(version(), floor_version); }

TEST(Check, AnErrorTellsCodeAndPlace) {
  try {
    check(ncclSystemError);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_EQ(error.code(), ncclSystemError);
    EXPECT_EQ(text.find("pins_test.cpp:"), 0U) << text;
    EXPECT_NE(text.find(": ncclSystemError: "), std::string::npos) << text;
  }
  EXPECT_NO_THROW(check(ncclInProgress));
}

}  // namespace
}  // namespace hockney::nccl
