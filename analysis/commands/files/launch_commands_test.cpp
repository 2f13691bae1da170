#include <CLI/CLI.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.hpp"
#include "commands/commands.hpp"
#include "store/example_launch.hpp"
#include "store/launch_reader.hpp"
#include "store/launch_writer.hpp"

namespace hockney::commands {
namespace {
namespace fs = std::filesystem;

/// What `hockney ARGUMENTS` prints.
std::string output_of(std::vector<std::string> arguments) {
  CLI::App app;
  app.require_subcommand(1);
  add_show(app);
  add_repair(app);
  add_merge(app);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants a vector
  testing::internal::CaptureStdout();
  try {
    app.parse(arguments);
  } catch (...) {
    testing::internal::GetCapturedStdout();
    throw;
  }
  return testing::internal::GetCapturedStdout();
}

class LaunchCommands : public testing::Test {
 protected:
  /// Two passes of one point: 60 samples of 3 us, 60 samples of 5 us, on 4 ranks with 1 MiB.
  fs::path write_launch(bool finish) {
    const Launch launch = store::example_launch();
    store::LaunchWriter writer(folder_.path(), launch.info, launch.provenance, launch.placements, launch.skipped);
    Measurement visit = store::example_visit(0, 4, 60);
    visit.point.payload = mebibytes(1);
    visit.point.become(Operation::all_reduce);
    visit.clock_step_s = 0;
    name_ = visit.point.name();
    run_uuid_ = launch.info.run_uuid;
    for (const double time : {3e-6, 5e-6}) {
      std::fill(visit.elapsed.begin(), visit.elapsed.end(), time);
      writer.append(visit);
      ++visit.pass;
    }
    return finish ? writer.finish() : writer.part_file();
  }

