#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "record/launch.hpp"

namespace hockney::fit {

/// A machine for tests whose law is known: every sample is law(payload) times a launch effect times log-normal noise.
struct SimulatedMachine {
  std::function<double(double payload_bytes)> law = [](double m) { return 4e-6 + m / 180e9; };
  double sample_noise = 0.01;
  double launch_effect = 0;  ///< relative standard deviation of the factor that all samples of a launch share
  std::uint32_t samples = 50;
  std::uint32_t passes = 1;
  std::vector<Bytes> payloads = octaves(3, 33);
  Flags flags{};

  /// 2^first, 2^(first + 1), ..., 2^last bytes.
  static std::vector<Bytes> octaves(std::uint32_t first, std::uint32_t last) {
    std::vector<Bytes> sizes;
    for (std::uint32_t exponent = first; exponent <= last; ++exponent) {
      sizes.push_back({std::uint64_t{1} << exponent});
    }
    return sizes;
  }

  Launch run(std::uint64_t seed) const {
    std::mt19937_64 generator(seed);
    std::normal_distribution<double> normal;
    Launch launch;
    launch.info.run_uuid = "launch-" + std::to_string(seed);
    launch.info.campaign = "simulated machine";
    launch.info.machine = "test";
    const double effect = std::exp(launch_effect * normal(generator));
    for (std::uint32_t pass = 0; pass < passes; ++pass) {
      for (const Bytes payload : payloads) {
        Measurement visit;
        visit.point.payload = payload;
        visit.pass = pass;
        visit.rank_columns = 1;
        visit.flags = flags;
        for (std::uint32_t i = 0; i < samples; ++i) {
          visit.elapsed.push_back(law(static_cast<double>(payload.count)) * effect *
                                  std::exp(sample_noise * normal(generator)));
        }
        launch.measurements.push_back(std::move(visit));
      }
    }
    return launch;
  }

  std::vector<Launch> run_several(std::size_t launches, std::uint64_t seed) const {
    std::vector<Launch> all;
    for (std::size_t i = 0; i < launches; ++i) {
      all.push_back(run(seed * 1000 + i));
    }
    return all;
  }
};

}  // namespace hockney::fit
