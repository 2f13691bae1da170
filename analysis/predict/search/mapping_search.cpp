#include "predict/search/mapping_search.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace hockney::predict {
namespace {

std::vector<std::uint64_t> divisors_of(std::uint64_t value, std::uint64_t most) {
  std::vector<std::uint64_t> divisors;
  for (std::uint64_t i = 1; i <= std::min(value, most); ++i) {
    if (value % i == 0) {
      divisors.push_back(i);
    }
  }
  return divisors;
}

bool is_faster(const Candidate& a, const Candidate& b) { return a.time.total_s < b.time.total_s; }
bool is_better(const Candidate& a, const Candidate& b) { return a.ranked_s < b.ranked_s; }

class Search {
 public:
  Search(const StepModel& step, const Transformer& model, const SearchSpace& space, StepNetwork& network,
         std::size_t most)
      : step_(step), model_(model), space_(space), network_(network), most_(most) {}

  SearchResult run() && {
    const std::uint64_t context = space_.base.context;
    for (const std::uint64_t tensor : sizes(space_.tensor, space_.gpus, space_.most_tensor)) {
      for (const std::uint64_t pipeline : sizes(space_.pipeline, space_.gpus, model_.layers)) {
        Mapping mapping = space_.base;
        mapping.tensor = tensor;
        mapping.pipeline = pipeline;
        mapping.data = space_.gpus / tensor / pipeline / context;
        if (mapping.data > 0 && mapping.gpus() == space_.gpus && model_.layers % pipeline == 0) {
          try_batches(mapping);
        }
      }
    }
    if (!result_.best.empty() && result_.beyond_memory && !is_faster(*result_.beyond_memory, result_.best.front())) {
      result_.beyond_memory.reset();
    }
    return std::move(result_);
  }

 private:
  static std::vector<std::uint64_t> sizes(const std::vector<std::uint64_t>& asked, std::uint64_t gpus,
                                          std::uint64_t most) {
    return asked.empty() ? divisors_of(gpus, most) : asked;
  }

  void try_batches(Mapping mapping) {
    if (mapping.global_batch % mapping.data != 0) {
      return;
    }
    const std::uint64_t share = mapping.global_batch / mapping.data;
    const auto chunks = mapping.pipeline > 1 ? divisors_of(model_.layers / mapping.pipeline, model_.layers)
                                             : std::vector<std::uint64_t>{1};
    const auto experts = model_.experts > 0
                             ? divisors_of(model_.experts, mapping.tensor * mapping.context * mapping.data)
                             : std::vector<std::uint64_t>{1};
    for (const std::uint64_t expert : experts) {
      for (const std::uint64_t micro_batch : divisors_of(share, space_.most_micro_batch)) {
        for (const std::uint64_t virtual_stages : chunks) {
          mapping.expert = expert;
          mapping.micro_batch = micro_batch;
          mapping.virtual_stages = virtual_stages;
          if (virtual_stages == 1 || runs_in_rounds(mapping)) {
            try_switches(mapping);
          }
        }
      }
    }
  }

  // Interleaved schedules that every program has: equal chunks, and micro-batches in rounds of p.
  bool runs_in_rounds(const Mapping& mapping) const {
    return model_.layers % (mapping.pipeline * mapping.virtual_stages) == 0 &&
           mapping.micro_batches() % mapping.pipeline == 0;
  }

  void try_switches(Mapping mapping) {
    for (const bool sequence_parallel : {false, true}) {
      for (const bool distributed : {false, true}) {
        for (const auto& [recompute, name] : Names<Recompute>::table) {
          mapping.sequence_parallel = sequence_parallel;
          mapping.distributed_optimizer = distributed;
          mapping.recompute = recompute;
          const bool changes_nothing = (sequence_parallel && mapping.tensor == 1) ||
                                       (distributed && mapping.data * mapping.context == 1) ||
                                       (mapping.flash_attention && recompute == Recompute::selective);
          if (!changes_nothing && fits(mapping, model_)) {
            try_one(mapping);
          }
        }
      }
    }
  }

