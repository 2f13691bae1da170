/// crash_test [ROUNDS]: kills a writer that does nothing but write, at random moments, and checks that every visit
/// whose append() had returned is in the file with the right numbers: as left behind, after repair, and after resume.
/// crash_test --writer FOLDER: that writer. It prints one byte per visit, once it is committed.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <random>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "store/example_launch.hpp"
#include "store/launch_reader.hpp"
#include "store/launch_writer.hpp"
#include "store/rewrite.hpp"

namespace {

using namespace hockney;
namespace fs = std::filesystem;

Measurement visit_number(std::uint64_t index) {
  Measurement visit = store::example_visit(index, static_cast<std::uint32_t>(1 + index % 4), 1 + (index * 37) % 120);
  visit.pass = 0;
  return visit;
}

[[noreturn]] void write_forever(const fs::path& folder) {
  const Launch launch = store::example_launch();
  store::LaunchWriter writer(folder, launch.info, launch.provenance, launch.placements, launch.skipped);
  for (std::uint64_t index = 0;; ++index) {
    writer.append(visit_number(index));
    if (::write(STDOUT_FILENO, "+", 1) != 1) {
      std::_Exit(1);
    }
  }
}

struct Writer {
  pid_t process = -1;
  int acknowledgements = -1;
};

Writer start_writer(const char* program, const fs::path& folder) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) {
    throw Failure("cannot make a pipe");
  }
  const pid_t process = ::fork();
  if (process == 0) {
    ::dup2(pipe[1], STDOUT_FILENO);
    ::close(pipe[0]);
    ::close(pipe[1]);
    ::execl(program, program, "--writer", folder.c_str(), nullptr);
    std::_Exit(127);
  }
  ::close(pipe[1]);
  return {process, pipe[0]};
}

std::size_t drain(int descriptor) {
  std::size_t count = 0;
  std::array<char, 4096> bytes{};
  for (ssize_t n = 0; (n = ::read(descriptor, bytes.data(), bytes.size())) > 0;) {
    count += static_cast<std::size_t>(n);
  }
  ::close(descriptor);
  return count;
}

/// Kills the writer after `delay`, counted from its first visit when `after_first`, and returns how many visits it
/// had acknowledged.
std::size_t kill_writer(const Writer& writer, std::chrono::microseconds delay, bool after_first) {
  char first = 0;
  const std::size_t seen = after_first && ::read(writer.acknowledgements, &first, 1) == 1 ? 1 : 0;
  std::this_thread::sleep_for(delay);
  ::kill(writer.process, SIGKILL);
  int status = 0;
  ::waitpid(writer.process, &status, 0);
  if (!WIFSIGNALED(status)) {
    throw Failure("the writer ended before it was killed");
  }
  return seen + drain(writer.acknowledgements);
}

void check(const Launch& launch, std::size_t acknowledged, std::size_t at_most) {
  const std::size_t found = launch.measurements.size();
  if (found < acknowledged || found > at_most) {
    throw Failure(fmt::format("{} visits were acknowledged, the file has {}", acknowledged, found));
  }
  for (std::size_t i = 0; i < found; ++i) {
    const Measurement expected = visit_number(i);
    const Measurement& visit = launch.measurements[i];
    if (visit.point != expected.point || visit.elapsed != expected.elapsed || visit.flags != expected.flags ||
        visit.started_utc_ns != expected.started_utc_ns || visit.point_id != i) {
      throw Failure(fmt::format("visit {} has the wrong numbers", i));
    }
  }
}

void check_resume(const fs::path& part, std::size_t committed) {
  store::LaunchWriter writer = store::LaunchWriter::resume(part);
  writer.append(visit_number(committed));
  check(store::read_launch(writer.finish()), committed + 1, committed + 1);
}

struct Totals {
  std::size_t acknowledged = 0, unacknowledged = 0, interrupted = 0, before_creation = 0;
};

void run_round(const char* program, std::size_t round, std::mt19937_64& random, Totals& totals) {
  const store::TemporaryFolder folder;
  const bool during_creation = round % 10 == 9;
  const std::chrono::microseconds delay(std::uniform_int_distribution(1000, 40000)(random));
  const std::size_t acknowledged = kill_writer(start_writer(program, folder.path()), delay, !during_creation);
  const auto part = store::unfinished_launch(folder.path());
  if (!part) {
    if (acknowledged != 0) {
      throw Failure(fmt::format("{} visits were acknowledged and there is no file", acknowledged));
    }
    ++totals.before_creation;
    return;
  }
  const Launch left = store::read_launch(*part);
  check(left, acknowledged, acknowledged + 1);
  const std::size_t committed = left.measurements.size();
  const store::Recovery recovery = store::repair_launch(*part, folder.path() / "repaired.h5");
  check(store::read_launch(recovery.file), committed, committed);
  check_resume(*part, committed);
  totals.acknowledged += acknowledged;
  totals.unacknowledged += committed - acknowledged;
  totals.interrupted += recovery.uncommitted_samples > 0 ? 1 : 0;
}

int run(const char* program, std::size_t rounds) {
  std::mt19937_64 random(20260921);
  Totals totals;
  for (std::size_t round = 0; round < rounds; ++round) {
    try {
      run_round(program, round, random, totals);
    } catch (const std::exception& error) {
      std::printf("round %zu: %s\n", round, error.what());
      return 1;
    }
  }
  std::printf(
      "%zu kills: %zu acknowledged visits, all there; %zu committed but not yet acknowledged; %zu kills in the "
      "middle of a visit, %zu before the file appeared\n",
      rounds, totals.acknowledged, totals.unacknowledged, totals.interrupted, totals.before_creation);
  return totals.acknowledged > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "--writer") {
    write_forever(argv[2]);
  }
  constexpr std::size_t default_rounds = 100;
  return run("/proc/self/exe", argc > 1 ? std::stoul(argv[1]) : default_rounds);
}
