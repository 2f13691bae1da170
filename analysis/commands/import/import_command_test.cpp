#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.hpp"
#include "commands/commands.hpp"
#include "store/example_launch.hpp"
#include "store/launch_reader.hpp"

namespace hockney::commands {
namespace {
namespace fs = std::filesystem;

class ImportCommand : public testing::Test {
 protected:
  /// What `hockney ARGUMENTS` prints; `refusal_` is what it throws, or empty.
  std::string output_of(std::vector<std::string> arguments) {
    CLI::App app;
    app.require_subcommand(1);
    app.set_version_flag("--version", "test");
    add_import(app);
    add_show(app);
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants a vector
    refusal_.clear();
    testing::internal::CaptureStdout();
    try {
      app.parse(arguments);
    } catch (const InputError& error) {
      refusal_ = error.what();
    }
    return testing::internal::GetCapturedStdout();
  }

  std::string file(const std::string& name, const std::string& text) {
    const fs::path path = folder_.path() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

  std::vector<Launch> imported() const { return store::read_campaign(std::vector{fs::path(out_)}); }

  /// A table of made-up times.
  static std::string table(double time_us) {
    return "size(B),time(us)\n1024," + std::to_string(time_us) + "\n2048," + std::to_string(2 * time_us) + "\n";
  }

  store::TemporaryFolder folder_;
  std::string out_ = (folder_.path() / "out").string();
  std::string refusal_;
};

TEST_F(ImportCommand, AutoReadsWhatItCanAndRefusesTheRestByLine) {
  const std::string text =
      "# OSU MPI Allreduce Latency Test v7.4\n# Size       Avg Latency(us)\n4   1.00\n0   1.0\nx\n3 4 y\n";
  const auto out = nlohmann::json::parse(
      output_of({"import", "auto", file("allreduce.csv", table(3)), file("osu.txt", text), file("empty", ""),
                 file("binary", std::string("\0\1", 2)), folder_.path().string(), (folder_.path() / "missing").string(),
                 "--ranks", "4", "--nodes", "1", "--out", out_, "--json"}));
  EXPECT_EQ(refusal_, "");
  EXPECT_EQ(out["files"][0]["format"], "csv");
  EXPECT_EQ(out["files"][1]["format"], "osu");
  EXPECT_EQ(out["files"][2]["refusal"], "empty file");
  EXPECT_EQ(out["files"][3]["refusal"], "binary data (it has NUL bytes)");
  EXPECT_EQ(out["files"][4]["refusal"], "no regular file");
  EXPECT_EQ(out["files"][5]["refusal"], "no such file");
  const auto& sum = out["totals"];
  EXPECT_EQ(sum["files_refused"], 4);
  EXPECT_EQ(sum["tables_used"], 2);
  EXPECT_EQ(sum["data_lines"].get<int>(),
            sum["used"].get<int>() + sum["size_zero"].get<int>() + sum["refused"].get<int>());
  EXPECT_EQ(imported().size(), 2U);
}

TEST_F(ImportCommand, ShowsTheTextOfALaunch) {
  const std::string text = "made-up numbers:\r\n" + table(3);
  output_of({"import", "csv", file("allreduce.csv", text), "--ranks", "4", "--nodes", "1", "--out", out_});
  ASSERT_EQ(refusal_, "");
  EXPECT_EQ(output_of({"show", "--raw", out_}), text);
  EXPECT_EQ(imported().at(0).provenance.at("import.raw_text"), "the whole file");
}

TEST_F(ImportCommand, NeverStoresAnEnvironment) {
  const std::string text =
      R"({"env": ["HOME=/home/made-up"], "args": ["all_reduce_perf"], "results": [{"size": 1048576, "count": 262144,
      "type": "float", "redop": "sum", "out_of_place": {"time": 50.0, "alg_bw": 20.97152, "bus_bw": 31.45728}}]})";
  output_of({"import", "auto", file("a.json", text), "--nodes", "1", "--out", out_});
  ASSERT_EQ(refusal_, "");
  const std::string kept = output_of({"show", "--raw", out_});
  EXPECT_EQ(kept.find("/home/made-up"), std::string::npos);
  EXPECT_NE(kept.find("20.97152"), std::string::npos);
  EXPECT_NE(imported().at(0).provenance.at("import.raw_text").find("removed: 1"), std::string::npos);
}

