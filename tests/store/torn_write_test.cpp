/// torn_write_test: records every write that a writer makes to its file, replays them one by one, and checks after each
/// that all visits are there that were committed by then. This is what a SIGKILL at that moment leaves; it can also cut
/// a write short where it crosses from one memory page to the next, so those halves are checked as well.
#include <cstdio>
#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/error.hpp"
#include "store/example_launch.hpp"
#include "store/launch_reader.hpp"
#include "store/launch_writer.hpp"

namespace {

struct Write {
  off_t offset = 0;
  std::string bytes;          ///< empty: the file is cut or extended to `offset`
  std::size_t committed = 0;  ///< visits whose append() had returned before
};

struct {
  bool armed = false;
  std::size_t committed = 0;
  std::vector<Write> writes;
} recording;

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// These stand before the C library's, for HDF5 too.
extern "C" {

ssize_t pwrite(int descriptor, const void* data, size_t size, off_t offset) {
  if (recording.armed) {
    recording.writes.push_back({offset, std::string(static_cast<const char*>(data), size), recording.committed});
  }
  return next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite")(descriptor, data, size, offset);
}

int ftruncate(int descriptor, off_t size) {
  if (recording.armed) {
    recording.writes.push_back({size, {}, recording.committed});
  }
  return next<int (*)(int, off_t)>("ftruncate")(descriptor, size);
}
}

namespace {

using namespace hockney;
namespace fs = std::filesystem;

constexpr std::uint64_t visits_before = 62;  // the 65th begins the second chunk of /points
constexpr std::uint64_t visits = 66;

/// The recorded visits are so large that each begins new chunks of samples: the chunk indices change too.
Measurement visit_number(std::uint64_t index) {
  return store::example_visit(index, 4, index < visits_before ? 1 : 1500);
}

/// The file as it was before the recorded writes.
fs::path record(const store::TemporaryFolder& folder) {
  const Launch launch = store::example_launch();
  store::LaunchWriter writer(folder.path(), launch.info, launch.provenance, launch.placements, launch.skipped);
  fs::path replayed = folder.path() / "replayed.h5.part";
  for (std::uint64_t index = 0; index < visits; ++index) {
    if (index == visits_before) {
      fs::copy_file(writer.part_file(), replayed);
      recording.armed = true;
    }
    recording.committed = index;
    writer.append(visit_number(index));
  }
  recording.committed = visits;
  recording.armed = false;
  return replayed;
}

void check(const fs::path& file, std::size_t committed, const std::string& when) {
  try {
    const Launch launch = store::read_launch(file);
    const std::size_t found = launch.measurements.size();
    if (found < committed || found > committed + 1) {
      throw Failure(fmt::format("{} visits are committed, the file has {}", committed, found));
    }
    for (std::size_t i = 0; i < found; ++i) {
      const Measurement expected = visit_number(i);
      if (launch.measurements[i].point != expected.point || launch.measurements[i].elapsed != expected.elapsed) {
        throw Failure(fmt::format("visit {} has the wrong numbers", i));
      }
    }
  } catch (const std::exception& error) {
    throw Failure(fmt::format("{}: {}", when, error.what()));
  }
}

void apply(int descriptor, const Write& write, std::size_t size) {
  const auto done = write.bytes.empty() ? ::ftruncate(descriptor, write.offset)
                                        : ::pwrite(descriptor, write.bytes.data(), size, write.offset);
  if (done < 0) {
    throw Failure("cannot replay a write");
  }
}

/// Bytes of a write up to the first page boundary within it; its size when there is none.
std::size_t first_part(const Write& write) {
  constexpr off_t page = 4096;
  return std::min(write.bytes.size(), static_cast<std::size_t>(page - write.offset % page));
}

int run() {
  const store::TemporaryFolder folder;
  const fs::path file = record(folder);
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  std::size_t torn = 0;
  for (std::size_t i = 0; i < recording.writes.size(); ++i) {
    const Write& write = recording.writes[i];
    const auto when = [&](std::string_view how) {
      return fmt::format("{} write {} of {} ({} bytes at {})", how, i, recording.writes.size(), write.bytes.size(),
                         write.offset);
    };
    if (first_part(write) < write.bytes.size()) {
      apply(descriptor, write, first_part(write));
      check(file, write.committed, when("in the middle of"));
      ++torn;
    }
    apply(descriptor, write, write.bytes.size());
    check(file, write.committed, when("after"));
  }
  ::close(descriptor);
  check(file, visits, "at the end");
  fmt::print("{} visits in {} writes: nothing committed is lost after any of them, nor in the middle of {}\n",
             visits - visits_before, recording.writes.size(), torn);
  return recording.writes.size() > visits - visits_before ? 0 : 1;
}

}  // namespace

int main() {
  try {
    return run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "torn_write_test: %s\n", error.what());
    return 1;
  }
}
