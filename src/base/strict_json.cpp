#include "base/strict_json.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace hockney::inline base {

StrictJson::StrictJson(const nlohmann::json& value, std::string origin, std::string path)
    : value_(&value), origin_(std::move(origin)), path_(std::move(path)) {
  if (!value.is_object()) {
    refuse("", "expected a JSON object");
  }
}

std::string StrictJson::path_of(std::string_view key) const {
  return fmt::format("{}{}{}", path_, path_.empty() || key.empty() ? "" : ".", key);
}

void StrictJson::refuse(std::string_view key, std::string_view message) const {
  const std::string path = path_of(key);
  throw InputError(path.empty() ? fmt::format("{}: {}", origin_, message)
                                : fmt::format("{}: key '{}': {}", origin_, path, message));
}

const nlohmann::json& StrictJson::member(std::string_view key, std::string_view expected) {
  known_.emplace(key);
  const auto found = value_->find(key);
  if (found == value_->end()) {
    refuse(key, fmt::format("is missing; expected {}", expected));
  }
  return *found;
}

std::string StrictJson::text(std::string_view key) {
  const auto& value = member(key, "a string");
  if (!value.is_string()) {
    refuse(key, "expected a string");
  }
  return value.get<std::string>();
}

double StrictJson::number(std::string_view key) {
  const auto& value = member(key, "a number");
  if (!value.is_number()) {
    refuse(key, "expected a number");
  }
  return value.get<double>();
}

double StrictJson::number_from_zero(std::string_view key) {
  const double value = number(key);
  if (value < 0) {
    refuse(key, fmt::format("expected a number that is not below 0, not {}", value));
  }
  return value;
}

std::uint64_t StrictJson::unsigned_integer(std::string_view key, std::uint64_t most) {
  const auto& value = member(key, "a whole number");
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most) {
    refuse(key, fmt::format("expected a whole number from 0 to {}", most));
  }
  return value.get<std::uint64_t>();
}

bool StrictJson::boolean(std::string_view key) {
  const auto& value = member(key, "true or false");
  if (!value.is_boolean()) {
    refuse(key, "expected true or false");
  }
  return value.get<bool>();
}

StrictJson StrictJson::object(std::string_view key) { return {member(key, "an object"), origin_, path_of(key)}; }

void StrictJson::each(std::string_view key,
                      const std::function<void(const nlohmann::json&, const std::string&)>& visit) {
  const auto& values = member(key, "a list");
  if (!values.is_array()) {
    refuse(key, "expected a list");
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    visit(values[i], fmt::format("{}[{}]", path_of(key), i));
  }
}

std::vector<std::string> StrictJson::texts(std::string_view key) {
  std::vector<std::string> texts;
  each(key, [&](const nlohmann::json& value, const std::string&) {
    if (!value.is_string()) {
      refuse(key, "expected a list of strings");
    }
    texts.push_back(value.get<std::string>());
  });
  return texts;
}

void StrictJson::each_object(std::string_view key, const std::function<void(StrictJson&)>& visit) {
  each(key, [&](const nlohmann::json& value, const std::string& path) {
    StrictJson object(value, origin_, path);
    visit(object);
    object.finish();
  });
}

void StrictJson::finish() const {
  for (const auto& [key, value] : value_->items()) {
    if (!known_.contains(key)) {
      const std::vector<std::string_view> names(known_.begin(), known_.end());
      refuse(key, unknown_name("key", key, names));
    }
  }
}

}  // namespace hockney::inline base
