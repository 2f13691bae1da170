#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/fields.hpp"
#include "base/rates.hpp"
#include "base/seconds.hpp"
#include "base/strict_json.hpp"

/// JSON by tables of fields (base/fields.hpp): one loop writes a struct, one reads it back, and each key stands once,
/// in the table. A struct takes part when `fields_of(object)`, found by its argument, gives its table; then vectors of
/// it and structs that hold it do, too. Two more functions are found likewise, where they exist:
///   json_of(object), read_value(json, key, object, minor)   a type that has a form of its own instead of a table;
///   finish_reading(json, object, minor)                     checks between keys, and what a file of an earlier version
///                                                           lacks; called when the fields of the object are read.
namespace hockney::inline base {

template <class Object>
concept HasFields = requires(const Object& object) {
  fields_of(object);
};

/// A field whose number may be below 0. All other numbers may not.
template <auto... Path>
struct SignedField : Field<Path...> {
  static constexpr bool may_be_negative = true;
};
template <auto... Path>
constexpr SignedField<Path...> signed_field(std::string_view name, std::string_view unit, std::string_view meaning) {
  return {field<Path...>(name, unit, meaning)};
}

namespace detail {

template <class Value>
inline constexpr bool is_list = false;
template <class Value>
inline constexpr bool is_list<std::vector<Value>> = true;

}  // namespace detail

/// Adds the fields of an object to a JSON object, in the order of the table; a key that is there keeps its place.
/// Throws Failure for a number that is not finite.
template <class Object, class... Fields>
void write_fields(nlohmann::ordered_json& json, const Object& object, const std::tuple<Fields...>& fields);

/// A value as JSON: numbers in the unit of their key, enumerators as their words, Bytes as their count.
template <class Value>
nlohmann::ordered_json json_of(const Value& value) {
  if constexpr (HasFields<Value>) {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    write_fields(json, value, fields_of(value));
    return json;
  } else if constexpr (detail::is_list<Value>) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const auto& each : value) {
      list.push_back(json_of(each));
    }
    return list;
  } else if constexpr (std::is_enum_v<Value>) {
    return name_of(value);
  } else if constexpr (std::same_as<Value, Bytes>) {
    return value.count;
  } else if constexpr (std::same_as<Value, BytesPerSecond>) {
    return json_of(value.value);
  } else if constexpr (std::same_as<Value, Seconds>) {
    return json_of(value.count());
  } else if constexpr (std::floating_point<Value>) {
    return std::isfinite(value) ? value : throw Failure("a number is not finite; JSON cannot hold it");
  } else {
    static_assert(std::integral<Value> || std::same_as<Value, std::string>, "a type without a form in JSON");
    return value;
  }
}

template <class Object, class... Fields>
void write_fields(nlohmann::ordered_json& json, const Object& object, const std::tuple<Fields...>& fields) {
  for_each_field(fields, [&](const auto& each) { json[std::string(each.name)] = json_of(each.get(object)); });
}

/// Reads the fields of an object from a file of minor version `minor`; those that came later keep their value. Throws
/// InputError that names file and key for what is missing and for what is no such value.
template <class Object, class... Fields>
void read_fields(StrictJson& json, Object& object, const std::tuple<Fields...>& fields, unsigned minor);

namespace detail {

template <class Object>
void read_object(StrictJson& json, Object& object, unsigned minor) {
  read_fields(json, object, fields_of(object), minor);
  if constexpr (requires { finish_reading(json, object, minor); }) {
    finish_reading(json, object, minor);
  }
}

}  // namespace detail

/// Reads what json_of() makes of a value.
template <class Value>
void read_value(StrictJson& json, std::string_view key, Value& value, unsigned minor) {
  if constexpr (HasFields<Value>) {
    StrictJson object = json.object(key);
    detail::read_object(object, value, minor);
    object.finish();
  } else if constexpr (std::same_as<Value, std::vector<std::string>>) {
    value = json.texts(key);
  } else if constexpr (detail::is_list<Value>) {
    json.each_object(key, [&](StrictJson& object) { detail::read_object(object, value.emplace_back(), minor); });
  } else if constexpr (std::is_enum_v<Value>) {
    value = json.named<Value>(key);
  } else if constexpr (std::same_as<Value, bool>) {
    value = json.boolean(key);
  } else if constexpr (std::same_as<Value, Bytes>) {
    value = {json.unsigned_integer(key)};
  } else if constexpr (std::unsigned_integral<Value>) {
    value = static_cast<Value>(json.unsigned_integer(key, std::numeric_limits<Value>::max()));
  } else if constexpr (std::same_as<Value, std::string>) {
    value = json.text(key);
  } else {
    value = Value{json.number_from_zero(key)};
  }
}

template <class Object, class... Fields>
void read_fields(StrictJson& json, Object& object, const std::tuple<Fields...>& fields, unsigned minor) {
  for_each_field(fields, [&](const auto& each) {
    if (each.since_minor > minor) {
      return;
    }
    if constexpr (requires { each.may_be_negative; }) {
      each.set(object, json.number(each.name));
    } else {
      auto value = each.get(object);
      read_value(json, each.name, value, minor);
      each.set(object, value);
    }
  });
}

}  // namespace hockney::inline base
