#include "commands/predict/mapping_flags.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

#include "base/error.hpp"
#include "base/names.hpp"

namespace hockney::commands {
namespace {

std::uint64_t positive(const char* flag, std::int64_t value) {
  if (value < 1) {
    throw InputError(fmt::format("{}: {} given, expected 1 or more", flag, value));
  }
  return static_cast<std::uint64_t>(value);
}

struct Size {
  std::string_view name;  ///< of a part
  std::string_view flag;  ///< on the command line; empty: an entry above has it
  std::uint64_t Mapping::*size;
  bool required = false;
};

constexpr std::array<Size, 12> sizes{{{"tp", "--tp", &Mapping::tensor},
                                      {"pp", "--pp", &Mapping::pipeline},
                                      {"dp", "--dp", &Mapping::data},
                                      {"cp", "--cp", &Mapping::context},
                                      {"ep", "--ep", &Mapping::expert},
                                      {"vp", "--virtual-stages", &Mapping::virtual_stages},
                                      {"virtual_stages", "", &Mapping::virtual_stages},
                                      {"gpus_per_node", "--gpus-per-node", &Mapping::gpus_per_node},
                                      {"bytes_per_element", "--bytes-per-element", &Mapping::bytes_per_element},
                                      {"gradient_bytes", "--gradient-bytes", &Mapping::gradient_bytes},
                                      {"mbs", "--mbs", &Mapping::micro_batch, true},
                                      {"gbs", "--gbs", &Mapping::global_batch, true}}};

struct Switch {
  std::string_view name;  ///< of a part
  std::string_view flag;  ///< that turns it to what is not the default
  bool Mapping::*on;
};

constexpr std::array<Switch, 7> switches{
    {{"sp", "--sequence-parallel", &Mapping::sequence_parallel},
     {"scatter_gather", "--scatter-gather", &Mapping::scatter_gather},
     {"flash", "--flash-attention", &Mapping::flash_attention},
     {"distributed_optimizer", "--distributed-optimizer", &Mapping::distributed_optimizer},
     {"overlap_gradients", "--overlap-gradients", &Mapping::overlap_gradients},
     {"overlap_transfers", "--overlap-transfers", &Mapping::overlap_transfers},
     {"overlap_tensor", "--no-overlap-tensor", &Mapping::overlap_tensor}}};

std::uint64_t whole_number(const std::string& name, const std::string& value) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size()) {
    throw InputError(fmt::format("{}={}: expected a whole number", name, value));
  }
  return number;
}

}  // namespace

void MappingFlags::add_to(CLI::App& command) {
  command.add_option("--tp", tensor, "tensor-parallel size")->capture_default_str();
  command.add_option("--pp", pipeline, "pipeline stages")->capture_default_str();
  command.add_option("--dp", data, "data-parallel replicas")->capture_default_str();
  command.add_option("--cp", context, "context-parallel size")->capture_default_str();
  command.add_option("--ep", expert, "expert-parallel size, inside --cp times --dp")->capture_default_str();
  command.add_option("--virtual-stages", virtual_stages, "model chunks per GPU (interleaved schedule)")
      ->capture_default_str();
  command.add_option("--mbs", micro_batch, "sequences per micro-batch");
  command.add_option("--gbs", global_batch, "sequences per step");
  command.add_option("--gpus-per-node", gpus_per_node, "GPUs that share a node")->capture_default_str();
  command.add_option("--recompute", recompute, "none, selective (the attention core) or full")->capture_default_str();
  command.add_flag("--sequence-parallel", sequence_parallel, "norms and dropouts on 1/tp of the sequence");
  command.add_flag("--scatter-gather", scatter_gather,
                   "between stages send 1/tp of the activation per rank and gather it on arrival");
  command.add_flag("--flash-attention", flash_attention, "fused attention");
  command.add_flag("--distributed-optimizer", distributed_optimizer, "optimizer state divided over replicas");
  command.add_flag("--overlap-gradients", overlap_gradients, "reduce gradients in buckets beside the last backward");
  command.add_flag("--overlap-transfers", overlap_transfers, "interleaved schedule: transfers beside computation");
  command.add_flag("--no-overlap-tensor", no_overlap_tensor, "tensor collectives never beside a GEMM");
  command.add_option("--routing-skew", routing_skew, "of experts: share of expert j proportional to (j + 1)^-skew")
      ->capture_default_str();
  command.add_option("--bytes-per-element", bytes_per_element, "bytes of an activation: 1, 2 or 4")
      ->capture_default_str();
  command.add_option("--gradient-bytes", gradient_bytes, "bytes of a reduced gradient: 2 or 4")->capture_default_str();
}

