/// store_figures POINTS SAMPLES RANKS: writes a launch of that size and prints what storing costs. Fails when the
/// finished file is larger than its rows would be without compression and descriptions of 256 KiB.
#include <chrono>
#include <cstdio>
#include <random>
#include <string>

#include "store/example_launch.hpp"
#include "store/launch_writer.hpp"

namespace {

using namespace hockney;

/// Times like those of a host clock: whole nanoseconds, a few percent of noise.
Measurement noisy_visit(std::uint64_t index, std::uint32_t ranks, std::size_t samples, std::mt19937_64& random) {
  Measurement visit = store::example_visit(index, ranks, samples);
  std::lognormal_distribution<double> noise(0, 0.05);
  for (double& time : visit.elapsed) {
    time = std::round(1e4 * static_cast<double>(1 + index) * noise(random)) * 1e-9;
  }
  return visit;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: store_figures POINTS SAMPLES RANKS\n", stderr);
    return 2;
  }
  const std::uint64_t points = std::stoull(argv[1]);
  const std::uint64_t samples = std::stoull(argv[2]);
  const auto ranks = static_cast<std::uint32_t>(std::stoul(argv[3]));
  constexpr std::uint64_t sample_row_bytes = 8 + 4 + 4 + 4 * 8 + 4;
  constexpr std::uint64_t point_row_bytes = 700;
  constexpr std::uint64_t description_bytes = 256 << 10;

  const store::TemporaryFolder folder;
  Launch launch = store::example_launch();
  launch.info.ranks = ranks;
  store::LaunchWriter writer(folder.path(), launch.info, launch.provenance, launch.placements, launch.skipped);
  std::mt19937_64 random(1);
  double append_s = 0;
  for (std::uint64_t i = 0; i < points; ++i) {
    const Measurement visit = noisy_visit(i, ranks, samples, random);
    const auto start = std::chrono::steady_clock::now();
    writer.append(visit);
    append_s += seconds_since(start);
  }
  const std::uintmax_t part_bytes = std::filesystem::file_size(writer.part_file());
  const auto start = std::chrono::steady_clock::now();
  const std::uintmax_t file_bytes = std::filesystem::file_size(writer.finish());
  const double finish_s = seconds_since(start);
  const std::uint64_t all = points * samples;
  std::printf("%.0f points/s appended, finished in %.3f s; .part %.1f, .h5 %.1f bytes per sample of %u ranks\n",
              static_cast<double>(points) / append_s, finish_s,
              static_cast<double>(part_bytes) / static_cast<double>(all),
              static_cast<double>(file_bytes) / static_cast<double>(all), ranks);
  const std::uint64_t uncompressed = all * (sample_row_bytes + 8 * ranks) + points * point_row_bytes;
  return file_bytes <= uncompressed + description_bytes ? 0 : 1;
}
