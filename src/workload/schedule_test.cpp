#include "workload/schedule.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <set>

#include "base/error.hpp"
#include "workload/messages.hpp"
#include "workload/synthetic_transformer.hpp"

namespace hockney::inline workload {
namespace {

Mapping make_mapping(std::uint64_t t, std::uint64_t p, std::uint64_t d, std::uint64_t m) {
  Mapping mapping;
  mapping.tensor = t;
  mapping.pipeline = p;
  mapping.data = d;
  mapping.global_batch = m * d;
  return mapping;
}

std::vector<Mapping> many_mappings() {
  std::vector<Mapping> mappings;
  for (const std::uint64_t t : {1U, 2U, 8U}) {
    for (const std::uint64_t p : {1U, 2U, 3U, 8U}) {
      for (const std::uint64_t d : {1U, 4U}) {
        for (const std::uint64_t m : {1U, 2U, 7U, 16U}) {
          for (const bool thorough : {false, true}) {
            Mapping mapping = make_mapping(t, p, d, m);
            mapping.recompute = thorough ? Recompute::full : Recompute::none;
            mapping.scatter_gather = thorough;
            mappings.push_back(mapping);
          }
        }
      }
    }
  }
  return mappings;
}

std::string name(const Mapping& mapping) {
  return "t " + std::to_string(mapping.tensor) + ", p " + std::to_string(mapping.pipeline) + ", d " +
         std::to_string(mapping.data) + ", m " + std::to_string(mapping.micro_batches()) +
         (mapping.scatter_gather ? ", recompute and scatter/gather" : "");
}

using Counts = std::map<Bytes, std::uint64_t>;  // by payload

Counts counts_of(const std::vector<Action>& actions, Cause cause, Move move) {
  Counts counts;
  for (const Action& action : actions) {
    if (action.cause == cause && action.move == move) {
      ++counts[action.payload];
    }
  }
  return counts;
}

Counts counts_of(const std::vector<Message>& messages, Cause cause, Operation operation) {
  Counts counts;
  for (const Message& message : messages) {
    if (message.cause == cause && message.operation == operation) {
      counts[message.payload] += message.count;
    }
  }
  return counts;
}

Counts transfers_of(const std::vector<Action>& actions) {
  Counts counts;
  for (const Action& action : actions) {
    if (messages_of(action.move) > 0) {
      counts[action.payload] += messages_of(action.move);
    }
  }
  return counts;
}

Counts sum_of(Counts a, const Counts& b) {
  for (const auto& [payload, count] : b) {
    a[payload] += count;
  }
  return a;
}

std::vector<Action> actions_of(const Mapping& mapping, std::uint64_t stage) {
  return schedule_of(synthetic::gpt3(), mapping, {mapping.tensor - 1, mapping.data - 1, stage});
}

TEST(Schedule, OfTheSlowestStageCommunicatesWhatTheMessagesCount) {
  for (const Mapping& mapping : many_mappings()) {
    const auto messages = step_messages(synthetic::gpt3(), mapping);
    const auto last = actions_of(mapping, mapping.pipeline - 1);
    EXPECT_EQ(counts_of(last, Cause::tensor, Move::all_reduce),
              counts_of(messages, Cause::tensor, Operation::all_reduce))
        << name(mapping);
    EXPECT_EQ(transfers_of(last), counts_of(messages, Cause::pipeline, Operation::pipeline_forward_backward))
        << name(mapping);
  }
}

TEST(Schedule, OfTheFirstStageReducesTheGradientsThatTheMessagesCount) {
  for (const Mapping& mapping : many_mappings()) {
    const auto messages = step_messages(synthetic::gpt3(), mapping);
    const auto first = actions_of(mapping, 0);
    for (const Cause cause : {Cause::data, Cause::tied_embedding}) {
      EXPECT_EQ(counts_of(first, cause, Move::all_reduce), counts_of(messages, cause, Operation::all_reduce))
          << name(mapping);
    }
  }
}

TEST(Schedule, GathersAtBothEndsWhatTheMessagesCount) {
  for (const Mapping& mapping : many_mappings()) {
    if (mapping.pipeline == 1) {
      continue;
    }
    const auto at = [&](std::uint64_t stage) {
      return counts_of(actions_of(mapping, stage), Cause::pipeline, Move::all_gather);
    };
    EXPECT_EQ(sum_of(at(0), at(mapping.pipeline - 1)),
              counts_of(step_messages(synthetic::gpt3(), mapping), Cause::pipeline, Operation::all_gather))
        << name(mapping);
  }
}

TEST(Schedule, OfTheOtherStagesHoldsTheBubblesReductionsOncePerMicroBatch) {
  for (const Mapping& mapping : many_mappings()) {
    if (mapping.pipeline == 1) {
      continue;
    }
    std::uint64_t reductions = 0;
    for (std::uint64_t stage = 0; stage + 1 < mapping.pipeline; ++stage) {
      for (const auto& [payload, count] : counts_of(actions_of(mapping, stage), Cause::tensor, Move::all_reduce)) {
        EXPECT_EQ(count % mapping.micro_batches(), 0U);
        reductions += count / mapping.micro_batches();
      }
    }
    std::uint64_t counted = 0;
    for (const auto& [payload, count] :
         counts_of(step_messages(synthetic::gpt3(), mapping), Cause::bubble, Operation::all_reduce)) {
      counted += count;
    }
    EXPECT_EQ(reductions, counted) << name(mapping);
  }
}

TEST(Schedule, EveryStageHasItsShareOfTheParameters) {
  const Transformer model = synthetic::gpt3();
  const Mapping mapping = make_mapping(1, 4, 2, 4);
  std::uint64_t all = 0;
  for (std::uint64_t stage = 0; stage < mapping.pipeline; ++stage) {
    all += stage_parameters(model, mapping, stage);
  }
  EXPECT_EQ(all, model.layers * model.parameters_per_layer() + 2 * model.embedding_parameters());
  EXPECT_EQ(stage_parameters(model, mapping, 0), first_stage_parameters(model, mapping));
  Transformer experts = model;
  experts.experts = 8;
  experts.experts_per_token = 2;
  const std::uint64_t within = stage_parameters(experts, mapping, 1);
  EXPECT_EQ(within, stage_parameters(experts, mapping, 0) - model.embedding_parameters()) << "no stage has more";
}

/// Plays the schedules of all stages with sends that wait for their receivers, and tells when the last one ends;
/// nothing when a stage waits for ever. A collective takes `reduction`, a message `transfer`, a forward unit `unit`.
class Player {
 public:
  Player(const Transformer& model, const Mapping& mapping, double reduction, double transfer, double unit)
      : reduction_(reduction), transfer_(transfer), unit_(unit) {
    for (std::uint64_t stage = 0; stage < mapping.pipeline; ++stage) {
      stages_.push_back({schedule_of(model, mapping, {0, 0, stage})});
    }
  }

