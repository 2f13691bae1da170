#include "predict/step/step_model.hpp"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <numbers>
#include <utility>

#include "predict/compute/layer_compute.hpp"

namespace hockney::predict {
namespace {

constexpr double least_bucket_parameters = 40e6;
constexpr double bucket_parameters_per_replica = 1e6;

/// One mapping with everything that its messages may hide behind.
class Step {
 public:
  Step(const Transformer& model, const Mapping& mapping, const Gpu& gpu, const StepConstants& constants,
       double efficiency, const RunWay& way, StepNetwork& network)
      : model_(model),
        mapping_(mapping),
        network_(network),
        constants_(constants),
        way_(way),
        clock_(started(KernelClock(gpu, with_attention(constants, way),
                                   efficiency / slowest_of(mapping.gpus(), constants), mapping.bytes_per_element),
                       constants, way)),
        linear_(operand_bits(way.precision) == 16
                    ? clock_
                    : clock_.with_operands(gpu, efficiency / slowest_of(mapping.gpus(), constants), way.precision)),
        occupied_(static_cast<double>(gpu.collective_channels) / gpu.multiprocessors),
        layer_(layer_compute(clock_, linear_, model, mapping, {way.precision, way.fused_layers})),
        ends_(end_compute(clock_, constants, model, mapping)) {}

  StepTime at(CriticalStage critical) {
    StepTime time;
    time.critical = critical;
    reduced_s_ = 0;
    add_compute(time);
    for (const Message& message : list_messages(model_, mapping_, critical)) {
      if (is_sharded() && message.cause == Cause::data) {
        continue;
      }
      const Wait once = wait_once(message);
      const auto cause = static_cast<std::size_t>(message.cause);
      const double count = static_cast<double>(message.count);
      time.exposed_s[cause] += once.exposed_s * count;
      time.hidden_s[cause] += once.hidden_s * count;
    }
    if (is_sharded()) {
      add_shards(time);
    }
    time.optimizer_s = optimizer_step(clock_, constants_, sharded_optimizer(),
                                      static_cast<double>(first_stage_parameters(model_, mapping_)),
                                      static_cast<double>(first_stage_expert_parameters(model_, mapping_)));
    time.total_s = time.compute_s + time.bubble_compute_s + time.optimizer_s + time.communication_s();
    return time;
  }

  Wait wait_once(const Message& message) { return wait_once(message, network_.time(message)); }

 private:
  static StepConstants with_attention(StepConstants constants, const RunWay& way) {
    constants.flash_share = way.attention_share > 0 ? way.attention_share : constants.flash_share;
    return constants;
  }

  static KernelClock started(const KernelClock& clock, const StepConstants& constants, const RunWay& way) {
    return way.cuda_graphs ? clock.with_start_of(constants.graph_kernel_s) : clock;
  }

  bool is_sharded() const {
    return (way_.sharding == Sharding::full || way_.sharding == Sharding::gradients) &&
           mapping_.data * mapping_.context > 1;
  }

  Mapping sharded_optimizer() const {
    Mapping mapping = mapping_;
    mapping.distributed_optimizer = mapping.distributed_optimizer || is_sharded();
    return mapping;
  }

  double unit_s(Operation operation, double parameters, std::uint64_t bytes) {
    const Bytes payload{static_cast<std::uint64_t>(parameters) * bytes};
    return network_.time({Cause::data, "a layer", operation, data_group(mapping_), payload, 1, Overlap::exposed});
  }

  // One unit per layer; embedding and logits are taken as spread over them.
  void add_shards(StepTime& time) {
    const double layers = static_cast<double>(layers_of_fullest_stage(mapping_, model_));
    const double parameters = static_cast<double>(first_stage_parameters(model_, mapping_) +
                                                  first_stage_expert_parameters(model_, mapping_)) /
                              layers;
    const double gather = unit_s(Operation::all_gather, parameters, mapping_.bytes_per_element);
    const double scatter = unit_s(Operation::reduce_scatter, parameters, mapping_.gradient_bytes);
    const double m = static_cast<double>(mapping_.micro_batches());
    const bool is_full = way_.sharding == Sharding::full;
    const Wait forward = beside(gather, layer_.forward);
    const Wait backward = beside((is_full ? gather : 0) + scatter, layer_.backward + layer_.recomputed);
    const double gathers = is_full ? m : 1;
    auto& exposed = time.exposed_s[static_cast<std::size_t>(Cause::data)];
    auto& hidden = time.hidden_s[static_cast<std::size_t>(Cause::data)];
    exposed +=
        gathers * ((layers - 1) * forward.exposed_s + gather) + m * ((layers - 1) * backward.exposed_s + scatter);
    hidden += gathers * (layers - 1) * forward.hidden_s + m * (layers - 1) * backward.hidden_s;
  }

