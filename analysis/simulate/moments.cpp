#include "simulate/moments.hpp"

#include <algorithm>
#include <utility>

namespace hockney::simulate {
namespace {

/// Messages of which moments take their operations.
class Rest {
 public:
  Rest(std::span<const Phase> messages, const StepShape& shape)
      : messages_(messages.begin(), messages.end()), whole_(messages_), shape_(shape) {}

  std::vector<Moment> moments() && {
    if (has(Overlap::last_backward)) {
      add_last_backward();
    }
    if (has(Overlap::chunk)) {
      add_chunk();
    }
    for (const Phase& phase : messages_) {
      add_by_itself(phase);
    }
    return std::move(moments_);
  }

 private:
  bool has(Overlap overlap) const {
    return std::any_of(messages_.begin(), messages_.end(),
                       [&](const Phase& phase) { return phase.message.overlap == overlap; });
  }

  // Takes count_of(message) operations of each message, `times` times.
  template <class CountOf>
  std::vector<Phase> take(std::uint64_t times, CountOf count_of) {
    std::vector<Phase> taken;
    for (std::size_t i = 0; i < messages_.size(); ++i) {
      const std::uint64_t count = count_of(whole_[i].message);
      if (count > 0 && count * times <= messages_[i].message.count) {
        messages_[i].message.count -= count * times;
        taken.push_back(whole_[i]);
        taken.back().message.count = count;
      }
    }
    return taken;
  }

  void add(std::string_view name, double per_step, std::vector<Chain> chains) {
    chains.insert(chains.end(), shape_.others.begin(), shape_.others.end());
    moments_.push_back({name, std::move(chains), per_step});
  }

  void add_last_backward() {
    const std::uint64_t m = shape_.mapping.micro_batches();
    std::vector<Chain> chains{
        {take(1,
              [&](const Message& message) { return message.cause == Cause::bubble ? 0 : message.passes.backward / m; }),
         shape_.layers, shape_.backward_s}};
    for (Phase& gradients : take(1, [](const Message& message) -> std::uint64_t {
           return message.overlap == Overlap::last_backward ? message.count : 0;
         })) {
      gradients.parts = divided_up(gradients.message.payload.count, shape_.gradient_bucket.count);
      chains.push_back({{gradients}, 1, 0, Flow::Pace::first});
    }
    add("last backward pass", 1, std::move(chains));
  }

  void add_chunk() {
    const std::uint64_t v = shape_.mapping.virtual_stages;
    const std::uint64_t chunks = shape_.mapping.micro_batches() * v;
    const std::uint64_t times = chunks - (moments_.empty() ? 0 : v);
    if (times == 0) {
      return;
    }
    std::vector<Chain> chains{
        {take(times,
              [&](const Message& message) {
                const Passes& passes = message.passes;
                return message.cause == Cause::bubble ? 0 : (passes.forward + passes.backward) / chunks;
              }),
         std::max<std::size_t>(1, shape_.layers / v), shape_.forward_s + shape_.backward_s},
        {take(times,
              [&](const Message& message) { return message.overlap == Overlap::chunk ? message.count / chunks : 0; })}};
    add("chunk", static_cast<double>(times), std::move(chains));
  }

  // Other jobs meet it at any of its operations: some of them stand for all.
  void add_by_itself(const Phase& phase) {
    constexpr std::uint64_t enough = 64;
    if (const std::uint64_t count = phase.message.count; count > 0) {
      Phase some = phase;
      some.message.count = shape_.others.empty() ? 1 : std::min(count, enough);
      add(by_itself, static_cast<double>(count) / static_cast<double>(some.message.count), {{{some}}});
    }
  }

  std::vector<Phase> messages_;
  std::vector<Phase> whole_;
  const StepShape& shape_;
  std::vector<Moment> moments_;
};

}  // namespace

std::vector<Moment> moments_of(std::span<const Phase> messages, const StepShape& shape) {
  return Rest(messages, shape).moments();
}

}  // namespace hockney::simulate