  std::optional<double> length() {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
        while (stages_[stage].next < stages_[stage].actions.size() && advance(stage)) {
          moved = true;
        }
      }
    }
    double end = 0;
    for (const Stage& stage : stages_) {
      if (stage.next < stage.actions.size()) {
        return std::nullopt;
      }
      end = std::max(end, stage.now);
    }
    return end;
  }

 private:
  struct Stage {
    std::vector<Action> actions;
    std::size_t next = 0;
    double now = 0;
    std::map<std::pair<bool, bool>, int> posted{};  // [forward][outgoing]: messages so far
  };
  using Transfer = std::tuple<std::size_t, bool, int>;  // link, forward, number
  using Post = std::map<std::size_t, double>;

  static std::vector<std::pair<bool, bool>> directions_of(Move move) {
    switch (move) {
      case Move::send_forward:
        return {{true, true}};
      case Move::receive_forward:
        return {{true, false}};
      case Move::send_backward:
        return {{false, true}};
      case Move::receive_backward:
        return {{false, false}};
      case Move::send_forward_receive_backward:
        return {{true, true}, {false, false}};
      case Move::send_backward_receive_forward:
        return {{false, true}, {true, false}};
      default:
        return {};
    }
  }

  bool advance(std::size_t index) {
    Stage& stage = stages_[index];
    const Action& action = stage.actions[stage.next];
    double end = stage.now;
    if (action.move == Move::compute) {
      end += action.forward_units * unit_;
    } else if (messages_of(action.move) == 0) {
      end += reduction_;
    }
    std::vector<const Post*> posts;
    for (const auto& direction : directions_of(action.move)) {
      const auto [forward, outgoing] = direction;
      const std::size_t link = forward == outgoing ? index : index - 1;
      Post& post = transfers_[{link, forward, stage.posted[direction]}];
      post.emplace(index, stage.now);
      posts.push_back(&post);
    }
    for (const Post* post : posts) {
      if (post->size() < 2) {
        return false;
      }
      end = std::max(end, std::max(post->begin()->second, post->rbegin()->second) + transfer_);
    }
    for (const auto& direction : directions_of(action.move)) {
      ++stage.posted[direction];
    }
    stage.now = end;
    ++stage.next;
    return true;
  }

