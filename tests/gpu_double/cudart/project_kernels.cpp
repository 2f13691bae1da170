#include "project_kernels.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <limits>
#include <thread>

#include "cuda/kernel_arguments.hpp"

namespace hockney::gpu_double {
namespace {

using Clock = std::chrono::steady_clock;

// The value that kernels.hpp names gate_timed_out; that header is not for those who stand in for CUDA.
constexpr std::uint64_t gate_opened_by_itself = 1;

// Width and table come from the struct, so one function serves every width; the layout of bits is little-endian.
template <class Visit>
void for_each_element(const pattern::PatternTable& table, std::uint64_t elements, Visit&& visit) {
  std::uint64_t at = table.phase;
  for (std::uint64_t i = 0; i < elements; ++i) {
    visit(i * table.width, table.bits[at]);
    at = at + 1 == pattern::PatternTable::period ? 0 : at + 1;
  }
}

void run(const cuda::FillArguments& fill) {
  for_each_element(fill.table, fill.elements, [&](std::uint64_t offset, std::uint64_t bits) {
    std::memcpy(fill.data + offset, &bits, fill.table.width);
  });
}

void run(const cuda::CountWrongArguments& check) {
  std::uint64_t wrong = 0;
  for_each_element(check.table, check.elements, [&](std::uint64_t offset, std::uint64_t bits) {
    wrong += std::memcmp(check.data + offset, &bits, check.table.width) == 0 ? 0 : 1;
  });
  std::atomic_ref(*check.wrong).fetch_add(wrong);
}

void run(const cuda::GateArguments& gate) {
  const auto deadline = Clock::now() + std::chrono::nanoseconds(gate.timeout_ns);
  const std::atomic_ref open(*const_cast<std::uint64_t*>(gate.open));
  while (open.load(std::memory_order_acquire) < gate.ticket) {
    if (Clock::now() > deadline) {
      std::atomic_ref(*gate.timed_out).store(gate_opened_by_itself, std::memory_order_release);
      return;
    }
    std::this_thread::yield();
  }
}

void run(const cuda::BusyArguments& busy) { std::this_thread::sleep_for(std::chrono::nanoseconds(busy.duration_ns)); }

void run(const cuda::GlobaltimerStepArguments& timer) {
  std::uint64_t smallest = std::numeric_limits<std::uint64_t>::max();
  auto before = Clock::now();
  for (std::uint64_t i = 0; i < timer.readings; ++i) {
    const auto now = Clock::now();
    if (now != before) {
      smallest = std::min(smallest, static_cast<std::uint64_t>((now - before).count()));
    }
    before = now;
  }
  *timer.smallest_step_ns = smallest;
}

template <class Arguments>
void run_from_bytes(const std::byte* argument) {
  Arguments arguments;
  std::memcpy(&arguments, argument, sizeof arguments);
  run(arguments);
}

template <class Arguments>
constexpr ProjectKernel kernel(std::string_view name) {
  return {name, sizeof(Arguments), &run_from_bytes<Arguments>};
}

constexpr std::array kernels{
    kernel<cuda::FillArguments>("hockney_fill_pattern_1"),
    kernel<cuda::FillArguments>("hockney_fill_pattern_2"),
    kernel<cuda::FillArguments>("hockney_fill_pattern_4"),
    kernel<cuda::FillArguments>("hockney_fill_pattern_8"),
    kernel<cuda::CountWrongArguments>("hockney_count_wrong_1"),
    kernel<cuda::CountWrongArguments>("hockney_count_wrong_2"),
    kernel<cuda::CountWrongArguments>("hockney_count_wrong_4"),
    kernel<cuda::CountWrongArguments>("hockney_count_wrong_8"),
    kernel<cuda::GateArguments>("hockney_gate"),
    kernel<cuda::BusyArguments>("hockney_busy"),
    kernel<cuda::GlobaltimerStepArguments>("hockney_globaltimer_step"),
};

}  // namespace

const ProjectKernel* find_project_kernel(std::string_view name) {
  for (const auto& kernel : kernels) {
    if (kernel.name == name) {
      return &kernel;
    }
  }
  return nullptr;
}

}  // namespace hockney::gpu_double
