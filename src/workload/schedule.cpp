#include "workload/schedule.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/error.hpp"

namespace hockney::inline workload {
namespace {

constexpr double forward_units = 1;
constexpr double backward_units = 2;  // gradients of input and weights: two products for the forward pass's one
constexpr std::uint64_t cross_entropy_element_bytes = 4;

class RankSchedule {
 public:
  RankSchedule(const Transformer& model, const Mapping& mapping, const StepRank& place)
      : model_(model),
        mapping_(mapping),
        place_(place),
        activation_(model.activation(mapping.micro_batch, mapping.bytes_per_element)),
        layers_(model.layers / mapping.pipeline) {}

  std::vector<Action> list() && {
    play();
    add_gradients();
    return std::move(actions_);
  }

 private:
  bool is_first() const { return place_.stage == 0; }
  bool is_last() const { return place_.stage + 1 == mapping_.pipeline; }

  void all_reduce(Cause cause, StepGroup group, StepData data, Bytes payload) {
    actions_.push_back({Move::all_reduce, cause, group, data, payload, 0});
  }
  void reduce_activation(int times = 1) {
    for (int i = 0; i < times && mapping_.tensor > 1; ++i) {
      all_reduce(Cause::tensor, StepGroup::tensor, StepData::activation, activation_);
    }
  }
  void reduce_cross_entropy() {
    constexpr int reductions = 3;  // maximum, target logit, sum of exponentials
    for (int i = 0; i < reductions && mapping_.tensor > 1; ++i) {
      all_reduce(Cause::tensor, StepGroup::tensor, StepData::cross_entropy,
                 Bytes{mapping_.micro_batch * model_.sequence * cross_entropy_element_bytes});
    }
  }
  void compute(double units) {
    actions_.push_back({Move::compute, Cause::tensor, StepGroup::tensor, StepData::activation, {}, units});
  }

  void layer_forward() {
    compute(forward_units);
    reduce_activation(2);
  }

  void forward() {
    if (is_first()) {
      reduce_activation();
    }
    for (std::uint64_t layer = 0; layer < layers_; ++layer) {
      layer_forward();
    }
    if (is_last()) {
      reduce_cross_entropy();
    }
  }

  void backward() {
    if (is_last()) {
      reduce_activation();
    }
    for (std::uint64_t layer = 0; layer < layers_; ++layer) {
      if (mapping_.recompute == Recompute::full) {
        layer_forward();
      }
      compute(backward_units);
      reduce_activation(2);
    }
  }

  void message(Move move) {
    const Bytes payload = mapping_.scatter_gather ? activation_ / mapping_.tensor : activation_;
    actions_.push_back({move, Cause::pipeline, StepGroup::pipeline, StepData::activation, payload, 0});
  }

  void gather_received() {
    if (mapping_.scatter_gather && mapping_.tensor > 1) {
      actions_.push_back({Move::all_gather, Cause::pipeline, StepGroup::tensor, StepData::activation, activation_, 0});
    }
  }

  void receive_forward() {
    if (!is_first()) {
      message(Move::receive_forward);
      gather_received();
    }
  }
  void send_forward() {
    if (!is_last()) {
      message(Move::send_forward);
    }
  }
  void receive_backward() {
    if (!is_last()) {
      message(Move::receive_backward);
      gather_received();
    }
  }
  void send_backward() {
    if (!is_first()) {
      message(Move::send_backward);
    }
  }
  void send_forward_receive_backward() {
    if (!is_last()) {
      message(Move::send_forward_receive_backward);
      gather_received();
    }
  }
  void send_backward_receive_forward() {
    const bool shares_the_link = mapping_.pipeline == 2;
    if (shares_the_link) {
      send_backward();
      receive_forward();
    } else if (!is_first()) {
      message(Move::send_backward_receive_forward);
      gather_received();
    }
  }

