#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/shipped.hpp"
#include "store/example_launch.hpp"
#include "store/hdf5/hdf5.hpp"
#include "store/launch_reader.hpp"
#include "store/launch_writer.hpp"
#include "store/rewrite.hpp"
#include "store/schema.hpp"
#include "store/write_launch.hpp"

namespace hockney::store {
namespace {
namespace fs = std::filesystem;

void expect_equal(const DeviceState& a, const DeviceState& b) {
  EXPECT_EQ(a.sm_clock_mhz, b.sm_clock_mhz);
  EXPECT_EQ(a.memory_clock_mhz, b.memory_clock_mhz);
  EXPECT_EQ(a.temperature_celsius, b.temperature_celsius);
  EXPECT_EQ(a.power_watt, b.power_watt);
  EXPECT_EQ(a.throttle_reasons, b.throttle_reasons);
}

void expect_equal(const Measurement& a, const Measurement& b) {
  EXPECT_EQ(a.point, b.point);
  EXPECT_EQ(a.point_id, b.point_id);
  EXPECT_EQ(a.pass, b.pass);
  EXPECT_EQ(a.observed, b.observed);
  EXPECT_EQ(a.rank_columns, b.rank_columns);
  EXPECT_EQ(a.elapsed, b.elapsed);
  EXPECT_EQ(a.statistic, b.statistic);
  EXPECT_EQ(a.iterations_averaged, b.iterations_averaged);
  EXPECT_EQ(a.discarded, b.discarded);
  EXPECT_EQ(a.stop, b.stop);
  EXPECT_EQ(a.verification, b.verification);
  EXPECT_EQ(a.flags, b.flags);
  EXPECT_EQ(a.started_utc_ns, b.started_utc_ns);
  EXPECT_EQ(a.clock_step_s, b.clock_step_s);
  EXPECT_EQ(a.clock_floor_s, b.clock_floor_s);
  EXPECT_EQ(a.enqueue_s, b.enqueue_s);
  EXPECT_EQ(a.host_s, b.host_s);
  EXPECT_EQ(a.observation.algorithm, b.observation.algorithm);
  EXPECT_EQ(a.observation.protocol, b.observation.protocol);
  EXPECT_EQ(a.observation.channels, b.observation.channels);
  EXPECT_EQ(a.observation.connections, b.observation.connections);
  EXPECT_EQ(a.observation.estimate_s, b.observation.estimate_s);
  EXPECT_EQ(a.observation.settings, b.observation.settings);
  expect_equal(a.before, b.before);
  expect_equal(a.after, b.after);
}

void expect_equal(const LaunchInfo& a, const LaunchInfo& b) {
  EXPECT_EQ(a.run_uuid, b.run_uuid);
  EXPECT_EQ(a.campaign, b.campaign);
  EXPECT_EQ(a.producer, b.producer);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.machine, b.machine);
  EXPECT_EQ(a.argv, b.argv);
  EXPECT_EQ(a.plan_text, b.plan_text);
  EXPECT_EQ(a.seed, b.seed);
  EXPECT_EQ(a.ranks, b.ranks);
  EXPECT_EQ(a.nodes, b.nodes);
  EXPECT_EQ(a.started_utc_ns, b.started_utc_ns);
}

void expect_equal(const Launch& a, const Launch& b) {
  expect_equal(a.info, b.info);
  EXPECT_EQ(a.provenance, b.provenance);
  ASSERT_EQ(a.placements.size(), b.placements.size());
  for (std::size_t i = 0; i < a.placements.size(); ++i) {
    EXPECT_EQ(a.placements[i].rank, b.placements[i].rank);
    EXPECT_EQ(a.placements[i].host, b.placements[i].host);
    EXPECT_EQ(a.placements[i].local_rank, b.placements[i].local_rank);
    EXPECT_EQ(a.placements[i].numa_node, b.placements[i].numa_node);
    EXPECT_EQ(a.placements[i].cpus_allowed, b.placements[i].cpus_allowed);
    EXPECT_EQ(a.placements[i].host_cpus, b.placements[i].host_cpus);
    EXPECT_EQ(a.placements[i].gpu, b.placements[i].gpu);
  }
  ASSERT_EQ(a.skipped.size(), b.skipped.size());
  for (std::size_t i = 0; i < a.skipped.size(); ++i) {
    EXPECT_EQ(a.skipped[i].point, b.skipped[i].point);
    EXPECT_EQ(a.skipped[i].reason, b.skipped[i].reason);
  }
  ASSERT_EQ(a.measurements.size(), b.measurements.size());
  for (std::size_t i = 0; i < a.measurements.size(); ++i) {
    expect_equal(a.measurements[i], b.measurements[i]);
  }
}

LaunchWriter writer_for(const fs::path& folder, const Launch& launch) {
  return {folder, launch.info, launch.provenance, launch.placements, launch.skipped};
}

/// Appends `count` visits of group sizes 4, 2, 3, 1, 4, ... to the writer and to `launch`.
void append_visits(LaunchWriter& writer, Launch& launch, std::uint64_t count) {
  constexpr std::array<std::uint32_t, 4> group_sizes{4, 2, 3, 1};
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t seed = launch.measurements.size();
    launch.measurements.push_back(example_visit(seed, group_sizes[seed % group_sizes.size()], 10 + seed));
    writer.append(launch.measurements.back());
  }
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const InputError& error) {
    return error.what();
  }
  return "(accepted)";
}

