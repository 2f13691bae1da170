// What the start line of a GPU sample adds to what is timed: the duration between two events around one small
// all-reduce, (a) bare, (b) behind the gate, (c) behind gate and align, and around nothing, taken in turn. One process
// on one GPU; the differences are the method's own, no network is involved.
#include <algorithm>
#include <array>
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

namespace {

using namespace hockney;

class StartLine {
 public:
  explicit StartLine(const mpi::Communicator& self) : communicator_(self, {}), buffer_(kibibytes(4)) {
    cuda::fill_bytes(stream_, buffer_.bytes(), 0);
  }

  double microseconds(bool gated, bool aligned, bool operation) {
    if (gated) {
      cuda::queue_gate(stream_, open_, ++ticket_, timed_out_, Seconds{5});
    }
    if (aligned) {
      all_reduce(1);
    }
    begin_.record(stream_);
    if (operation) {
      all_reduce(buffer_.bytes().size() / sizeof(float));
    }
    end_.record(stream_);
    open_.store(ticket_);
    stream_.synchronise();
    return end_.since(begin_).count() * 1e6;
  }

 private:
  void all_reduce(std::size_t count) {
    auto* data = reinterpret_cast<float*>(buffer_.bytes().data());
    nccl::check(ncclAllReduce(data, data, count, ncclFloat32, ncclSum, communicator_.get(), stream_.get()),
                communicator_.get());
  }

  cuda::Stream stream_;
  nccl::Communicator communicator_;
  cuda::DeviceBuffer buffer_;
  cuda::MappedWord open_;
  cuda::MappedWord timed_out_;
  cuda::Event begin_;
  cuda::Event end_;
  std::uint64_t ticket_ = 0;
};

int run() {
  const mpi::Communicator world = mpi::Communicator::world();
  if (world.size() != 1) {
    throw InputError("gate_and_align measures one GPU: start it as one process");
  }
  const auto devices = cuda::visible_devices();
  cuda::use_device(devices.front());
  StartLine line(world);

  struct Way {
    const char* name;
    bool gated, aligned, operation;
    std::vector<double> times;
  };
  std::array<Way, 5> ways{{{"nothing, bare", false, false, false, {}},
                           {"nothing, gate and align", true, true, false, {}},
                           {"all-reduce of 4 KiB, bare", false, false, true, {}},
                           {"all-reduce of 4 KiB, gate", true, false, true, {}},
                           {"all-reduce of 4 KiB, gate and align", true, true, true, {}}}};
  constexpr int warm_up = 20;
  constexpr int samples = 500;
  for (int i = -warm_up; i < samples; ++i) {
    for (Way& way : ways) {
      const double time = line.microseconds(way.gated && i >= 0, way.aligned, way.operation);
      if (i >= 0) {
        way.times.push_back(time);
      }
    }
  }
  fmt::print("{}{}\n", devices.front().name, cuda::is_emulated() ? " EMULATED: no GPU is involved" : "");
  TextTable table({{"between two events", Align::left},
                   {"median us", Align::right},
                   {"5 % us", Align::right},
                   {"95 % us", Align::right}});
  for (Way& way : ways) {
    std::sort(way.times.begin(), way.times.end());
    const auto at = [&](double share) {
      return fmt::format("{:.2f}", way.times[static_cast<std::size_t>(share * (samples - 1))]);
    };
    table.add({way.name, at(0.5), at(0.05), at(0.95)});
  }
  fmt::print("{}", table.print());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const mpi::Environment environment(&argc, &argv);
    return run();
  } catch (const hockney::InputError& error) {
    std::fprintf(stderr, "gate_and_align: %s\n", error.what());
    return static_cast<int>(hockney::ExitCode::bad_input);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gate_and_align: %s\n", error.what());
    return static_cast<int>(hockney::ExitCode::failure);
  }
}
