#include "predict/step/step_model.hpp"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <numbers>
#include <utility>

#include "predict/compute/layer_compute.hpp"
#include "record/deviates.hpp"

namespace hockney::predict {
namespace {

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
        clock_(started(KernelClock(gpu, with_attention(constants, gpu, way),
                                   efficiency / slowest_of(mapping.gpus(), constants), mapping.bytes_per_element),
                       constants, way)),
        linear_(operand_bits(way.precision) == 16
                    ? clock_
                    : clock_.with_operands(gpu, efficiency / slowest_of(mapping.gpus(), constants), way.precision)),
        occupied_(static_cast<double>(gpu.collective_channels) / gpu.multiprocessors),
        layer_(layer_compute(clock_, linear_, model, mapping,
                             {way.precision, way.fused_layers, way.unfused_norms, way.recompute_stops_early,
                              constants.expert_share, way.selective_products})),
        ends_(end_compute(clock_, constants, model, mapping, way.memory.whole_logits)) {}

  StepTime at(CriticalStage critical) {
    StepTime time;
    time.critical = critical;
    reduced_s_ = 0;
    gathered_s_ = 0;
    add_compute(time);
    for (const Message& message : list_messages(model_, mapping_, critical)) {
      if (is_sharded() && message.cause == Cause::data) {
        continue;
      }
      add(time, message.cause, wait_once(message), static_cast<double>(message.count * runs_of(message.cause)));
    }
    if (is_sharded()) {
      add_shards(time);
    }
    if (way_.memory.whole_logits && (mapping_.pipeline == 1 || critical == CriticalStage::last)) {
      add_gathered_logits(time);
    }
    if (model_.experts > 0) {
      add_host(time);
    }
    time.optimizer_s = optimizer_step(clock_, constants_, sharded_optimizer(),
                                      static_cast<double>(first_stage_parameters(model_, mapping_)),
                                      static_cast<double>(most_expert_parameters(model_, mapping_)));
    time.total_s = time.compute_s + time.bubble_compute_s + time.optimizer_s + time.communication_s();
    return time;
  }

  Wait wait_once(const Message& message) { return wait_once(message, network_.time(sent(message))); }

  // How often a step has the messages of a cause: every run of the pipeline has a bubble.
  std::uint64_t runs_of(Cause cause) const {
    return cause == Cause::bubble ? std::min(way_.pipeline_runs, mapping_.micro_batches()) : 1;
  }

  const LayerCompute& layer() const { return layer_; }

 private:
  static StepConstants with_attention(StepConstants constants, const Gpu& gpu, const RunWay& way) {
    constants.flash_share = (way.attention_share > 0 ? way.attention_share : constants.flash_share) *
                            (way.mma_sync_attention ? gpu.mma_sync_share : 1);
    return constants;
  }

  static KernelClock started(const KernelClock& clock, const StepConstants& constants, const RunWay& way) {
    return way.cuda_graphs ? clock.with_start_of(constants.graph_kernel_s) : clock;
  }

  static void add(StepTime& time, Cause cause, const Wait& once, double count) {
    time.exposed_s[static_cast<std::size_t>(cause)] += once.exposed_s * count;
    time.hidden_s[static_cast<std::size_t>(cause)] += once.hidden_s * count;
  }

  // Of `groups` equal shares of the experts, those that hold one of a token's, where every choice is as likely; a
  // router that is limited to some groups of experts reaches that part of the nodes at most.
  double shares_of_a_token(std::uint64_t groups) const {
    const double elsewhere = static_cast<double>(model_.experts) * (1 - 1 / static_cast<double>(groups));
    double none = 1;
    for (std::uint64_t i = 0; i < model_.experts_per_token; ++i) {
      const double chosen = static_cast<double>(i);
      none *= std::max(0.0, elsewhere - chosen) / (static_cast<double>(model_.experts) - chosen);
    }
    const double most = model_.groups_per_token == 0
                            ? 1
                            : static_cast<double>(model_.groups_per_token) / static_cast<double>(model_.expert_groups);
    return static_cast<double>(groups) * std::min(1 - none, most);
  }

  Message sent(Message message) const {
    if (way_.tokens_once && message.operation == Operation::all_to_all) {
      const PlacedGroup& group = message.placed;
      const double copies = shares_of_a_token(group.crosses_nodes() ? group.nodes : group.group.ranks);
      const double share = copies / static_cast<double>(model_.experts_per_token);
      message.payload = Bytes{static_cast<std::uint64_t>(static_cast<double>(message.payload.count) * share)};
    }
    return message;
  }