TEST(LaunchStore, KeepsEveryFieldOfAFinishedLaunch) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  auto writer = writer_for(folder.path() / "new" / "campaign", launch);
  append_visits(writer, launch, 9);
  const fs::path file = writer.finish();

  EXPECT_EQ(file.filename(), launch.info.run_uuid + ".h5");
  EXPECT_FALSE(fs::exists(writer.part_file()));
  const Launch read = read_launch(file);
  expect_equal(read, launch);
  EXPECT_TRUE(read.info.finalised);
  EXPECT_GT(read.info.ended_utc_ns, launch.info.started_utc_ns - 1);
}

TEST(LaunchStore, KeepsTheTextThatALaunchWasImportedFrom) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  launch.measurements = {example_visit(0, 4, 3)};
  std::string text = "# a made-up log\r\n\xE2\x82\xAC\t";
  for (int i = 0; i < 20000; ++i) {
    text += std::to_string(i) + "\n";
  }
  write_launch(folder.path() / "without.h5", launch);
  write_launch(folder.path() / "with.h5", launch, text);
  EXPECT_EQ(read_raw_text(folder.path() / "with.h5"), text);
  EXPECT_LT(fs::file_size(folder.path() / "with.h5"), fs::file_size(folder.path() / "without.h5") + text.size() / 2);
  expect_equal(read_launch(folder.path() / "with.h5"), launch);
}

TEST(LaunchStore, AMeasuredLaunchHasNoImportedText) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  auto writer = writer_for(folder.path(), launch);
  append_visits(writer, launch, 1);
  EXPECT_EQ(read_raw_text(writer.finish()), "");
}

TEST(LaunchStore, KeepsALaunchOfManyBlocksAndOfWideGroups) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  launch.info.ranks = 40;
  auto writer = writer_for(folder.path(), launch);
  for (const auto& [ranks, samples] : {std::pair{40U, 300}, {2U, 20000}, {17U, 1}, {40U, 3000}}) {
    launch.measurements.push_back(example_visit(launch.measurements.size(), ranks, static_cast<std::size_t>(samples)));
    writer.append(launch.measurements.back());
  }
  expect_equal(read_launch(writer.part_file()), launch);
  expect_equal(read_launch(writer.finish()), launch);
}

TEST(LaunchStore, IsReadableWhileItIsWritten) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  auto writer = writer_for(folder.path(), launch);
  expect_equal(read_launch(writer.part_file()), launch);
  append_visits(writer, launch, 3);
  const Launch read = read_launch(writer.part_file());
  expect_equal(read, launch);
  EXPECT_FALSE(read.info.finalised);
  EXPECT_EQ(read.info.ended_utc_ns, 0);
}