TEST_F(ImportCommand, KeepsLogsApartUnlessTheUserNamesTheMachine) {
  const std::vector<std::string> logs{file("allreduce_1.csv", table(3)), file("allreduce_2.csv", table(4))};
  output_of({"import", "auto", logs[0], logs[1], "--ranks", "4", "--nodes", "1", "--out", out_});
  std::set<std::string> machines;
  for (const Launch& launch : imported()) {
    machines.insert(launch.info.machine);
  }
  EXPECT_EQ(machines.size(), 2U);
  const std::string other = out_ + "2";
  output_of({"import", "auto", logs[0], logs[1], "--ranks", "4", "--nodes", "1", "--machine", "mine", "--out", other});
  for (const Launch& launch : store::read_campaign(std::vector{fs::path(other)})) {
    EXPECT_EQ(launch.info.machine, "mine");
  }
}

TEST_F(ImportCommand, ImportsATableOnce) {
  const std::vector<std::string> arguments{
      "import", "auto", file("allreduce.csv", table(3)), "--ranks", "4", "--nodes", "1", "--out", out_};
  output_of(arguments);
  ASSERT_EQ(refusal_, "");
  EXPECT_NE(output_of(arguments).find("imported before"), std::string::npos);
  EXPECT_NE(refusal_, "");
  EXPECT_EQ(imported().size(), 1U);
}

TEST_F(ImportCommand, ALogWithoutItsNodesIsKeptAndSaysWhatItIsGoodFor) {
  const std::string log = file("allreduce.csv", table(3));
  const std::string report = output_of({"import", "auto", log, "--ranks", "16", "--out", out_});
  EXPECT_NE(report.find("16 ranks, placement unknown"), std::string::npos) << report;
  EXPECT_NE(report.find("nodes unknown: usable for fit and show; give --nodes for predict"), std::string::npos);
  const Launch launch = imported().at(0);
  EXPECT_EQ(launch.info.nodes, 0U);
  EXPECT_TRUE(launch.measurements.at(0).flags.has(Flag::placement_unknown));
  EXPECT_FALSE(launch.measurements.at(0).point.group.is_placed());
  EXPECT_NE(output_of({"show", out_}).find("16 ranks, nodes unknown"), std::string::npos);
}

TEST_F(ImportCommand, ALogImportedAgainWithItsNodesTakesThePlaceOfTheOneWithout) {
  const std::string log = file("allreduce.csv", table(3));
  output_of({"import", "auto", log, "--ranks", "16", "--out", out_});
  output_of({"import", "auto", log, "--ranks", "16", "--nodes", "2", "--out", out_});
  EXPECT_EQ(refusal_, "");
  ASSERT_EQ(imported().size(), 1U);
  EXPECT_EQ(imported()[0].measurements.at(0).point.group.nodes(), 2U);
  EXPECT_FALSE(imported()[0].measurements[0].flags.has(Flag::placement_unknown));
  output_of({"import", "auto", log, "--ranks", "16", "--out", out_});
  EXPECT_NE(refusal_.find("imported before"), std::string::npos) << "what is known stays";
}

TEST_F(ImportCommand, OneRankAloneIsRefused) {
  output_of({"import", "auto", file("allreduce.csv", table(3)), "--ranks", "1", "--out", out_});
  EXPECT_NE(refusal_.find("one rank"), std::string::npos) << refusal_;
}

TEST_F(ImportCommand, NamesTheFormatThatAFileIsIn) {
  output_of({"import", "csv", file("x.txt", "# OSU MPI Latency Test v7.4\n"), "--out", out_});
  EXPECT_NE(refusal_.find("looks like osu"), std::string::npos) << refusal_;
  EXPECT_FALSE(fs::exists(out_));
  output_of({"import", "auto", file("y.csv", table(3)), "--fabric", "nvswich", "--out", out_});
  EXPECT_NE(refusal_.find("nvswitch"), std::string::npos);
}

}  // namespace
}  // namespace hockney::commands
