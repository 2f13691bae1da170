// What importing costs, on one core: logs that become launch files, and a launch file alone. A campaign of published
// logs has hundreds of them. Logs are made up.
#include <benchmark/benchmark.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

#include "base/error.hpp"
#include "commands/import/import_session.hpp"
#include "import/nccl_tests/nccl_tests_fixture.hpp"
#include "import/origin.hpp"
#include "store/launch_reader.hpp"
#include "store/write_launch.hpp"

namespace {

namespace fs = std::filesystem;
using namespace hockney;

/// A folder that is removed at the end.
class Folder {
 public:
  Folder() { fs::create_directories(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }

  const fs::path& path() const { return path_; }

 private:
  fs::path path_ = fs::temp_directory_path() / fmt::format("hockney-import-speed-{}", ::getpid());
};

/// A log of an all-reduce over 8 GPUs of one node: every row is timed out of place and in place.
std::string log_of(std::int64_t rows, std::int64_t number) {
  namespace fixture = import::fixture;
  std::string text = fmt::format("# log {}\n{}{}", number, fixture::banner(8, 8), fixture::columns_2022());
  for (std::int64_t i = 1; i <= rows; ++i) {
    const auto size = static_cast<std::uint64_t>(4096 * i);
    const std::string time_us = fmt::format("{:.2f}", 10 + 1e-5 * static_cast<double>(size));
    text += fixture::row(Operation::all_reduce, 8, size, time_us, time_us);
  }
  return text.append(fixture::footer);
}

hockney::import::ImportOptions all_reduce_options() {
  hockney::import::ImportOptions options;
  options.operation = Operation::all_reduce;
  return options;
}

void import_log(benchmark::State& state) {
  const Folder folder;
  commands::ImportSession session(folder.path() / "campaign", all_reduce_options(), import::detect_format);
  std::int64_t number = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const fs::path log = folder.path() / fmt::format("log{}.txt", number);
    std::ofstream(log) << log_of(state.range(0), number++);
    state.ResumeTiming();
    if (session.add(log).launch_files.size() != 1) {
      throw Failure("the log was not imported");
    }
  }
}

void write_launch(benchmark::State& state) {
  const Folder folder;
  commands::ImportSession session(folder.path(), all_reduce_options(), import::detect_format);
  const fs::path log = folder.path() / "log.txt";
  std::ofstream(log) << log_of(state.range(0), 0);
  const Launch launch = store::read_launch(session.add(log).launch_files.at(0));
  std::int64_t number = 0;
  for (auto _ : state) {
    store::write_launch(folder.path() / fmt::format("{}.h5", number++), launch);
  }
}

BENCHMARK(import_log)->Name("import a log")->ArgName("rows")->Arg(30)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(write_launch)->Name("write a launch")->ArgName("rows")->Arg(30)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