TEST(LaunchStore, AppendsSkippedCasesAndCutsLongReasonsBetweenCharacters) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  auto writer = writer_for(folder.path(), launch);
  std::string reason = "x";
  while (reason.size() < 600) {
    reason += "α";
  }
  writer.append(Skipped{launch.skipped.front().point, reason});
  const auto read = read_launch(writer.finish()).skipped;
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[1].reason, reason.substr(0, 509) + "...");
}

TEST(LaunchStore, KeepsALaunchWithoutVisits) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  launch.provenance.clear();
  launch.placements.clear();
  launch.skipped.clear();
  expect_equal(read_launch(writer_for(folder.path(), launch).finish()), launch);
}

TEST(WriteLaunch, KeepsAWholeLaunchAndRefusesAnExistingFile) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  launch.info.ranks = 4;
  launch.measurements = {example_visit(0, 4, 3), example_visit(1, 4, 5)};
  const fs::path file = folder.path() / "launch.h5";
  write_launch(file, launch);
  const Launch read = read_launch(file);
  EXPECT_TRUE(read.info.finalised);
  EXPECT_EQ(read.info.ended_utc_ns, launch.info.ended_utc_ns);
  EXPECT_EQ(read.provenance, launch.provenance);
  ASSERT_EQ(read.measurements.size(), 2U);
  expect_equal(read.measurements[1], launch.measurements[1]);
  EXPECT_THROW(write_launch(file, launch), InputError);
}

TEST(WriteLaunch, KeepsVisitsOfDifferentNumbersOfRanks) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  launch.info.ranks = 40;
  for (const auto& [ranks, samples] : {std::pair{40U, 300}, {2U, 2000}, {2U, 1}, {17U, 1}, {40U, 3}}) {
    launch.measurements.push_back(example_visit(launch.measurements.size(), ranks, static_cast<std::size_t>(samples)));
  }
  write_launch(folder.path() / "launch.h5", launch);
  expect_equal(read_launch(folder.path() / "launch.h5"), launch);
}

TEST(WriteLaunch, AnswersAsAFileThatWasAppendedToVisitByVisit) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  auto writer = writer_for(folder.path(), launch);
  append_visits(writer, launch, 9);
  const Launch appended = read_launch(writer.finish());
  write_launch(folder.path() / "whole.h5", launch);
  expect_equal(read_launch(folder.path() / "whole.h5"), appended);
}

TEST(WriteLaunch, LeavesOutLaterColumnsThatNoRowUses) {
  const TemporaryFolder folder;
  const auto written = [&](std::initializer_list<std::uint64_t> seeds) {
    Launch launch = example_launch();
    launch.skipped.clear();
    for (const std::uint64_t seed : seeds) {
      launch.measurements.push_back(example_visit(seed, 4, 3));
    }
    const fs::path file = folder.path() / (launch.info.run_uuid + ".h5");
    write_launch(file, launch);
    expect_equal(read_launch(file), launch);
    return hdf5::File::open(file, hdf5::Access::read);
  };
  constexpr std::uint64_t collective_seed = 0;
  constexpr std::uint64_t step_seed = 4;
  const hdf5::File some = written({collective_seed});
  const auto points = hdf5::Group::open(some.root().id(), "points");
  EXPECT_TRUE(points.has("observed_algorithm"));
  EXPECT_TRUE(points.has("algorithm"));
  EXPECT_FALSE(points.has("matmul_m"));
  EXPECT_FALSE(points.has("step_tied_embeddings"));
  EXPECT_FALSE(hdf5::Group::open(some.root().id(), "skipped").has("buffers"));
  // false in all rows, where a model without this column would have true
  EXPECT_FALSE(example_point(step_seed, 4).step().model.tied_embeddings);
  const hdf5::File steps = written({step_seed});
  EXPECT_TRUE(hdf5::Group::open(steps.root().id(), "points").has("step_layers"));
  EXPECT_FALSE(hdf5::Group::open(steps.root().id(), "points").has("step_tied_embeddings"));
}

