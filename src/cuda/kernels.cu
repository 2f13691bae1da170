#include "cuda/kernel_arguments.hpp"
#include "cuda/kernels.hpp"

namespace hockney::cuda {
namespace {

constexpr std::uint32_t period = pattern::PatternTable::period;
constexpr std::uint32_t warp = 32;
constexpr std::uint32_t most_warps = 1024 / warp;

__device__ std::uint64_t globaltimer() {
  std::uint64_t now = 0;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  return now;
}

// Elements first, first + stride, first + 2 stride ... of a pattern, as the grid's threads take them.
template <class Word>
class Expected {
 public:
  __device__ Expected(const pattern::PatternTable& table, Word* period_of_words, std::uint64_t first,
                      std::uint64_t stride)
      : words_(period_of_words),
        at_(static_cast<std::uint32_t>((table.phase + first) % period)),
        step_(static_cast<std::uint32_t>(stride % period)) {
    for (std::uint32_t i = threadIdx.x; i < period; i += blockDim.x) {
      period_of_words[i] = static_cast<Word>(table.bits[i]);
    }
    __syncthreads();
  }

  __device__ Word next() {
    const Word word = words_[at_];
    at_ += step_;
    at_ -= at_ >= period ? period : 0;
    return word;
  }

 private:
  const Word* words_;
  std::uint32_t at_;
  std::uint32_t step_;
};

template <class Word>
__device__ void fill(const FillArguments& arguments) {
  __shared__ Word words[period];
  const std::uint64_t first = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  const std::uint64_t stride = std::uint64_t{gridDim.x} * blockDim.x;
  Expected<Word> expected(arguments.table, words, first, stride);
  Word* data = reinterpret_cast<Word*>(arguments.data);
  for (std::uint64_t i = first; i < arguments.elements; i += stride) {
    data[i] = expected.next();
  }
}

__device__ std::uint32_t sum_over_warp(std::uint32_t value) {
  for (std::uint32_t distance = warp / 2; distance > 0; distance /= 2) {
    value += __shfl_down_sync(0xFFFFFFFFU, value, distance);
  }
  return value;
}

template <class Word>
__device__ void count_wrong(const CountWrongArguments& arguments) {
  __shared__ Word words[period];
  __shared__ std::uint32_t wrong_of_warp[most_warps];
  const std::uint64_t first = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  const std::uint64_t stride = std::uint64_t{gridDim.x} * blockDim.x;
  Expected<Word> expected(arguments.table, words, first, stride);
  const Word* data = reinterpret_cast<const Word*>(arguments.data);
  std::uint32_t wrong = 0;
  for (std::uint64_t i = first; i < arguments.elements; i += stride) {
    wrong += data[i] == expected.next() ? 0 : 1;
  }
  wrong = sum_over_warp(wrong);
  if (threadIdx.x % warp == 0) {
    wrong_of_warp[threadIdx.x / warp] = wrong;
  }
  __syncthreads();
  if (threadIdx.x < warp) {
    wrong = sum_over_warp(threadIdx.x < blockDim.x / warp ? wrong_of_warp[threadIdx.x] : 0);
    if (threadIdx.x == 0 && wrong != 0) {
      atomicAdd(reinterpret_cast<unsigned long long*>(arguments.wrong), wrong);
    }
  }
}

}  // namespace

extern "C" __global__ void hockney_fill_pattern_1(FillArguments arguments) { fill<std::uint8_t>(arguments); }
extern "C" __global__ void hockney_fill_pattern_2(FillArguments arguments) { fill<std::uint16_t>(arguments); }
extern "C" __global__ void hockney_fill_pattern_4(FillArguments arguments) { fill<std::uint32_t>(arguments); }
extern "C" __global__ void hockney_fill_pattern_8(FillArguments arguments) { fill<std::uint64_t>(arguments); }

extern "C" __global__ void hockney_count_wrong_1(CountWrongArguments arguments) {
  count_wrong<std::uint8_t>(arguments);
}
extern "C" __global__ void hockney_count_wrong_2(CountWrongArguments arguments) {
  count_wrong<std::uint16_t>(arguments);
}
extern "C" __global__ void hockney_count_wrong_4(CountWrongArguments arguments) {
  count_wrong<std::uint32_t>(arguments);
}
extern "C" __global__ void hockney_count_wrong_8(CountWrongArguments arguments) {
  count_wrong<std::uint64_t>(arguments);
}

// Every poll is a read across PCIe, which is slower than the timer: sleeping between polls would only add latency.
extern "C" __global__ void hockney_gate(GateArguments arguments) {
  const volatile std::uint64_t* open = arguments.open;
  const std::uint64_t begin = globaltimer();
  while (*open < arguments.ticket) {
    if (globaltimer() - begin > arguments.timeout_ns) {
      *const_cast<volatile std::uint64_t*>(arguments.timed_out) = gate_timed_out;
      break;
    }
  }
  __threadfence_system();
}

extern "C" __global__ void hockney_busy(BusyArguments arguments) {
  const std::uint64_t begin = globaltimer();
  while (globaltimer() - begin < arguments.duration_ns) {
  }
}

extern "C" __global__ void hockney_globaltimer_step(GlobaltimerStepArguments arguments) {
  std::uint64_t smallest = ~std::uint64_t{0};
  std::uint64_t last = globaltimer();
  for (std::uint64_t reading = 0; reading < arguments.readings; ++reading) {
    const std::uint64_t now = globaltimer();
    if (now != last && now - last < smallest) {
      smallest = now - last;
    }
    last = now;
  }
  *arguments.smallest_step_ns = smallest;
  __threadfence_system();
}

}  // namespace hockney::cuda