  store::TemporaryFolder folder_;
  std::string name_;
  std::string run_uuid_;
};

TEST_F(LaunchCommands, ShowPrintsHeaderAndOneRowOverAllPasses) {
  write_launch(true);
  const std::string text = output_of({"show", folder_.path()});
  EXPECT_NE(text.find("launch " + run_uuid_.substr(0, 8) + ": campaign"), std::string::npos) << text;
  EXPECT_NE(text.find("4 ranks on 2 nodes, transport scripted"), std::string::npos) << text;
  EXPECT_NE(text.find("SIMULATED"), std::string::npos) << text;
  EXPECT_NE(text.find("payload is no multiple of 3 ranks"), std::string::npos) << text;
  EXPECT_EQ(text.find("env.NCCL_ALGO"), std::string::npos) << text;
  // median of both passes 4 us: 1 MiB / 4 us = 262.1 GB/s, and 2 * 3/4 of it on the wire
  const auto row = text.find("1 MiB  " + run_uuid_.substr(0, 8));
  ASSERT_NE(row, std::string::npos) << text;
  std::istringstream cells(text.substr(row));
  std::string payload, unit, id, median, low, high, fastest, p99, algbw, busbw, samples, stop, flags;
  cells >> payload >> unit >> id >> median >> low >> high >> fastest >> p99 >> algbw >> busbw >> samples >> stop >>
      flags;
  EXPECT_EQ(median, "4");
  EXPECT_EQ(fastest, "4");
  EXPECT_EQ(p99, "5");
  EXPECT_EQ(algbw, "262.1");
  EXPECT_EQ(busbw, "393.2");
  EXPECT_EQ(samples, "120");
  EXPECT_EQ(stop, "time");
  EXPECT_EQ(flags, "simulated,drifting");
}

TEST_F(LaunchCommands, ShowTellsWhatRanAndTheStateOfTheGpus) {
  const std::string text = output_of({"show", write_launch(true)});
  for (const char* part : {"NVLSTree", "Simple", "NET/IB/GDRDMA,P2P/CUMEM", "NCCL_ALGO=allreduce:nvlstree",
                           "0x24 THROTTLED", "1980", "67.5", "its median us"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
  const auto json = nlohmann::json::parse(output_of({"show", folder_.path(), "--json"}))["points"][0];
  EXPECT_EQ(json["ran_algorithm"], "NVLSTree");
  EXPECT_EQ(json["ran_channels"], 24);
  EXPECT_EQ(json["ran_estimate_s"], 1.5e-5);
  EXPECT_EQ(json["sm_clock_after_mhz"], 1755);
  EXPECT_EQ(json["slowest_group"], 0);
}

TEST_F(LaunchCommands, ShowSaysNothingOfWhatIsNotKnown) {
  const Launch launch = store::example_launch();
  store::LaunchWriter writer(folder_.path(), launch.info, launch.provenance, launch.placements, launch.skipped);
  Measurement visit = store::example_visit(0, 4, 60);
  visit.observation = {};
  visit.before = {};
  visit.after = {};
  visit.point.group.concurrent = 1;
  writer.append(visit);
  const std::string text = output_of({"show", writer.finish()});
  for (const char* part : {"what ran", "GPU state", "slowest"}) {
    EXPECT_EQ(text.find(part), std::string::npos) << part << " in\n" << text;
  }
}

TEST_F(LaunchCommands, ShowTellsAnUnfinishedLaunchAndItsProvenance) {
  const std::string text = output_of({"show", write_launch(false), "--provenance"});
  EXPECT_NE(text.find("NOT FINISHED"), std::string::npos) << text;
  EXPECT_NE(text.find("env.NCCL_ALGO = Ring"), std::string::npos) << text;
  EXPECT_NE(text.find("GPU-1234"), std::string::npos) << text;
}

TEST_F(LaunchCommands, ShowPrintsTheSameNumbersAsJsonAndCsv) {
  const fs::path file = write_launch(true);
  const auto json = nlohmann::json::parse(output_of({"show", file, "--json"}));
  ASSERT_EQ(json["points"].size(), 1U);
  EXPECT_EQ(json["points"][0]["name"], name_);
  const double median_s = json["points"][0]["t_median_s"];
  EXPECT_DOUBLE_EQ(median_s, 4e-6);
  EXPECT_EQ(json["points"][0]["passes"], 2);
  EXPECT_EQ(json["launches"][0]["run_uuid"], run_uuid_);
  const std::string csv = output_of({"show", file, "--csv"});
  EXPECT_TRUE(csv.starts_with("name,payload_bytes,run_uuid,passes,t_median_s,ci_lo_s,ci_hi_s,")) << csv;
  EXPECT_NE(csv.find("\n" + name_ + ",1048576," + run_uuid_ + ",2,4"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",120,time,,NCCL_ALGO:Ring,\"simulated,drifting\",1,,,"), std::string::npos) << csv;
  EXPECT_TRUE(output_of({"show", file, "--csv=skipped"}).starts_with("run_uuid,name,reason\n" + run_uuid_));
  EXPECT_THROW(output_of({"show", file, "--csv=point"}), InputError);
}

TEST_F(LaunchCommands, ShowSaysWhatTheNextLaunchMayMeasureOnceThereAreTwo) {
  const fs::path file = write_launch(true);
  EXPECT_NE(output_of({"show", file}).find("one launch: how far another start differs is not known\n"),
            std::string::npos);
  write_launch(true);
  const std::string text = output_of({"show", folder_.path()});
  EXPECT_EQ(text.find("one launch"), std::string::npos) << text;
  EXPECT_NE(text.find("over launches  launches  median us  next launch, 95 % low us  95 % high us\n"
                      "        1 MiB         2          4"),
            std::string::npos)
      << text;
  const auto json = nlohmann::json::parse(output_of({"show", folder_.path(), "--json"}));
  EXPECT_EQ(json["over_launches"].size(), 1U);
  for (const auto& rows : {json["over_launches"], json["points"]}) {
    EXPECT_EQ(rows[0]["launches"], 2);
    EXPECT_DOUBLE_EQ(rows[0]["next_launch_lo_s"], 4e-6);  // equal medians: no scatter
    EXPECT_DOUBLE_EQ(rows[0]["next_launch_hi_s"], 4e-6);
  }
}

TEST_F(LaunchCommands, ShowPrintsEverySampleOfAPoint) {
  const fs::path file = write_launch(true);
  const std::string text = output_of({"show", file, "--samples", name_});
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1 + 2 * 60 * 4);
  EXPECT_NE(text.find(run_uuid_ + ",1,59,3,5e-06\n"), std::string::npos);
  EXPECT_THROW(output_of({"show", file, "--samples", "no such point"}), InputError);
}

TEST_F(LaunchCommands, RepairAndMergeWriteFilesThatShowReads) {
  const fs::path part = write_launch(false);
  const fs::path out = folder_.path() / "other" / "campaign.h5";
  EXPECT_THROW(output_of({"merge", part, "--out", out}), InputError);  // no such folder
  const std::string repaired = output_of({"repair", part});
  EXPECT_NE(repaired.find("recovered 2 points with 120 samples into"), std::string::npos) << repaired;
  write_launch(true);
  fs::create_directory(out.parent_path());
  EXPECT_EQ(output_of({"merge", folder_.path(), "--out", out}), out.string() + ": 2 launches with 4 points\n");
  EXPECT_EQ(store::read_campaign(std::vector{out}).size(), 2U);
  const fs::path again = folder_.path() / "again.h5";
  EXPECT_EQ(output_of({"merge", out, "--out", again, "--csv"}), "file,launches,points\n" + again.string() + ",2,4\n");
}

TEST_F(LaunchCommands, RefuseWhatCannotBeRead) {
  EXPECT_THROW(output_of({"show"}), InputError);
  EXPECT_THROW(output_of({"show", folder_.path()}), InputError);
  EXPECT_THROW(output_of({"show", folder_.path() / "missing.h5"}), InputError);
  EXPECT_THROW(output_of({"repair", folder_.path() / "missing.h5.part"}), InputError);
  EXPECT_THROW(output_of({"show", "x.h5", "--csv", "--json"}), CLI::ParseError);
}

}  // namespace
}  // namespace hockney::commands