  bool is_split(const Message& message) const {
    return way_.overlap_forward && (message.cause == Cause::tensor || message.cause == Cause::sequence) &&
           message.purpose.starts_with("layers");
  }

  // Pieces of a collective run beside the pieces of its product: all but the first of t (Transformer Engine's
  // Userbuffers).
  Wait in_pieces(double seconds) const {
    const double first = seconds / static_cast<double>(mapping_.tensor);
    Wait wait = beside_either(seconds - first, layer_.input_gradient);
    wait.exposed_s += first;
    return wait;
  }

  bool hides_parameters(const Message& message) const {
    return way_.overlap_parameters && message.cause == Cause::data && message.operation == Operation::all_gather;
  }

  // Parameters of the later layers are gathered while the earlier ones compute.
  Wait beside_first_forward(double seconds) const {
    const double layers = static_cast<double>(layers_of_fullest_stage(mapping_, model_));
    const double first = seconds / layers;
    Wait wait = beside(seconds - first, (layers - 1) * layer_.forward);
    wait.exposed_s += first;
    return wait;
  }

  static double slowest_of(std::uint64_t gpus, const StepConstants& constants) {
    return 1 + constants.gpu_spread * expected_largest(gpus);
  }

  void add_compute(StepTime& time) const {
    const double m = static_cast<double>(mapping_.micro_batches());
    const auto layers =
        static_cast<double>(time.critical == CriticalStage::first ? layers_of_fullest_stage(mapping_, model_)
                                                                  : model_.layers / mapping_.pipeline);
    const bool one_stage = mapping_.pipeline == 1;
    const bool last = one_stage || time.critical == CriticalStage::last;
    const bool first = one_stage || time.critical == CriticalStage::first;
    time.compute_s = m * (layers * layer_.all() + (last ? ends_.logits() : 0) + (first ? ends_.embedding : 0));
    time.recompute_s = m * layers * layer_.recomputed;
    if (!one_stage) {
      const double others = static_cast<double>(model_.layers) - layers;
      time.bubble_compute_s = others * layer_.all() / static_cast<double>(mapping_.virtual_stages) +
                              (last ? ends_.embedding : ends_.logits());
    }
  }

  // Both share the GPU: the GEMM loses the multiprocessors that the collective occupies.
  Wait beside(double message_s, double compute_s) const {
    const double together = std::min(message_s, compute_s / (1 - occupied_));
    const double exposed = message_s - together + occupied_ * together;
    return {exposed, message_s - exposed};
  }

  Wait beside_either(double message_s, const std::array<double, 2>& compute_s) const {
    const Wait first = beside(message_s, compute_s[0]);
    const Wait second = beside(message_s, compute_s[1]);
    return {(first.exposed_s + second.exposed_s) / 2, (first.hidden_s + second.hidden_s) / 2};
  }

  // A transfer and the gather after it, its next message, hide behind the same logits.
  Wait beside_logits(const Message& message, double seconds) {
    if (mapping_.pipeline <= 2) {
      return {0, seconds};
    }
    if (is_point_to_point(message.operation)) {
      slack_s_ = ends_.logits();
    }
    const double exposed = std::max(0.0, seconds - slack_s_);
    slack_s_ = std::max(0.0, slack_s_ - seconds);
    return {exposed, seconds - exposed};
  }