  double reduction_;
  double transfer_;
  double unit_;
  std::vector<Stage> stages_;
  std::map<Transfer, Post> transfers_;
};

double counted(const Mapping& mapping, double reduction, double transfer, double unit) {
  double time = critical_forward_units(synthetic::gpt3(), mapping) * unit;
  for (const Message& message : step_messages(synthetic::gpt3(), mapping)) {
    time += static_cast<double>(message.count) *
            (message.operation == Operation::pipeline_forward_backward ? transfer : reduction);
  }
  return time;
}

TEST(Schedule, PlayedWithSendsThatWaitEnds) {
  for (const Mapping& mapping : many_mappings()) {
    EXPECT_TRUE(Player(synthetic::gpt3(), mapping, 1, 1, 1).length().has_value()) << name(mapping);
  }
}

TEST(Schedule, OfOneOrTwoStagesTakesWhatTheMessagesCount) {
  constexpr double reduction = 0.25;
  constexpr double transfer = 0.5;
  for (const double unit : {0.0, 0.125}) {
    for (const Mapping& mapping : many_mappings()) {
      if (mapping.pipeline > 2 || mapping.scatter_gather) {
        continue;
      }
      EXPECT_NEAR(Player(synthetic::gpt3(), mapping, reduction, transfer, unit).length().value_or(0),
                  counted(mapping, reduction, transfer, unit), 1e-6)
          << name(mapping) << ", unit " << unit;
    }
  }
}

TEST(Schedule, OfManyStagesTakesWhatTheMessagesCountLessATransferPerMicroBatch) {
  constexpr double reduction = 0.25;
  constexpr double transfer = 0.5;
  constexpr double unit = 0.125;
  for (const Mapping& mapping : many_mappings()) {
    if (mapping.pipeline < 3 || mapping.scatter_gather) {
      continue;
    }
    const double played = Player(synthetic::gpt3(), mapping, reduction, transfer, unit).length().value_or(0);
    const double expected = counted(mapping, reduction, transfer, unit);
    EXPECT_LE(played, expected + 1e-6) << name(mapping);
    EXPECT_GE(played, expected - static_cast<double>(mapping.micro_batches()) * transfer - 1e-6) << name(mapping);
  }
}

TEST(Schedule, GroupsAreThoseOfMegatron) {
  const Mapping mapping = make_mapping(2, 3, 2, 4);
  std::map<std::pair<StepGroup, std::uint64_t>, std::vector<std::uint64_t>> groups;
  for (std::uint64_t rank = 0; rank < mapping.gpus(); ++rank) {
    for (const StepGroup group : {StepGroup::tensor, StepGroup::pipeline, StepGroup::data, StepGroup::embedding}) {
      groups[{group, group_number(mapping, place_of(mapping, rank), group)}].push_back(rank);
    }
  }
  using Ranks = std::vector<std::uint64_t>;
  EXPECT_EQ((groups[{StepGroup::tensor, 0}]), (Ranks{0, 1}));
  EXPECT_EQ((groups[{StepGroup::tensor, 5}]), (Ranks{10, 11}));
  EXPECT_EQ((groups[{StepGroup::data, 0}]), (Ranks{0, 2}));
  EXPECT_EQ((groups[{StepGroup::data, 3}]), (Ranks{5, 7}));
  EXPECT_EQ((groups[{StepGroup::pipeline, 1}]), (Ranks{1, 5, 9}));
  EXPECT_EQ((groups[{StepGroup::embedding, 1}]), (Ranks{1, 9}));
  EXPECT_EQ((groups[{StepGroup::embedding, 4}]), (Ranks{4, 5, 6, 7})) << "the stages between the ends";
}

TEST(Schedule, RefusesInterleavingAndWhatTheModelCannotRun) {
  Mapping mapping = make_mapping(1, 2, 1, 4);
  mapping.virtual_stages = 2;
  EXPECT_THROW(schedule_of(synthetic::gpt3(), mapping, {}), InputError);
  EXPECT_THROW(schedule_of(synthetic::gpt3(), make_mapping(7, 1, 1, 1), {}), InputError);
}

}  // namespace
}  // namespace hockney::inline workload