TEST(WriteLaunch, TheSameLaunchMakesTheSameBytes) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  launch.measurements = {example_visit(0, 4, 3), example_visit(1, 2, 5)};
  write_launch(folder.path() / "a.h5", launch, "text");
  write_launch(folder.path() / "b.h5", launch, "text");
  EXPECT_EQ(read_text_file(folder.path() / "a.h5"), read_text_file(folder.path() / "b.h5"));
}

TEST(WriteLaunch, LeavesNothingBehindWhereAVisitCannotBeKept) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  launch.measurements = {example_visit(0, 4, 3), example_visit(1, 9, 5)};
  EXPECT_THROW(write_launch(folder.path() / "launch.h5", launch), Failure);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(LaunchStore, JournalHasOneLinePerVisit) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  auto writer = writer_for(folder.path(), launch);
  append_visits(writer, launch, 2);
  std::ifstream journal(journal_of(writer.part_file()));
  for (const Measurement& visit : launch.measurements) {
    std::string line;
    ASSERT_TRUE(std::getline(journal, line));
    const auto json = nlohmann::json::parse(line);
    const Summary summary = summarise(visit);
    EXPECT_EQ(json["name"], visit.point.name());
    EXPECT_EQ(json["pass"], visit.pass);
    EXPECT_EQ(json["payload_bytes"], visit.point.payload.count);
    EXPECT_EQ(json["t_median_s"], summary.median_s);
    EXPECT_EQ(json["ci_lo_s"], summary.median_interval_s.low);
    EXPECT_EQ(json["ci_hi_s"], summary.median_interval_s.high);
    EXPECT_EQ(json["samples"], visit.samples());
    EXPECT_EQ(json["flags"], "simulated,drifting");
    EXPECT_EQ(json["utc"], "2026-09-21T14:13:20Z");
  }
  EXPECT_EQ(journal.peek(), EOF);
}

TEST(LaunchStore, RefusesWhatItCannotKeep) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  EXPECT_THROW(writer_for(folder.path(), launch).append(example_visit(0, 5, 10)), Failure);  // of four ranks
  launch.info.run_uuid = random_uuid();
  EXPECT_THROW(writer_for(folder.path(), launch).append(example_visit(0, 4, 0)), Failure);
  launch.info.run_uuid = random_uuid();
  auto writer = writer_for(folder.path(), launch);
  Measurement wordy = example_visit(0, 4, 10);
  wordy.point.algorithm.assign(33, 'a');
  EXPECT_THROW(writer.append(wordy), InputError);
  EXPECT_THROW(writer.append(example_visit(1, 4, 10)), Failure);  // the writer is broken now, and says so
  EXPECT_TRUE(read_launch(writer.part_file()).measurements.empty());
}

TEST(LaunchStore, RefusesAnExistingLaunchAndAnImpossibleFolder) {
  const TemporaryFolder folder;
  const Launch launch = example_launch();
  const auto writer = writer_for(folder.path(), launch);
  EXPECT_EQ(refusal([&] { writer_for(folder.path(), launch); }), writer.part_file().string() + ": exists already");
  const fs::path in_file = folder.path() / "file" / "campaign";
  std::ofstream(folder.path() / "file") << "x";
  EXPECT_EQ(refusal([&] { writer_for(in_file, launch); }),
            in_file.string() + ": cannot create this folder: Not a directory");
}

TEST(LaunchReader, RefusesFilesThatAreNoLaunch) {
  const TemporaryFolder folder;
  const auto message = [&](const fs::path& file) {
    return refusal([&] { read_launch(file); }).substr(file.string().size());
  };
  EXPECT_EQ(message(folder.path() / "missing.h5"), ": no such file");
  const fs::path text = folder.path() / "text.h5";
  std::ofstream(text) << "not HDF5";
  EXPECT_EQ(message(text), ": is no HDF5 file");
  EXPECT_EQ(message(folder.path()), ": is no HDF5 file");
  const fs::path empty = folder.path() / "empty.h5";
  hdf5::File::create(empty).close();
  EXPECT_EQ(message(empty), ": is no Hockney launch: it has no schema_name and schema_version");
}

