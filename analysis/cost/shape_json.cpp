#include "base/error.hpp"
#include "cost/model_fields.hpp"

namespace hockney {
namespace {

nlohmann::ordered_json json_of_group(const Group& group) {
  return {{"ranks", group.ranks},
          {"ranks_per_node", group.ranks_per_node},
          {"stride", group.stride},
          {"concurrent", group.concurrent}};
}

Group read_group(StrictJson& json) {
  return {.ranks = json.unsigned_32("ranks"),
          .ranks_per_node = json.unsigned_32("ranks_per_node"),
          .stride = json.unsigned_32("stride"),
          .concurrent = json.unsigned_32("concurrent")};
}

// The factors that version 1.1 brought.
void read_new_factors(StrictJson& json, Case& shape) {
  shape.reduction = json.named<Reduction>("reduction");
  shape.buffers = json.named<Buffers>("buffers");
  shape.cache = json.named<Cache>("cache");
  shape.routing.skew = json.number_from_zero("routing_skew");
  shape.routing.matrix = json.text("routing_matrix");
}

Case read_shape(StrictJson& json, unsigned minor) {
  Case shape;
  shape.operation = json.named<Operation>("operation");
  shape.transport = json.named<TransportKind>("transport");
  shape.fabric = json.named<Fabric>("fabric");
  StrictJson group = json.object("group");
  shape.group = read_group(group);
  group.finish();
  if (shape.group.ranks == 0 || shape.group.ranks_per_node == 0) {
    json.refuse("group", "expected at least 1 rank and 1 rank per node");
  }
  shape.element = json.named<Element>("element");
  shape.mode = json.named<Mode>("mode");
  shape.in_place = json.boolean("in_place");
  shape.micro_batches = json.unsigned_32("micro_batches");
  shape.operations_per_sample = json.unsigned_32("operations_per_sample");
  shape.algorithm = json.text("algorithm");
  shape.protocol = json.text("protocol");
  if (minor >= cost::schema::with_routing) {
    read_new_factors(json, shape);
  }
  return shape;
}

}  // namespace

nlohmann::ordered_json json_of(const Case& shape) {
  return {{"operation", name_of(shape.operation)},
          {"transport", name_of(shape.transport)},
          {"fabric", name_of(shape.fabric)},
          {"group", json_of_group(shape.group)},
          {"element", name_of(shape.element)},
          {"reduction", name_of(shape.reduction)},
          {"mode", name_of(shape.mode)},
          {"in_place", shape.in_place},
          {"buffers", name_of(shape.buffers)},
          {"cache", name_of(shape.cache)},
          {"micro_batches", shape.micro_batches},
          {"operations_per_sample", shape.operations_per_sample},
          {"routing_skew", json_of(shape.routing.skew)},
          {"routing_matrix", shape.routing.matrix},
          {"algorithm", shape.algorithm},
          {"protocol", shape.protocol}};
}

void read_value(StrictJson& json, std::string_view key, Case& shape, unsigned minor) {
  StrictJson object = json.object(key);
  shape = read_shape(object, minor);
  object.finish();
}

nlohmann::ordered_json json_of(Flags flags) {
  nlohmann::ordered_json names = nlohmann::ordered_json::array();
  for (const auto& [flag, name] : Names<Flag>::table) {
    if (flags.has(flag)) {
      names.push_back(name);
    }
  }
  return names;
}

void read_value(StrictJson& json, std::string_view key, Flags& flags, unsigned) {
  for (const std::string& name : json.texts(key)) {
    try {
      flags.set(parse_name<Flag>(name));
    } catch (const InputError& error) {
      json.refuse(key, error.what());
    }
  }
}

}  // namespace hockney
