// What the start line of a GPU sample adds to what is timed: the duration between two events around one small kernel of
// the project's own, bare, behind the gate, and behind gate and align, and around nothing, taken in turn. As one
// process on one GPU without align: NCCL launches nothing for a rank alone in place. As two or more, a GPU each
// (mpiexec -n 2), with it; what rank 0 sees is shown. No network is involved in the differences, which are the method's
// own.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fmt/format.h>
#include <vector>

#include "base/text_table.hpp"
#include "cuda/device.hpp"
#include "cuda/handles.hpp"
#include "cuda/kernels.hpp"
#include "mpi/communicator.hpp"
#include "nccl/communicator.hpp"
#include "nccl/error.hpp"
#include "pattern/pattern.hpp"

namespace {

using namespace hockney;

struct Way {
  const char* name;
  bool gated, aligned, works;
  std::vector<double> times;
};

class StartLine {
 public:
  explicit StartLine(const mpi::Communicator& world)
      : world_(world), communicator_(world, {}), aligned_(Bytes{sizeof(float)}), filled_(kibibytes(4)) {
    cuda::fill_bytes(stream_, aligned_.bytes(), 0);
  }

  double microseconds(const Way& way, bool is_warm) {
    if (way.gated && is_warm) {  // connecting behind a closed gate can deadlock
      cuda::queue_gate(stream_, open_, ++ticket_, timed_out_, Seconds{5});
    }
    if (way.aligned) {
      align();
    }
    begin_.record(stream_);
    if (way.works) {
      work();
    }
    end_.record(stream_);
    world_.barrier();
    open_.store(ticket_);
    stream_.synchronise();
    return end_.since(begin_).count() * 1e6;
  }

 private:
  void align() {
    auto* data = reinterpret_cast<float*>(aligned_.bytes().data());
    nccl::check(ncclAllReduce(data, data, 1, ncclFloat32, ncclSum, communicator_.get(), stream_.get()), communicator_);
  }

  void work() { cuda::fill_pattern(stream_, filled_.bytes(), pattern_); }

  const mpi::Communicator& world_;
  cuda::Stream stream_;
  nccl::Communicator communicator_;
  cuda::DeviceBuffer aligned_;
  cuda::DeviceBuffer filled_;
  pattern::PatternTable pattern_ = pattern::table_of(pattern::Pattern::moved(Element::float32, 0));
  cuda::MappedWord open_;
  cuda::MappedWord timed_out_;
  cuda::Event begin_;
  cuda::Event end_;
  std::uint64_t ticket_ = 0;
};

cuda::Device own_device(const mpi::Communicator& world) {
  const auto devices = cuda::visible_devices();
  if (devices.size() < static_cast<std::size_t>(world.size())) {
    throw InputError(
        fmt::format("{} ranks and {} GPUs; expected a GPU for each rank of one node", world.size(), devices.size()));
  }
  return devices.at(static_cast<std::size_t>(world.rank()));
}

std::vector<Way> ways_of(int ranks) {
  std::vector<Way> ways{{"nothing, bare", false, false, false, {}},
                        {"nothing, gate", true, false, false, {}},
                        {"a kernel that fills 4 KiB, bare", false, false, true, {}},
                        {"a kernel that fills 4 KiB, gate", true, false, true, {}}};
  if (ranks > 1) {
    ways.push_back({"nothing, gate and align", true, true, false, {}});
    ways.push_back({"a kernel that fills 4 KiB, gate and align", true, true, true, {}});
  }
  return ways;
}

void measure(StartLine& line, std::vector<Way>& ways) {
  constexpr int warm_up = 20;
  constexpr int samples = 500;
  for (int i = -warm_up; i < samples; ++i) {
    for (Way& way : ways) {
      const double time = line.microseconds(way, i >= 0);
      if (i >= 0) {
        way.times.push_back(time);
      }
    }
  }
}

void print(std::vector<Way>& ways) {
  TextTable table({{"between two events", Align::left},
                   {"median us", Align::right},
                   {"5 % us", Align::right},
                   {"95 % us", Align::right}});
  for (Way& way : ways) {
    std::sort(way.times.begin(), way.times.end());
    const auto at = [&](double share) {
      return fmt::format("{:.2f}",
                         way.times[static_cast<std::size_t>(share * static_cast<double>(way.times.size() - 1))]);
    };
    table.add({way.name, at(0.5), at(0.05), at(0.95)});
  }
  fmt::print("{}", table.print());
}

void run() {
  const mpi::Communicator world = mpi::Communicator::world();
  const cuda::Device device = own_device(world);
  cuda::use_device(device);
  StartLine line(world);
  std::vector<Way> ways = ways_of(world.size());
  measure(line, ways);
  if (world.is_root()) {
    fmt::print("{}{}\n", device.name, cuda::is_emulated() ? " EMULATED: no GPU is involved" : "");
    fmt::print("{}", world.size() > 1 ? "" : "one GPU: without align, which takes two (mpiexec -n 2)\n");
    print(ways);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const mpi::Environment environment(&argc, &argv);
    run();
    return 0;
  } catch (const hockney::InputError& error) {
    std::fprintf(stderr, "gate_and_align: %s\n", error.what());
    return static_cast<int>(hockney::ExitCode::bad_input);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gate_and_align: %s\n", error.what());
    return static_cast<int>(hockney::ExitCode::failure);
  }
}