  // The host starts the many kernels of a layer with experts one by one; where it takes longer than they do, the GPU
  // waits for it.
  void add_host(StepTime& time) const {
    const double m = static_cast<double>(mapping_.micro_batches());
    const double with_experts = static_cast<double>(model_.layer_counts().experts) / static_cast<double>(model_.layers);
    const double layers = layers_of(time.critical);
    double busy = layer_.all();
    for (const Cause cause : {Cause::tensor, Cause::sequence, Cause::context, Cause::expert}) {
      busy += time.exposed(cause) / (m * layers);
    }
    const Wait waits{std::max(0.0, way_.expert_host_s - busy), 0};
    add(time, Cause::expert, waits, m * layers * with_experts);
    const double others = static_cast<double>(model_.layers) - layers;
    add(time, Cause::bubble, waits, bubbles() * others * with_experts);
  }

  bool is_sharded() const { return way_.sharding >= Sharding::gradients && mapping_.data * mapping_.context > 1; }

  Mapping sharded_optimizer() const {
    Mapping mapping = mapping_;
    mapping.distributed_optimizer = mapping.distributed_optimizer || is_sharded();
    if (way_.sharding == Sharding::hybrid) {
      mapping.data = data_group(mapping_).group.ranks_per_node;
      mapping.context = 1;
    }
    return mapping;
  }

  // Of the ranks that hold a parameter once.
  PlacedGroup sharing(PlacedGroup replicas) const {
    if (way_.sharding == Sharding::hybrid) {
      replicas.group.ranks = replicas.group.ranks_per_node;
      replicas.nodes = 1;
    }
    return replicas;
  }

  double of_group(Operation operation, const PlacedGroup& group, double parameters, std::uint64_t bytes) {
    if (parameters == 0 || group.group.ranks < 2) {
      return 0;
    }
    const Bytes payload{static_cast<std::uint64_t>(parameters) * bytes};
    return network_.time({Cause::data, "a layer", operation, group, payload, 1, Overlap::exposed});
  }

  // Nodes that hold copies sum the gradients that each of their ranks has.
  double copies_s(PlacedGroup replicas, double parameters) {
    if (way_.sharding != Sharding::hybrid) {
      return 0;
    }
    const std::uint32_t shards = replicas.group.ranks_per_node;
    replicas.group.ranks = replicas.nodes;
    replicas.group.ranks_per_node = 1;
    replicas.at_once *= shards;
    return of_group(Operation::all_reduce, replicas, parameters / shards, mapping_.gradient_bytes);
  }

  void add_gathered_logits(StepTime& time) {
    const std::uint64_t tokens = mapping_.micro_batch * model_.sequence / mapping_.context;
    const auto logits = static_cast<double>(tokens * vocabulary_shard(mapping_, model_) * mapping_.tensor);
    const double gather = of_group(Operation::all_gather, tensor_group(mapping_), logits, mapping_.bytes_per_element);
    add(time, Cause::tensor, {gather, 0}, static_cast<double>(mapping_.micro_batches()));
  }