  void play() {
    const std::uint64_t m = mapping_.micro_batches();
    const std::uint64_t ahead = std::min(mapping_.pipeline - 1 - place_.stage, m);
    for (std::uint64_t i = 0; i < ahead; ++i) {
      receive_forward();
      forward();
      send_forward();
    }
    if (ahead < m) {
      receive_forward();
    }
    for (std::uint64_t i = ahead; i < m; ++i) {
      forward();
      send_forward_receive_backward();
      backward();
      if (i + 1 < m) {
        send_backward_receive_forward();
      } else {
        send_backward();
      }
    }
    for (std::uint64_t i = 0; i < ahead; ++i) {
      receive_backward();
      backward();
      send_backward();
    }
  }

  void add_gradients() {
    if (mapping_.data > 1) {
      all_reduce(Cause::data, StepGroup::data, StepData::gradient,
                 Bytes{stage_parameters(model_, mapping_, place_.stage) * mapping_.gradient_bytes});
    }
    if (mapping_.pipeline > 1 && model_.tied_embeddings && (is_first() || is_last())) {
      all_reduce(Cause::tied_embedding, StepGroup::embedding, StepData::gradient,
                 Bytes{divided_up(model_.embedding_parameters(), mapping_.tensor) * mapping_.gradient_bytes});
    }
  }

  const Transformer& model_;
  const Mapping& mapping_;
  StepRank place_;
  Bytes activation_;
  std::uint64_t layers_;
  std::vector<Action> actions_;
};

}  // namespace

StepRank place_of(const Mapping& mapping, std::uint64_t rank) {
  return {rank % mapping.tensor, rank / mapping.tensor % mapping.data, rank / (mapping.tensor * mapping.data)};
}

std::uint64_t group_number(const Mapping& mapping, const StepRank& place, StepGroup group) {
  const std::uint64_t column = place.replica * mapping.tensor + place.shard;
  switch (group) {
    case StepGroup::tensor:
      return place.stage * mapping.data + place.replica;
    case StepGroup::data:
      return place.stage * mapping.tensor + place.shard;
    case StepGroup::pipeline:
      return column;
    case StepGroup::embedding:
      break;
  }
  const bool is_end = place.stage == 0 || place.stage + 1 == mapping.pipeline;
  return is_end ? column : mapping.tensor * mapping.data;
}

std::uint32_t messages_of(Move move) {
  switch (move) {
    case Move::send_forward_receive_backward:
    case Move::send_backward_receive_forward:
      return 2;
    case Move::send_forward:
    case Move::receive_forward:
    case Move::send_backward:
    case Move::receive_backward:
      return 1;
    default:
      return 0;
  }
}

std::vector<Action> schedule_of(const Transformer& model, const Mapping& mapping, const StepRank& place) {
  check(mapping, model);
  if (mapping.virtual_stages > 1) {
    throw InputError(fmt::format("virtual stages: {} given, expected 1: the interleaved schedule is not replayed",
                                 mapping.virtual_stages));
  }
  return RankSchedule(model, mapping, place).list();
}

std::uint64_t stage_parameters(const Transformer& model, const Mapping& mapping, std::uint64_t stage) {
  if (stage == 0) {
    return first_stage_parameters(model, mapping);
  }
  const bool is_last = stage + 1 == mapping.pipeline;
  const std::uint64_t layers = model.shared_parameters(layers_of_stage(mapping, model, stage));
  return divided_up(layers + (is_last ? model.embedding_parameters() : 0), mapping.tensor);
}

double critical_forward_units(const Transformer& model, const Mapping& mapping) {
  const double per_layer = forward_units + backward_units + (mapping.recompute == Recompute::full ? forward_units : 0);
  const std::uint64_t layers = model.layers / mapping.pipeline;
  return per_layer * static_cast<double>((mapping.micro_batches() + mapping.pipeline - 1) * layers);
}

}  // namespace hockney::inline workload
