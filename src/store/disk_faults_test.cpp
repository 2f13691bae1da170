// A file system that misbehaves on demand: this program's own flock() and pwrite() stand before the C
// library's, for HDF5 too.
#include <cerrno>
#include <dlfcn.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/types.h>
#include <unistd.h>

#include "store/example_launch.hpp"
#include "store/hdf5/hdf5.hpp"
#include "store/launch_reader.hpp"
#include "store/launch_writer.hpp"
#include "store/rewrite.hpp"

namespace {

struct Faults {
  int flock_errno = 0;        ///< 0: locks work
  off_t first_full_byte = 0;  ///< no file can grow past it; 0: no limit
  int refused_locks = 0, refused_writes = 0;
};
Faults faults;

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool is_full(off_t end) {
  const bool full = faults.first_full_byte != 0 && end > faults.first_full_byte;
  faults.refused_writes += full ? 1 : 0;
  return full;
}

}  // namespace

extern "C" {

// HDF5 1.10 keeps what it could not write to a full disk.
const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() { return "leak:libhdf5"; }

int flock(int descriptor, int operation) {
  if (faults.flock_errno != 0) {
    ++faults.refused_locks;
    errno = faults.flock_errno;
    return -1;
  }
  return next<int (*)(int, int)>("flock")(descriptor, operation);
}

ssize_t pwrite(int descriptor, const void* data, size_t size, off_t offset) {
  if (is_full(offset + static_cast<off_t>(size))) {
    errno = ENOSPC;
    return -1;
  }
  return next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite")(descriptor, data, size, offset);
}
}

namespace hockney::store {
namespace {
namespace fs = std::filesystem;

class DiskFaults : public testing::Test {
 protected:
  void SetUp() override { faults = {}; }
  void TearDown() override { faults = {}; }

  LaunchWriter new_writer() {
    return {folder_.path() / "campaign", launch_.info, launch_.provenance, launch_.placements, launch_.skipped};
  }

  TemporaryFolder folder_;
  Launch launch_ = example_launch();
};

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "(no exception)";
}

std::string locking_of(const fs::path& file) {
  const hdf5::File opened = hdf5::File::open(file, hdf5::Access::read);
  return opened.root().attributes().read_text("file_locking");
}

TEST_F(DiskFaults, WorksWithoutFileLocksAndSaysSo) {
  for (const int refusal : {ENOLCK, ENOSYS, EOPNOTSUPP}) {
    faults = {};
    faults.flock_errno = refusal;
    launch_.info.run_uuid = random_uuid();
    auto writer = new_writer();
    writer.append(example_visit(0, 4, 10));
    const fs::path file = writer.finish();
    EXPECT_EQ(read_launch(file).measurements.size(), 1U);
    EXPECT_GT(faults.refused_locks, 0);
    EXPECT_EQ(locking_of(file), "off");
  }
  faults = {};
  launch_.info.run_uuid = random_uuid();
  EXPECT_EQ(locking_of(new_writer().finish()), "on");
}

TEST_F(DiskFaults, AFullDiskEndsTheLaunchAndKeepsItsPoints) {
  std::uint64_t kept = 0;
  fs::path part;
  std::string message;
  {
    auto writer = new_writer();
    part = writer.part_file();
    writer.append(example_visit(kept++, 4, 100));
    faults.first_full_byte = static_cast<off_t>(fs::file_size(part) + (256 << 10));
    message = message_of([&] {
      while (kept < 500) {
        writer.append(example_visit(kept, 4, 100));
        ++kept;
      }
    });
    EXPECT_GT(faults.refused_writes, 0);
    EXPECT_NE(message_of([&] { writer.append(example_visit(kept, 4, 100)); }).find("any more"), std::string::npos);
  }
  EXPECT_EQ(message.find(part.string() + ": cannot "), 0U) << message;
  EXPECT_NE(message.find(fmt::format("No space left on device after {} points; they are readable with: hockney repair "
                                     "{}",
                                     kept, part.string())),
            std::string::npos)
      << message;
  EXPECT_EQ(read_journal(journal_of(part)).visits.size(), kept + 2);  // and the two that HDF5 could not take
  faults.first_full_byte = 16384;
  EXPECT_NE(message_of([&] { repair_launch(part); }).find("No space left on device"), std::string::npos);

  faults = {};
  const Recovery recovery = repair_launch(part);
  EXPECT_EQ(recovery.points, kept);
  EXPECT_EQ(recovery.only_in_journal.size(), 2U);
  const Launch launch = read_launch(recovery.file);
  for (std::uint64_t i = 0; i < kept; ++i) {
    EXPECT_EQ(launch.measurements[i].elapsed, example_visit(i, 4, 100).elapsed);
  }
}

TEST_F(DiskFaults, AFullDiskAtTheStartIsRefusedAndLeavesNothingHalfMade) {
  faults.first_full_byte = 4096;
  const fs::path folder = folder_.path() / "campaign";
  EXPECT_THROW(new_writer(), InputError);
  launch_.info.run_uuid = random_uuid();
  EXPECT_EQ(message_of([&] { new_writer(); }).find(folder.string() + ": cannot write a launch here: "), 0U);
  EXPECT_FALSE(unfinished_launch(folder));
  for (const auto& entry : fs::directory_iterator(folder)) {
    EXPECT_EQ(entry.path().extension(), ".jsonl") << entry.path();
  }
}

TEST_F(DiskFaults, AFullDiskAtTheEndLeavesTheUnfinishedFile) {
  fs::path part;
  {
    auto writer = new_writer();
    part = writer.part_file();
    writer.append(example_visit(0, 4, 100));
    faults.first_full_byte = 16384;
    const std::string message = message_of([&] { writer.finish(); });
    EXPECT_NE(message.find("No space left on device"), std::string::npos) << message;
    EXPECT_NE(message.find("hockney repair " + part.string()), std::string::npos) << message;
  }
  faults = {};
  EXPECT_EQ(LaunchWriter::resume(part).finished().size(), 1U);
  EXPECT_EQ(repair_launch(part).points, 1U);
}

}  // namespace
}  // namespace hockney::store