  // One unit per layer; embedding and logits are taken as spread over them. Experts are shared by fewer ranks.
  void add_shards(StepTime& time) {
    const double layers = static_cast<double>(layers_of_fullest_stage(mapping_, model_));
    double gather = 0;
    double scatter = 0;
    const auto add_unit = [&](const PlacedGroup& replicas, std::uint64_t parameters) {
      const double unit = static_cast<double>(parameters) / layers;
      gather += of_group(Operation::all_gather, sharing(replicas), unit, mapping_.bytes_per_element);
      scatter += of_group(Operation::reduce_scatter, sharing(replicas), unit, mapping_.gradient_bytes);
      scatter += copies_s(replicas, unit);
    };
    add_unit(data_group(mapping_), first_stage_parameters(model_, mapping_));
    add_unit(expert_data_group(mapping_), most_expert_parameters(model_, mapping_));
    const double m = static_cast<double>(mapping_.micro_batches());
    const bool has_stages = mapping_.pipeline > 1;
    const bool is_full = way_.sharding >= Sharding::full && !has_stages;
    const double gathers = is_full ? m : 1;
    const double scatters = has_stages ? 1 : m;
    add(time, Cause::data, beside(gather, layer_.forward), gathers * (layers - 1));
    add(time, Cause::data, {gather, 0}, gathers);
    add(time, Cause::data, beside((is_full ? gather : 0) + scatter, layer_.backward + layer_.recomputed),
        scatters * (layers - 1));
    add(time, Cause::data, {scatter, 0}, scatters);
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

  // Parameters of the later layers are gathered while the earlier ones compute; dense ones and the experts' share that.
  Wait beside_first_forward(double seconds) {
    const double layers = static_cast<double>(layers_of_fullest_stage(mapping_, model_));
    const double first = seconds / layers;
    Wait wait = beside(seconds - first, std::max(0.0, (layers - 1) * layer_.forward - gathered_s_));
    gathered_s_ += seconds - first;
    wait.exposed_s += first;
    return wait;
  }

  static double slowest_of(std::uint64_t gpus, const StepConstants& constants) {
    return 1 + constants.gpu_spread * expected_largest(gpus);
  }

  double layers_of(CriticalStage stage) const {
    return static_cast<double>(layers_of_stage(mapping_, model_, stage).all());
  }

  void add_compute(StepTime& time) const {
    const double m = static_cast<double>(mapping_.micro_batches());
    const double layers = layers_of(time.critical);
    const bool one_stage = mapping_.pipeline == 1;
    const bool last = one_stage || time.critical == CriticalStage::last;
    const bool first = one_stage || time.critical == CriticalStage::first;
    time.compute_s = m * (layers * layer_.all() + (last ? ends_.logits() : 0) + (first ? ends_.embedding : 0));
    time.recompute_s = m * layers * layer_.recomputed;
    if (!one_stage) {
      const double others = static_cast<double>(model_.layers) - layers;
      const double runs = static_cast<double>(runs_of(Cause::bubble));
      time.bubble_compute_s = bubbles() * others * layer_.all() + runs * (last ? ends_.embedding : ends_.logits());
    }
  }

  // Passages of a micro-batch through a layer of another stage that the slowest one waits for.
  double bubbles() const {
    return static_cast<double>(runs_of(Cause::bubble)) / static_cast<double>(mapping_.virtual_stages);
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

  // All-to-alls of a layer with experts, there and back, forward and backward.
  double exchanges_per_layer() const { return 4 + 2 * recomputed_layers(mapping_, model_); }

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
    const auto bucket = static_cast<double>(gradient_bucket(mapping_).count);
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
      case Overlap::other_micro_batch:
        return beside(seconds, layer_.all() / exchanges_per_layer());
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
  double slack_s_ = 0;     ///< logits that the last transfer left over
  double reduced_s_ = 0;   ///< of the last backward pass, taken by gradients so far
  double gathered_s_ = 0;  ///< of the first forward pass, taken by parameters so far
};

}  // namespace

Bytes gradient_bucket(const Mapping& mapping) {
  const double parameters = std::max(
      least_bucket_parameters, bucket_parameters_per_replica * static_cast<double>(mapping.context * mapping.data));
  return Bytes{static_cast<std::uint64_t>(parameters) * mapping.gradient_bytes};
}

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

StepModel::StepModel(Gpu gpu, const StepConstants& constants, double efficiency, RunWay way, Footing footing)
    : gpu_(std::move(gpu)), constants_(constants), efficiency_(efficiency), way_(way), footing_(footing) {}

double StepModel::common_error(const Transformer& model) const {
  const StepKind kind = kind_of(model, way_.sharding);
  return footing_ == Footing::tuned && kind == StepKind::dense ? constants_.model_error
                                                               : known_error(kind, footing_) / z95;
}

StepTime StepModel::predict(const Transformer& model, const Mapping& mapping, StepNetwork& network) const {
  Step step(model, mapping, gpu_, constants_, efficiency_, way_, network);
  StepTime time = step.at(CriticalStage::last);
  if (model.layers % mapping.pipeline != 0) {
    const StepTime first = step.at(CriticalStage::first);
    time = first.total_s > time.total_s ? first : time;
  }
  return time;
}

LayerCompute StepModel::layer(const Transformer& model, const Mapping& mapping, StepNetwork& network) const {
  return Step(model, mapping, gpu_, constants_, efficiency_, way_, network).layer();
}

std::vector<MessageCost> StepModel::messages(const Transformer& model, const Mapping& mapping,
                                             StepNetwork& network) const {
  const CriticalStage critical = predict(model, mapping, network).critical;
  Step step(model, mapping, gpu_, constants_, efficiency_, way_, network);
  std::vector<MessageCost> costs;
  for (Message message : list_messages(model, mapping, critical)) {
    message.count *= step.runs_of(message.cause);
    costs.push_back({message, step.wait_once(message)});
  }
  return costs;
}

}  // namespace hockney::predict