  void try_one(const Mapping& mapping) {
    ++result_.tried;
    Candidate candidate{mapping, {}, memory_of(step_.way(), model_, mapping)};
    try {
      candidate.time = step_.predict(model_, mapping, network_);
    } catch (const InputError& error) {
      ++result_.unanswered;
      result_.refusal = result_.refusal.empty() ? error.what() : result_.refusal;
      return;
    }
    const MemoryVerdict memory = verdict(candidate.memory, Bytes{static_cast<std::uint64_t>(space_.memory_bytes)});
    candidate.ranked_s = ranked_s(candidate.time.total_s, memory, doubt_between_mappings(step_.constants()));
    if (memory.fit == Fit::does_not_fit) {
      if (!result_.beyond_memory || is_faster(candidate, *result_.beyond_memory)) {
        result_.beyond_memory = candidate;
      }
      return;
    }
    ++result_.fitting;
    auto& best = result_.best;
    if (best.size() < most_ || is_better(candidate, best.back())) {
      best.insert(std::upper_bound(best.begin(), best.end(), candidate, is_better), candidate);
      best.resize(std::min(best.size(), most_));
    }
  }

  const StepModel& step_;
  const Transformer& model_;
  const SearchSpace& space_;
  StepNetwork& network_;
  std::size_t most_;
  SearchResult result_;
};

}  // namespace

SearchResult search_mappings(const StepModel& step, const Transformer& model, const SearchSpace& space,
                             StepNetwork& network, std::size_t most) {
  return Search(step, model, space, network, most).run();
}

std::vector<Ranked> ranked(const StepModel& step, const Transformer& model, const std::vector<Candidate>& best,
                           StepNetwork& network) {
  constexpr double sure = 0.975;
  std::vector<Ranked> all;
  std::optional<StepDraws> first;
  for (const Candidate& candidate : best) {
    StepDraws draws = draw_steps(step, model, candidate.mapping, network);
    all.push_back(Ranked{candidate, draws.interval(step_parts().back(), candidate.time.total_s),
                         candidate.time.total_s / best.front().time.total_s - 1,
                         first && share_faster(*first, draws) >= sure});
    if (!first) {
      first = std::move(draws);
    }
  }
  return all;
}

std::optional<double> Swept::overhead() const {
  return best ? std::optional(1 - (best->time.compute_s - best->time.recompute_s) / best->time.total_s) : std::nullopt;
}

std::vector<Swept> sweep_mappings(const StepModel& step, const Transformer& model, const SearchSpace& space,
                                  StepNetwork& network) {
  const auto all = [](const std::vector<std::uint64_t>& asked) {
    return asked.empty() ? std::vector<std::uint64_t>{1, 2, 4, 8, 16, 32, 64} : asked;
  };
  std::vector<Swept> swept;
  for (const std::uint64_t tensor : all(space.tensor)) {
    for (const std::uint64_t pipeline : all(space.pipeline)) {
      SearchSpace one = space;
      one.tensor = {tensor};
      one.pipeline = {pipeline};
      const SearchResult result = search_mappings(step, model, one, network, 1);
      swept.push_back({tensor, pipeline, result.best.empty() ? std::nullopt : std::optional(result.best.front())});
    }
  }
  return swept;
}

std::array<double, Names<Limit>::table.size()> seconds_by_limit(const StepModel& step, const Transformer& model,
                                                                const Mapping& mapping, StepNetwork& network) {
  const StepTime time = step.predict(model, mapping, network);
  std::array<double, Names<Limit>::table.size()> seconds{};
  const auto of = [&](Limit limit) -> double& { return seconds[static_cast<std::size_t>(limit)]; };
  of(Limit::computation) = time.compute_s;
  of(Limit::bubble) = time.bubble_s();
  of(Limit::optimizer) = time.optimizer_s;
  for (const MessageCost& cost : step.messages(model, mapping, network)) {
    if (cost.message.cause != Cause::bubble) {
      of(cost.message.placed.crosses_nodes() ? Limit::between_nodes : Limit::inside_nodes) +=
          cost.once.exposed_s * static_cast<double>(cost.message.count);
    }
  }
  return seconds;
}

}  // namespace hockney::predict
