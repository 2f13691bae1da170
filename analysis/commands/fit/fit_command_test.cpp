#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "commands/commands.hpp"
#include "cost/cost_model.hpp"
#include "fit/simulated_machine.hpp"
#include "fit/text_matching.hpp"
#include "store/example_launch.hpp"
#include "store/launch_writer.hpp"

namespace hockney::commands {
namespace {
namespace fs = std::filesystem;

/// What `hockney fit ARGUMENTS` prints, or refuses with.
std::string output_of(std::vector<std::string> arguments) {
  CLI::App app;
  add_fit(app);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants a vector
  testing::internal::CaptureStdout();
  try {
    app.parse(arguments);
  } catch (const InputError& error) {
    testing::internal::GetCapturedStdout();
    return error.what();
  }
  return testing::internal::GetCapturedStdout();
}

fs::path write_launch(const fs::path& folder, Flags flags) {
  fit::SimulatedMachine machine{.samples = 10, .payloads = fit::SimulatedMachine::octaves(10, 16)};
  machine.flags = flags;
  const Launch launch = machine.run(1);
  store::LaunchWriter writer(folder, launch.info, {}, {}, {});
  for (const Measurement& visit : launch.measurements) {
    writer.append(visit);
  }
  return writer.finish();
}

TEST(FitCommand, FitsPointsWithoutANetworkOnlyWhenTheyAreIncluded) {
  const store::TemporaryFolder folder;
  const fs::path file = write_launch(folder.path(), cost::no_network_constant);
  EXPECT_TRUE(fit::holds_text(output_of({"fit", file}), "holds points flagged shared_gpu,emulated"));
  EXPECT_TRUE(fit::holds_text(output_of({"fit", file, "--include", "emulated"}), "holds points flagged shared_gpu,"));
  const std::string text = output_of({"fit", "--include", "emulated,shared_gpu", file});
  EXPECT_TRUE(fit::holds_text(text, "EMULATED: "));
  EXPECT_TRUE(fit::holds_text(text, "SHARED GPU: "));
  const std::string json = output_of({"fit", "--include", "shared_gpu", "--include", "emulated", "--json", file});
  EXPECT_TRUE(fit::holds_text(json, "\"shared_gpu\",\n        \"emulated\""));
}

TEST(FitCommand, TheScoreboardHasItsKeys) {
  const store::TemporaryFolder folder;
  const fs::path file = write_launch(folder.path(), {});
  const auto json = nlohmann::json::parse(output_of({"fit", "--scoreboard", "--min-sizes", "5", "--json", file}));
  EXPECT_EQ(json.at("curves"), 1);
  EXPECT_EQ(json.at("segments_mean"), 1.0);
  for (const char* method : {"piecewise", "weighted_line", "least_squares"}) {
    EXPECT_GT(json.at("in_sample").at(method).at("median_percent"), 0.0) << method;
    EXPECT_GT(json.at("leave_one_out").at(method).at("p95_percent"), 0.0) << method;
  }
  EXPECT_GT(json.at("leave_one_out").at("log_log").at("p95_percent"), 0.0);
  const std::string text = output_of({"fit", "--scoreboard", "--min-sizes", "5", file});
  EXPECT_TRUE(fit::holds_text(text, "log-log interpolation"));
  const std::string name = json.at("by_curve").at(0).at("name");
  const auto at = text.find("\n" + name + " [");
  ASSERT_NE(at, std::string::npos) << text;
  const std::string row = text.substr(text.find('\n', at + 1) + 1);
  EXPECT_TRUE(
      row.substr(0, row.find('\n')).find(fmt::format("{:>5}  ", json.at("by_curve").at(0).at("sizes").get<int>())) == 0)
      << row;
  EXPECT_TRUE(fit::holds_text(output_of({"fit", "--scoreboard", file}), "nothing to score: no out-of-place curve"));
}

TEST(FitCommand, HoldsOffGridSizesOutWhenAsked) {
  const store::TemporaryFolder folder;
  fit::SimulatedMachine machine{.samples = 10, .payloads = fit::SimulatedMachine::octaves(10, 20)};
  machine.payloads.push_back({3000});
  machine.payloads.push_back({100000});
  const Launch launch = machine.run(1);
  store::LaunchWriter writer(folder.path(), launch.info, {}, {}, {});
  for (const Measurement& visit : launch.measurements) {
    writer.append(visit);
  }
  const fs::path file = writer.finish();
  EXPECT_FALSE(fit::holds_text(output_of({"fit", file}), "off-grid"));
  EXPECT_TRUE(fit::holds_text(output_of({"fit", "--hold-out", "off-grid", file}), "off-grid sizes held out "));
  const auto json = nlohmann::json::parse(output_of({"fit", "--hold-out", "off-grid", "--json", file}));
  EXPECT_EQ(json.at("curves").at(0).at("points").size(), 11U);
  EXPECT_EQ(json.at("curves").at(0).at("validation").at("off_grid").at("count"), 2);
}

TEST(FitCommand, RefusesToIncludeOtherFlags) {
  const store::TemporaryFolder folder;
  const fs::path file = write_launch(folder.path(), {});
  for (const char* flag : {"wrong_result", "emulatd", ""}) {
    EXPECT_EQ(output_of({"fit", file, "--include", flag}),
              fmt::format("--include '{}': expected shared_gpu,emulated", flag));
  }
}

}  // namespace
}  // namespace hockney::commands