  Wait beside_last_backward(const Message& message, double message_s) {
    const double layers = static_cast<double>(model_.layers) / static_cast<double>(mapping_.pipeline);
    const double bucket = std::max(least_bucket_parameters, bucket_parameters_per_replica *
                                                                static_cast<double>(mapping_.context * mapping_.data)) *
                          static_cast<double>(mapping_.gradient_bytes);
    const double last_bucket = std::min(1.0, bucket / static_cast<double>(message.payload.count)) * message_s;
    // Gradients of the dense part and of the experts share the pass.
    Wait wait = beside(message_s - last_bucket, std::max(0.0, layers * layer_.backward - reduced_s_));
    reduced_s_ += message_s - last_bucket;
    wait.exposed_s += last_bucket;
    return wait;
  }

  Wait wait_once(const Message& message, double seconds) {
    switch (message.overlap) {
      case Overlap::exposed:
        return hides_parameters(message) ? beside_first_forward(seconds)
               : is_split(message)       ? in_pieces(seconds)
                                         : Wait{seconds, 0};
      case Overlap::other_direction:
        return beside_logits(message, seconds);
      case Overlap::weight_gradient:
        return beside_either(seconds, layer_.weight_gradient);
      case Overlap::input_gradient:
        return beside_either(seconds, layer_.input_gradient);
      case Overlap::head_weight_gradient:
        return beside(seconds, ends_.logits_weight_gradient);
      case Overlap::head_input_gradient:
        return beside(seconds, ends_.logits_input_gradient);
      case Overlap::attention:
        return beside(seconds, layer_.attention_forward);
      case Overlap::attention_backward:  // the gather and the scatter share it
        return beside(seconds, layer_.attention_backward / 2);
      case Overlap::chunk: {
        const double layers =
            static_cast<double>(model_.layers) / static_cast<double>(mapping_.pipeline * mapping_.virtual_stages);
        return beside(seconds, layers * layer_.forward);
      }
      case Overlap::last_backward:
        return beside_last_backward(message, seconds);
    }
    return {seconds, 0};
  }

  const Transformer& model_;
  const Mapping& mapping_;
  StepNetwork& network_;
  const StepConstants& constants_;
  RunWay way_;
  KernelClock clock_;
  KernelClock linear_;
  double occupied_;
  LayerCompute layer_;
  EndCompute ends_;
  double slack_s_ = 0;    ///< logits that the last transfer left over
  double reduced_s_ = 0;  ///< of the last backward pass, taken by gradients so far
};

}  // namespace

double expected_largest(std::uint64_t n) {
  if (n < 2) {
    return 0;
  }
  const double share = (static_cast<double>(n) - 0.375) / (static_cast<double>(n) + 0.25);
  // As double: of the last digits nothing depends.
  using Policy = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
  return std::numbers::sqrt2 * boost::math::erf_inv(2 * share - 1, Policy());
}

double StepTime::communication_s() const {
  double sum = 0;
  for (const double seconds : exposed_s) {
    sum += seconds;
  }
  return sum;
}

StepTime communication_of(const Transformer& model, const Mapping& mapping, CriticalStage critical,
                          StepNetwork& network) {
  StepTime time;
  time.critical = critical;
  for (const Message& message : list_messages(model, mapping, critical)) {
    time.exposed_s[static_cast<std::size_t>(message.cause)] +=
        network.time(message) * static_cast<double>(message.count);
  }
  time.total_s = time.communication_s();
  return time;
}

StepModel::StepModel(Gpu gpu, const StepConstants& constants, double efficiency, RunWay way)
    : gpu_(std::move(gpu)), constants_(constants), efficiency_(efficiency), way_(way) {}

StepTime StepModel::predict(const Transformer& model, const Mapping& mapping, StepNetwork& network) const {
  Step step(model, mapping, gpu_, constants_, efficiency_, way_, network);
  StepTime time = step.at(CriticalStage::last);
  if (model.layers % mapping.pipeline != 0) {
    const StepTime first = step.at(CriticalStage::first);
    time = first.total_s > time.total_s ? first : time;
  }
  return time;
}

std::vector<MessageCost> StepModel::messages(const Transformer& model, const Mapping& mapping,
                                             StepNetwork& network) const {
  const CriticalStage critical = predict(model, mapping, network).critical;
  Step step(model, mapping, gpu_, constants_, efficiency_, way_, network);
  std::vector<MessageCost> costs;
  for (const Message& message : list_messages(model, mapping, critical)) {
    costs.push_back({message, step.wait_once(message)});
  }
  return costs;
}

}  // namespace hockney::predict
