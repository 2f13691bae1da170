#include "predict/search/mapping_search.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>

#include "predict/step/small_step.hpp"

namespace hockney::predict {
namespace {

constexpr std::uint64_t gpus = 16;
constexpr std::uint64_t batch = 16;
constexpr double plenty = 1e15;

SearchSpace space(double memory_bytes) {
  SearchSpace space;
  space.gpus = gpus;
  space.base.global_batch = batch;
  space.memory_bytes = memory_bytes;
  return space;
}

/// What a search must find, by trying every number.
struct Brute {
  double best_s = std::numeric_limits<double>::infinity();
  std::uint64_t tried = 0;
  std::uint64_t fitting = 0;
};

template <typename Visit>
void for_every_size(Visit visit) {
  for (std::uint64_t t = 1; t <= gpus; ++t) {
    for (std::uint64_t p = 1; p * t <= gpus; ++p) {
      for (std::uint64_t v = 1; v <= 8; ++v) {
        for (std::uint64_t b = 1; b <= batch; ++b) {
          if (gpus % (t * p) == 0) {
            Mapping mapping;
            mapping.tensor = t;
            mapping.pipeline = p;
            mapping.data = gpus / (t * p);
            mapping.virtual_stages = v;
            mapping.micro_batch = b;
            mapping.global_batch = batch;
            visit(mapping);
          }
        }
      }
    }
  }
}

bool divides_evenly(const Mapping& mapping, const Transformer& model) {
  return mapping.global_batch % (mapping.micro_batch * mapping.data) == 0 &&
         (mapping.virtual_stages == 1 || (model.layers % (mapping.pipeline * mapping.virtual_stages) == 0 &&
                                          mapping.micro_batches() % mapping.pipeline == 0));
}

Brute brute_force(synthetic::SmallStep& small, double memory_bytes) {
  Brute brute;
  for_every_size([&](Mapping mapping) {
    for (const bool sequence_parallel : {false, true}) {
      for (const bool distributed : {false, true}) {
        for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full}) {
          mapping.sequence_parallel = sequence_parallel;
          mapping.distributed_optimizer = distributed;
          mapping.recompute = recompute;
          if ((sequence_parallel && mapping.tensor == 1) || (distributed && mapping.data == 1) ||
              !fits(mapping, small.model) || !divides_evenly(mapping, small.model)) {
            continue;
          }
          ++brute.tried;
          const MemoryVerdict memory =
              verdict(step_memory(small.model, mapping), Bytes{static_cast<std::uint64_t>(memory_bytes)});
          if (memory.margin() >= 0) {
            ++brute.fitting;
            const double step_s = small.step.predict(small.model, mapping, small.network).total_s;
            brute.best_s = std::min(brute.best_s, ranked_s(step_s, memory, doubt_between_mappings(small.constants)));
          }
        }
      }
    }
  });
  return brute;
}

void expect_as_brute_force(double memory_bytes) {
  synthetic::SmallStep small;
  const SearchResult result = search_mappings(small.step, small.model, space(memory_bytes), small.network, 10);
  const Brute brute = brute_force(small, memory_bytes);
  EXPECT_EQ(result.tried, brute.tried);
  EXPECT_EQ(result.fitting, brute.fitting);
  ASSERT_FALSE(result.best.empty());
  EXPECT_DOUBLE_EQ(result.best.front().ranked_s, brute.best_s);
}

TEST(MappingSearch, FindsWhatTryingEverythingFinds) { expect_as_brute_force(plenty); }

// Half of what the fastest takes without a limit, beside what every program takes.
double tight_memory(synthetic::SmallStep& small) {
  const SearchResult free = search_mappings(small.step, small.model, space(plenty), small.network, 1);
  const StepMemory& memory = free.best.front().memory;
  return (memory.runtime + (memory.all() - memory.runtime) / 2) / MemoryConstants().usable_share;
}

TEST(MappingSearch, FindsWhatTryingEverythingFindsInLittleMemory) {
  synthetic::SmallStep small;
  expect_as_brute_force(tight_memory(small));
}

TEST(MappingSearch, EveryCandidateIsValidFitsAndIsSlowerThanTheOneBefore) {
  synthetic::SmallStep small;
  const double memory = tight_memory(small);
  const SearchResult result = search_mappings(small.step, small.model, space(memory), small.network, 10);
  ASSERT_EQ(result.best.size(), 10U);
  double before = 0;
  for (const Candidate& candidate : result.best) {
    EXPECT_NO_THROW(check(candidate.mapping, small.model));
    EXPECT_EQ(candidate.mapping.gpus(), gpus);
    EXPECT_LE(candidate.memory.all(), memory);
    EXPECT_GE(candidate.ranked_s, before);
    EXPECT_DOUBLE_EQ(candidate.time.total_s, small.step.predict(small.model, candidate.mapping, small.network).total_s);
    before = candidate.ranked_s;
  }
}

TEST(MappingSearch, TellsWhatMoreMemoryWouldBring) {
  synthetic::SmallStep small;
  const double memory = tight_memory(small);
  const SearchResult result = search_mappings(small.step, small.model, space(memory), small.network, 1);
  ASSERT_TRUE(result.beyond_memory);
  EXPECT_GT(result.beyond_memory->memory.all(), memory);
  EXPECT_LT(result.beyond_memory->time.total_s, result.best.front().time.total_s);
  EXPECT_FALSE(search_mappings(small.step, small.model, space(plenty), small.network, 1).beyond_memory);
}

TEST(MappingSearch, FindsNothingWhereNothingFits) {
  synthetic::SmallStep small;
  const SearchResult result = search_mappings(small.step, small.model, space(1), small.network, 10);
  EXPECT_TRUE(result.best.empty());
  EXPECT_GT(result.tried, 0U);
  EXPECT_EQ(result.fitting, 0U);
}

TEST(MappingSearch, KeepsToTheSizesAskedFor) {
  synthetic::SmallStep small;
  SearchSpace asked = space(plenty);
  asked.tensor = {2};
  asked.pipeline = {4};
  for (const Candidate& candidate : search_mappings(small.step, small.model, asked, small.network, 100).best) {
    EXPECT_EQ(candidate.mapping.tensor, 2U);
    EXPECT_EQ(candidate.mapping.pipeline, 4U);
    EXPECT_EQ(candidate.mapping.data, 2U);
  }
}

TEST(Limits, AddUpToTheStep) {
  synthetic::SmallStep small;
  Mapping mapping;
  mapping.tensor = 4;
  mapping.pipeline = 2;
  mapping.data = 2;
  mapping.global_batch = batch;
  double sum = 0;
  for (const double seconds : seconds_by_limit(small.step, small.model, mapping, small.network)) {
    EXPECT_GE(seconds, 0);
    sum += seconds;
  }
  EXPECT_NEAR(sum / small.step.predict(small.model, mapping, small.network).total_s, 1, 1e-9);
}

}  // namespace
}  // namespace hockney::predict
