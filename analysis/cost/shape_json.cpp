#include "base/error.hpp"
#include "cost/model_fields.hpp"
#include "plan/case_fields.hpp"

namespace hockney {
namespace {

constexpr std::tuple shape_fields =
    std::tuple_cat(place_fields, std::tuple{field<&Case::group>("group", "", "who takes part")}, curve_fields);

}  // namespace

nlohmann::ordered_json json_of(const Case& shape) {
  nlohmann::ordered_json json;
  write_fields(json, shape, shape_fields);
  return json;
}

void read_value(StrictJson& json, std::string_view key, Case& shape, unsigned minor) {
  StrictJson object = json.object(key);
  read_fields(object, shape, shape_fields, minor);
  if (shape.group.ranks == 0) {
    object.refuse("group", "expected at least 1 rank");
  }
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
