// What Hockney's sampler adds to a measurement: its median of an all-reduce beside that of a bare loop
// (MPI_Barrier, clock, MPI_Allreduce, clock) in the same run. The two alternate, so that drift hits both alike, and use
// the same buffers, since where a buffer lies in memory can change a large all-reduce by a factor of two.
//
//   mpiexec -n 2 build/bin/sampler_overhead
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <mpi.h>
#include <time.h>
#include <vector>

#include "base/text_table.hpp"
#include "measure/sampler.hpp"
#include "mpi/communicator.hpp"
#include "topology/discover.hpp"
#include "transport/host/mpi_transport.hpp"

namespace {

using namespace hockney;

double now_s() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// The all-reduce of given buffers.
class AllReduceOfBuffers final : public transport::Trial {
 public:
  AllReduceOfBuffers(transport::Verbs& verbs, Bytes payload)
      : verbs_(verbs), input_(verbs.allocate(payload)), output_(verbs.allocate(payload)) {
    verbs_.fill(input_->bytes(),
                pattern::Pattern::summand(Element::float32, Reduction::sum, verbs_.ranks(), verbs_.rank()));
  }
  void refill() override {}
  void run(std::uint32_t operations) override {
    for (std::uint32_t i = 0; i < operations; ++i) {
      verbs_.collective({.send = input_->bytes(), .receive = output_->bytes()});
    }
  }
  void poison() override { verbs_.poison(output_->bytes()); }
  std::uint64_t count_wrong() override {
    return verbs_.count_wrong(output_->bytes(),
                              pattern::Pattern::reduced(Element::float32, Reduction::sum, verbs_.ranks()));
  }
  const void* send() const { return input_->bytes().data(); }
  void* receive() { return output_->bytes().data(); }

 private:
  transport::Verbs& verbs_;
  std::unique_ptr<transport::Memory> input_;
  std::unique_ptr<transport::Memory> output_;
};

double bare_median_s(const mpi::Communicator& world, AllReduceOfBuffers& buffers, Bytes payload,
                     std::uint32_t samples) {
  const auto count = static_cast<int>(payload.count / sizeof(float));
  std::vector<double> mine;
  constexpr std::uint32_t warm_up = 100;
  for (std::uint32_t i = 0; i < warm_up + samples; ++i) {
    MPI_Barrier(world.get());
    const double begin = now_s();
    MPI_Allreduce(buffers.send(), buffers.receive(), count, MPI_FLOAT, MPI_SUM, world.get());
    const double end = now_s();
    if (i >= warm_up) {
      mine.push_back(end - begin);
    }
  }
  const std::vector<double> all = world.gather_columns(mine);
  std::vector<double> slowest;
  const auto ranks = static_cast<std::size_t>(world.size());
  for (std::size_t i = 0; i + ranks <= all.size(); i += ranks) {
    slowest.push_back(*std::max_element(all.begin() + static_cast<std::ptrdiff_t>(i),
                                        all.begin() + static_cast<std::ptrdiff_t>(i + ranks)));
  }
  return slowest.empty() ? 0 : median(slowest);
}

double hockney_median_s(transport::Link& link, AllReduceOfBuffers& buffers, const Case& point, std::uint32_t samples) {
  Sampling sampling;
  sampling.min_samples = samples;
  sampling.max_samples = samples;
  sampling.max_seconds = Seconds{30};
  const Measurement measurement = measure::sample_point(link, &buffers, point, sampling);
  return link.is_root() ? summarise(measurement).median_s : 0;
}

void compare(const mpi::Communicator& world, transport::Transport& transport, Bytes payload, std::uint32_t samples) {
  constexpr int alternations = 10;
  Case point;
  point.group = {.ranks = static_cast<std::uint32_t>(world.size()),
                 .ranks_per_node = static_cast<std::uint32_t>(world.size())};
  point.payload = payload;
  const auto link = transport.join(point);
  AllReduceOfBuffers buffers(*link->verbs(), payload);
  TextTable table({{"alternation"}, {"bare loop us"}, {"hockney us"}, {"hockney / bare"}});
  std::vector<double> ratios;
  for (int i = 0; i < alternations; ++i) {
    // which of the two goes first changes, so that neither always finds the other's caches
    double bare = 0;
    double ours = 0;
    if (i % 2 == 0) {
      bare = bare_median_s(world, buffers, payload, samples);
      ours = hockney_median_s(*link, buffers, point, samples);
    } else {
      ours = hockney_median_s(*link, buffers, point, samples);
      bare = bare_median_s(world, buffers, payload, samples);
    }
    if (world.is_root()) {
      ratios.push_back(ours / bare);
      table.add({std::to_string(i + 1), fmt::format("{:.3f}", bare * 1e6), fmt::format("{:.3f}", ours * 1e6),
                 fmt::format("{:.3f}", ours / bare)});
    }
  }
  if (world.is_root()) {
    fmt::print("all-reduce, {}, {} ranks, {} samples a side and alternation\n{}", to_string(payload), world.size(),
               samples, table.print());
    fmt::print("ratio: median {:.3f}, from {:.3f} to {:.3f}\n\n", median(ratios), quantile(ratios, 0),
               quantile(ratios, 1));
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const mpi::Environment environment(&argc, &argv);
  const mpi::Communicator world = mpi::Communicator::world();
  watchdog::Watchdog watchdog(Seconds{0}, "", {});
  const auto transport = transport::host::make_mpi_transport(world, topology::discover_placements(world), watchdog);
  compare(world, *transport, Bytes{8}, 5000);
  compare(world, *transport, mebibytes(1), 1000);
  return 0;
}