/// A file that says `attribute` = `text` instead.
fs::path with_attribute(const TemporaryFolder& folder, const std::string& attribute, std::string_view text) {
  Launch launch = example_launch();
  auto writer = writer_for(folder.path(), launch);
  append_visits(writer, launch, 2);
  const fs::path file = writer.finish();
  const hdf5::Handle<H5Fclose> opened(H5Fopen(file.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
  H5Adelete(opened.id(), attribute.c_str());
  hdf5::Attributes(opened.id()).write_text(attribute, text);
  return file;
}

TEST(LaunchReader, AcceptsEveryMinorVersionAndRefusesAnotherMajorOne) {
  const TemporaryFolder folder;
  const fs::path newer = with_attribute(folder, "schema_version", "1.7.0");
  EXPECT_EQ(read_launch(newer).measurements.size(), 2U);
  const fs::path other = with_attribute(folder, "schema_version", "2.0.0");
  EXPECT_EQ(refusal([&] { read_launch(other); }),
            other.string() + ": has schema version 2.0.0; this program reads version 1.x");
  const fs::path stranger = with_attribute(folder, "schema_name", "thermometer");
  EXPECT_EQ(refusal([&] { read_launch(stranger); }),
            stranger.string() + ": is no Hockney launch: its schema_name is 'thermometer'");
}

/// A finished file as version 1.0.0 wrote it: without the columns that came later.
fs::path of_version_1_0(const fs::path& file) {
  const hdf5::Handle<H5Fclose> opened(H5Fopen(file.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
  for (const schema::DatasetSpec& each : schema::datasets()) {
    if (each.column.since_minor > 0 && H5Lexists(opened.id(), each.path.c_str(), H5P_DEFAULT) > 0) {
      EXPECT_GE(H5Ldelete(opened.id(), each.path.c_str(), H5P_DEFAULT), 0) << each.path;
    }
  }
  H5Adelete(opened.id(), "schema_version");
  hdf5::Attributes(opened.id()).write_text("schema_version", "1.0.0");
  return file;
}

/// What version 1.0.0 kept of a case.
Case factors_of_1_0(Case point) {
  point.native = false;
  point.buffers = Buffers::plain;
  point.cache = Cache::hot;
  point.group.first = 0;
  const std::uint32_t micro_batches = point.micro_batches();
  point.become(point.operation);
  point.set_micro_batches(micro_batches);
  return point;
}

TEST(LaunchReader, GivesDefaultsForColumnsThatAnOlderFileLacks) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  auto writer = writer_for(folder.path(), launch);
  append_visits(writer, launch, 3);
  const fs::path file = of_version_1_0(writer.finish());
  for (Measurement& visit : launch.measurements) {
    visit.point = factors_of_1_0(visit.point);
    visit.clock_floor_s = 0;
    visit.enqueue_s.clear();
    visit.host_s.clear();
    visit.observation = {};
    visit.before = {};
    visit.after = {};
  }
  launch.skipped[0].point = factors_of_1_0(launch.skipped[0].point);
  expect_equal(read_launch(file), launch);

  const fs::path merged = folder.path() / "merged.h5";  // a copy is of today's version
  merge_launches(std::vector{file}, merged);
  expect_equal(read_campaign(std::vector{merged}).at(0), launch);
}

TEST(LaunchReader, RefusesAFileThatLacksAColumnOfTheFirstVersion) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  auto writer = writer_for(folder.path(), launch);
  append_visits(writer, launch, 1);
  const fs::path file = writer.finish();
  {
    const hdf5::Handle<H5Fclose> opened(H5Fopen(file.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    ASSERT_GE(H5Ldelete(opened.id(), "/points/element", H5P_DEFAULT), 0);
  }
  EXPECT_NE(refusal([&] { read_launch(file); }).find("is damaged"), std::string::npos);
}

TEST(LaunchStore, CutsWhatALibraryCallsItself) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  auto writer = writer_for(folder.path(), launch);
  Measurement wordy = example_visit(0, 4, 10);
  wordy.observation.connections.assign(1000, 'x');
  writer.append(wordy);
  EXPECT_EQ(read_launch(writer.finish()).measurements.at(0).observation.connections,
            std::string(schema::observed_list_width - 3, 'x') + "...");
}

TEST(LaunchStore, KeepsVisitsWithoutHostTimesAndRefusesTooFew) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  auto writer = writer_for(folder.path(), launch);
  for (const bool with_host : {false, true}) {
    Measurement visit = example_visit(launch.measurements.size(), 4, 10);
    visit.enqueue_s.clear();
    if (!with_host) {
      visit.host_s.clear();
    }
    writer.append(visit);
    launch.measurements.push_back(visit);
  }
  expect_equal(read_launch(writer.part_file()), launch);
  Measurement uneven = example_visit(5, 4, 10);
  uneven.host_s.pop_back();
  EXPECT_THROW(writer.append(uneven), Failure);
}

/// Overwrites one cell of a finished file.
template <class Value>
fs::path with_cell(const TemporaryFolder& folder, const char* dataset, hid_t type, Value value) {
  Launch launch = example_launch();
  auto writer = writer_for(folder.path(), launch);
  append_visits(writer, launch, 1);
  const fs::path file = writer.finish();
  const hdf5::Handle<H5Fclose> opened(H5Fopen(file.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
  const hdf5::Handle<H5Dclose> column(H5Dopen2(opened.id(), dataset, H5P_DEFAULT));
  H5Dwrite(column.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value);
  return file;
}

TEST(LaunchReader, RefusesCountsThatContradictEachOther) {
  const TemporaryFolder folder;
  const fs::path short_row = with_cell(folder, "/points/sample_end", H5T_NATIVE_UINT64, std::uint64_t{9});
  EXPECT_NE(refusal([&] { read_launch(short_row); }).find("in /points contradicts itself"), std::string::npos);
  const fs::path wide = with_cell(folder, "/points/rank_columns", H5T_NATIVE_UINT32, 5U);
  EXPECT_NE(refusal([&] { read_launch(wide); }).find("in /points contradicts itself"), std::string::npos);
  const fs::path unknown = with_cell(folder, "/points/operation", H5T_NATIVE_UINT8, std::uint8_t{200});
  EXPECT_EQ(refusal([&] { read_launch(unknown); }),
            unknown.string() + ": is damaged or no Hockney launch: column 'operation' holds the unknown code 200");
}

TEST(LaunchReader, ReadsCodesByTheWordsInTheFile) {
  const TemporaryFolder folder;
  const fs::path file = with_cell(folder, "/points/stop_reason", H5T_NATIVE_UINT8, std::uint8_t{0});
  {
    const hdf5::Handle<H5Fclose> opened(H5Fopen(file.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    const hdf5::Handle<H5Dclose> column(H5Dopen2(opened.id(), "/points/stop_reason", H5P_DEFAULT));
    H5Adelete(column.id(), "flag_meanings");
    hdf5::Attributes(column.id()).write_text("flag_meanings", "samples time");
  }
  EXPECT_EQ(read_launch(file).measurements.front().stop, StopReason::samples);
}

TEST(LaunchReader, RefusesCodesWithoutWords) {
  const TemporaryFolder folder;
  const fs::path file = with_cell(folder, "/points/stop_reason", H5T_NATIVE_UINT8, std::uint8_t{200});
  {
    const hdf5::Handle<H5Fclose> opened(H5Fopen(file.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    const hdf5::Handle<H5Dclose> column(H5Dopen2(opened.id(), "/points/stop_reason", H5P_DEFAULT));
    H5Adelete(column.id(), "flag_meanings");
    hdf5::Attributes(column.id()).write_text("flag_meanings", "");
  }
  EXPECT_NE(refusal([&] { read_launch(file); }).find("unknown code 200"), std::string::npos);
}

TEST(LaunchReader, RefusesMoreRowsThanTheFileHasBytesFor) {
  for (const char* dataset : {"/points/sample_end", "/provenance/value"}) {
    const TemporaryFolder folder;
    Launch launch = example_launch();
    const fs::path file = writer_for(folder.path(), launch).finish();
    {
      const hdf5::Handle<H5Fclose> opened(H5Fopen(file.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
      const hdf5::Handle<H5Dclose> column(H5Dopen2(opened.id(), dataset, H5P_DEFAULT));
      const hdf5::Type type(H5Dget_type(column.id()));
      constexpr hsize_t rows = hsize_t{1} << 60U;
      const hdf5::Space space(H5Screate_simple(1, &rows, nullptr));
      const hdf5::Properties creation(H5Pcreate(H5P_DATASET_CREATE));
      constexpr hsize_t chunk = 1024;
      H5Pset_chunk(creation.id(), 1, &chunk);
      H5Ldelete(opened.id(), dataset, H5P_DEFAULT);
      const hdf5::Handle<H5Dclose> empty(
          H5Dcreate2(opened.id(), dataset, type.id(), space.id(), H5P_DEFAULT, creation.id(), H5P_DEFAULT));
      ASSERT_GE(empty.id(), 0);
    }
    const std::string reason = refusal([&] { read_launch(file); });
    EXPECT_TRUE(reason.find("can hold") != std::string::npos || reason.find("shorter") != std::string::npos) << reason;
  }
}

TEST(LaunchReader, NamesADamagedFile) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  auto writer = writer_for(folder.path(), launch);
  append_visits(writer, launch, 5);
  const fs::path file = writer.finish();
  fs::resize_file(file, fs::file_size(file) / 2);
  EXPECT_EQ(refusal([&] { read_launch(file); }).find(file.string() + ": is damaged"), 0U);
}

TEST(LaunchFiles, ListsAFolderOnce) {
  const TemporaryFolder folder;
  for (const char* name : {"b.h5", "b.h5.part", "a.h5.part", "c.h5", "c.jsonl", "d.h5.tmp.7"}) {
    std::ofstream(folder.path() / name) << "x";
  }
  EXPECT_EQ(launch_files(folder.path()),
            (std::vector<fs::path>{folder.path() / "a.h5.part", folder.path() / "b.h5", folder.path() / "c.h5"}));
  EXPECT_EQ(launch_files(folder.path() / "c.jsonl"), std::vector<fs::path>{folder.path() / "c.jsonl"});
  EXPECT_THROW(launch_files(folder.path() / "missing"), InputError);
  const TemporaryFolder empty;
  EXPECT_THROW(launch_files(empty.path()), InputError);
}

TEST(Resume, GoesOnWhereTheWriterWasStopped) {
  const TemporaryFolder folder;
  EXPECT_FALSE(unfinished_launch(folder.path()));
  EXPECT_FALSE(unfinished_launch(folder.path() / "missing"));
  Launch launch = example_launch();
  {
    auto stopped = writer_for(folder.path(), launch);
    append_visits(stopped, launch, 3);
    EXPECT_NE(refusal([&] { LaunchWriter::resume(stopped.part_file()); }).find("still being written"),
              std::string::npos);
  }
  const auto part = unfinished_launch(folder.path());
  ASSERT_TRUE(part);
  auto resumed = LaunchWriter::resume(*part);
  expect_equal(resumed.info(), launch.info);
  EXPECT_EQ(resumed.finished().size(), 3U);
  EXPECT_TRUE(resumed.is_finished(launch.measurements[1].point.name(), 1));
  EXPECT_FALSE(resumed.is_finished(launch.measurements[1].point.name(), 2));
  append_visits(resumed, launch, 2);
  EXPECT_EQ(resumed.finished().size(), 5U);
  expect_equal(read_launch(resumed.finish()), launch);
  EXPECT_FALSE(unfinished_launch(folder.path()));
  EXPECT_EQ(read_journal(journal_of(*part)).visits.size(), 5U);
  EXPECT_THROW(LaunchWriter::resume(*part), InputError);
}

TEST(Repair, RecoversTheCommittedVisitsAndReportsTheJournal) {
  const TemporaryFolder folder;
  Launch launch = example_launch();
  fs::path part;
  {
    auto stopped = writer_for(folder.path(), launch);
    part = stopped.part_file();
    EXPECT_NE(refusal([&] { repair_launch(part); }).find("still being written"), std::string::npos);
    append_visits(stopped, launch, 3);
  }
  std::ofstream(journal_of(part), std::ios::app) << R"({"name": "lost", "pass": 2})"
                                                 << "\n"
                                                 << R"({"name": "to)";

  const Recovery recovery = repair_launch(part);
  EXPECT_EQ(recovery.file, fs::path(part).replace_extension());
  EXPECT_EQ(recovery.points, 3U);
  EXPECT_EQ(recovery.samples, 10U + 11 + 12);
  EXPECT_EQ(recovery.uncommitted_samples, 0U);
  EXPECT_EQ(recovery.only_in_journal, std::vector<std::string>{"lost, pass 2"});
  EXPECT_EQ(recovery.torn_journal_lines, 1U);
  EXPECT_TRUE(fs::exists(part));
  const Launch read = read_launch(recovery.file);
  expect_equal(read, launch);
  EXPECT_FALSE(read.info.finalised);

  EXPECT_EQ(refusal([&] { repair_launch(part); }), recovery.file.string() + ": exists already");
  EXPECT_EQ(repair_launch(part, folder.path() / "elsewhere.h5").points, 3U);
  EXPECT_THROW(repair_launch(recovery.file), InputError);
}

TEST(Merge, KeepsEveryLaunchAndRefusesTwins) {
  const TemporaryFolder folder;
  std::vector<Launch> launches;
  for (std::int64_t i = 0; i < 3; ++i) {
    Launch& launch = launches.emplace_back(example_launch());
    launch.info.started_utc_ns += i;
    auto writer = writer_for(folder.path(), launch);
    append_visits(writer, launch, static_cast<std::uint64_t>(i));
    if (i != 1) {
      writer.finish();
    }
  }
  const TemporaryFolder elsewhere;
  const fs::path merged = elsewhere.path() / "campaign.h5";
  const std::vector<fs::path> inputs{folder.path()};
  const MergeResult result = merge_launches(inputs, merged);
  EXPECT_EQ(result.launches, 3U);
  EXPECT_EQ(result.points, 3U);

  for (const fs::path& source : {folder.path(), merged}) {
    const std::vector<Launch> read = read_campaign(std::vector{source});
    ASSERT_EQ(read.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
      expect_equal(read[i], launches[i]);
      EXPECT_EQ(read[i].info.finalised, i != 1);
    }
  }
  EXPECT_NE(refusal([&] { read_launch(merged); }).find("campaign of 3 launches"), std::string::npos);
  EXPECT_EQ(refusal([&] { merge_launches(inputs, merged); }), merged.string() + ": exists already");
  const fs::path twins = elsewhere.path() / "twins.h5";
  EXPECT_NE(refusal([&] {
              merge_launches(std::vector{folder.path(), merged}, twins);
            }).find("which is also in"),
            std::string::npos);
  EXPECT_FALSE(fs::exists(twins));
  EXPECT_EQ(std::distance(fs::directory_iterator(elsewhere.path()), {}), 1);  // no draft is left
}

TEST(Schema, DocumentsEveryDataset) {
  const std::string markdown = schema::schema_as_markdown();
  const auto json = nlohmann::json::parse(schema::schema_as_json());
  EXPECT_EQ(json["schema_version"], schema::version);
  EXPECT_EQ(json["datasets"].size(), schema::datasets().size());
  EXPECT_EQ(json["attributes"].size(), schema::root_attributes.size());
  for (const auto& dataset : json["datasets"]) {
    EXPECT_NE(markdown.find("| `" + dataset["path"].get<std::string>() + "` |"), std::string::npos);
    EXPECT_TRUE(dataset["type"].get<std::string>().starts_with("text") || dataset.contains("units")) << dataset;
  }
  EXPECT_NE(markdown.find("| `/points/t_median` | f64 | point | s | median completion time |"), std::string::npos);
}

}  // namespace
}  // namespace hockney::store