Mapping MappingFlags::mapping() const {
  Mapping mapping;
  mapping.tensor = positive("--tp", tensor);
  mapping.pipeline = positive("--pp", pipeline);
  mapping.data = positive("--dp", data);
  mapping.context = positive("--cp", context);
  mapping.expert = positive("--ep", expert);
  mapping.virtual_stages = positive("--virtual-stages", virtual_stages);
  mapping.micro_batch = positive("--mbs", micro_batch);
  mapping.global_batch = positive("--gbs", global_batch);
  mapping.gpus_per_node = positive("--gpus-per-node", gpus_per_node);
  mapping.bytes_per_element = positive("--bytes-per-element", bytes_per_element);
  mapping.gradient_bytes = positive("--gradient-bytes", gradient_bytes);
  mapping.recompute = parse_name<Recompute>(recompute);
  mapping.sequence_parallel = sequence_parallel;
  mapping.scatter_gather = scatter_gather;
  mapping.flash_attention = flash_attention;
  mapping.distributed_optimizer = distributed_optimizer;
  mapping.overlap_gradients = overlap_gradients;
  mapping.overlap_transfers = overlap_transfers;
  mapping.overlap_tensor = !no_overlap_tensor;
  mapping.routing_skew = routing_skew;
  if (!(routing_skew >= 0)) {
    throw InputError(fmt::format("--routing-skew: {} given, expected 0 or more", routing_skew));
  }
  return mapping;
}

std::string to_flags(const Mapping& mapping) {
  const Mapping usual;
  std::vector<std::string> flags;
  for (const Size& each : sizes) {
    const bool differs = mapping.*each.size != usual.*each.size;
    if (!each.flag.empty() && (each.required || differs)) {
      flags.push_back(fmt::format("{} {}", each.flag, mapping.*each.size));
    }
  }
  if (mapping.recompute != usual.recompute) {
    flags.push_back(fmt::format("--recompute {}", name_of(mapping.recompute)));
  }
  for (const Switch& each : switches) {
    if (mapping.*each.on != usual.*each.on) {
      flags.emplace_back(each.flag);
    }
  }
  if (mapping.routing_skew > 0) {
    flags.push_back(fmt::format("--routing-skew {}", mapping.routing_skew));
  }
  return fmt::format("{}", fmt::join(flags, " "));
}

void set_part(Mapping& mapping, const std::string& name, const std::string& value) {
  std::vector<std::string_view> known{"recompute"};
  for (const Size& size : sizes) {
    if (size.name == name) {
      mapping.*size.size = whole_number(name, value);
      return;
    }
    known.push_back(size.name);
  }
  for (const Switch& each : switches) {
    if (each.name == name) {
      const std::uint64_t number = whole_number(name, value);
      if (number > 1) {
        throw InputError(fmt::format("{}={}: expected 0 or 1", name, value));
      }
      mapping.*each.on = number == 1;
      return;
    }
    known.push_back(each.name);
  }
  if (name != "recompute") {
    throw InputError(unknown_name("part of a mapping", name, known));
  }
  mapping.recompute = parse_name<Recompute>(value);
}

}  // namespace hockney::commands
