#include "cuda/kernels.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

#include "base/error.hpp"
#include "cuda/error.hpp"
#include "cuda/kernel_arguments.hpp"

namespace hockney::cuda {

// nvcc makes one host function of every kernel of kernels.cu; its address stands for the kernel
extern "C" {
void hockney_fill_pattern_1(FillArguments arguments);
void hockney_fill_pattern_2(FillArguments arguments);
void hockney_fill_pattern_4(FillArguments arguments);
void hockney_fill_pattern_8(FillArguments arguments);
void hockney_count_wrong_1(CountWrongArguments arguments);
void hockney_count_wrong_2(CountWrongArguments arguments);
void hockney_count_wrong_4(CountWrongArguments arguments);
void hockney_count_wrong_8(CountWrongArguments arguments);
void hockney_gate(GateArguments arguments);
void hockney_busy(BusyArguments arguments);
void hockney_globaltimer_step(GlobaltimerStepArguments arguments);
}

namespace {

constexpr std::uint32_t threads_per_block = 256;
constexpr std::uint64_t most_blocks = 2048;  // enough to fill any GPU, few enough that each thread's loop pays

template <class Arguments>
using Kernel = void (*)(Arguments);

template <class Arguments>
void launch(Kernel<Arguments> kernel, unsigned blocks, unsigned threads, Arguments arguments, const Stream& stream) {
  std::array<void*, 1> parameters{&arguments};
  check(cudaLaunchKernel(reinterpret_cast<const void*>(kernel), dim3(blocks), dim3(threads), parameters.data(), 0,
                         stream.get()));
}

unsigned blocks_for(std::uint64_t elements) {
  const std::uint64_t blocks = (elements + threads_per_block - 1) / threads_per_block;
  return static_cast<unsigned>(std::min(blocks, most_blocks));
}

template <class Arguments>
Kernel<Arguments> of_width(std::uint32_t width, const std::array<Kernel<Arguments>, 4>& kernels) {
  switch (width) {
    case 1:
      return kernels[0];
    case 2:
      return kernels[1];
    case 4:
      return kernels[2];
    case 8:
      return kernels[3];
    default:
      throw Failure(fmt::format("no kernel for elements of {} B", width));
  }
}

std::uint64_t nanoseconds(Seconds time) { return static_cast<std::uint64_t>(std::max(time.count(), 0.0) * 1e9); }

}  // namespace

void fill_pattern(const Stream& stream, std::span<std::byte> buffer, const pattern::PatternTable& table) {
  const FillArguments arguments{buffer.data(), buffer.size() / table.width, table};
  const auto kernel = of_width<FillArguments>(
      table.width, {hockney_fill_pattern_1, hockney_fill_pattern_2, hockney_fill_pattern_4, hockney_fill_pattern_8});
  if (arguments.elements > 0) {
    launch(kernel, blocks_for(arguments.elements), threads_per_block, arguments, stream);
  }
}

void count_wrong(const Stream& stream, std::span<const std::byte> buffer, const pattern::PatternTable& table,
                 std::uint64_t* wrong) {
  const CountWrongArguments arguments{buffer.data(), buffer.size() / table.width, wrong, table};
  const auto kernel = of_width<CountWrongArguments>(
      table.width, {hockney_count_wrong_1, hockney_count_wrong_2, hockney_count_wrong_4, hockney_count_wrong_8});
  if (arguments.elements > 0) {
    launch(kernel, blocks_for(arguments.elements), threads_per_block, arguments, stream);
  }
}

void queue_gate(const Stream& stream, const MappedWord& open, std::uint64_t ticket, const MappedWord& timed_out,
                Seconds timeout) {
  const GateArguments arguments{open.device_pointer(), ticket, timed_out.device_pointer(), nanoseconds(timeout)};
  launch(hockney_gate, 1, 1, arguments, stream);
}

void queue_busy(const Stream& stream, Seconds duration, int blocks) {
  launch(hockney_busy, static_cast<unsigned>(std::max(blocks, 1)), 1, BusyArguments{nanoseconds(duration)}, stream);
}

Seconds measure_globaltimer_step(const Stream& stream) {
  constexpr std::uint64_t readings = 1'000'000;
  const MappedWord step;
  launch(hockney_globaltimer_step, 1, 1, GlobaltimerStepArguments{readings, step.device_pointer()}, stream);
  stream.synchronise();
  if (step.load() == std::numeric_limits<std::uint64_t>::max()) {
    throw Failure("the GPU's globaltimer stands still");
  }
  return Seconds(static_cast<double>(step.load()) * 1e-9);
}

}  // namespace hockney::cuda
