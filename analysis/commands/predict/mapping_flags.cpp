#include "commands/predict/mapping_flags.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

#include "base/error.hpp"
#include "base/field_text.hpp"
#include "base/names.hpp"
#include "commands/flag_value.hpp"
#include "workload/mapping_fields.hpp"

namespace hockney::commands {
namespace {

const Mapping usual;

std::string hyphenated(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

template <class Field>
constexpr bool is_switch = std::is_same_v<typename Field::Value, bool>;

// A switch whose usual value is yes is turned off.
template <class Field>
std::string flag_of(const Field& field, std::string_view name) {
  bool is_usually_on = false;
  if constexpr (is_switch<Field>) {
    is_usually_on = field.in(usual);
  }
  return fmt::format("--{}{}", is_usually_on ? "no-" : "", hyphenated(name));
}

template <class Field>
std::string flags_of(const Field& field) {
  const std::string other = field.name == field.word() ? "" : "," + flag_of(field, field.name);
  return flag_of(field, field.word()) + other;
}

void bind(CLI::Option* option, CLI::Option* model, bool is_required) {
  if (model == nullptr) {
    option->required(is_required);
    return;
  }
  option->needs(model);
  if (is_required) {
    model->needs(option);
  }
}

}  // namespace

void add_mapping_flags(CLI::App& command, Mapping& mapping, CLI::Option* model) {
  for_each_field(mapping_fields, [&](const auto& field) {
    const std::string meaning(field.meaning);
    if constexpr (is_switch<std::decay_t<decltype(field)>>) {
      const bool turned = !field.in(usual);
      CLI::Option* option = command.add_flag_callback(
          flags_of(field), [&mapping, field, turned] { field.in(mapping) = turned; },
          (turned ? "" : "not: ") + meaning);
      bind(option, model, false);
    } else {
      const auto read = [&mapping, field, flag = flag_of(field, field.word())](const std::string& text) {
        flag_value(flag, text, [&](const std::string& value) { return read_text(value, field.in(mapping)), 0; });
      };
      CLI::Option* option = command.add_option_function<std::string>(flags_of(field), read, meaning);
      bind(option, model, field.is_required);
      option->default_str(field.is_required ? "" : text_of(field.in(usual)));
    }
  });
}

std::string to_flags(const Mapping& mapping) {
  std::vector<std::string> flags;
  for_each_field(mapping_fields, [&](const auto& field) {
    if (field.is_required || field.in(mapping) != field.in(usual)) {
      flags.push_back(flag_of(field, field.word()) +
                      (is_switch<std::decay_t<decltype(field)>> ? "" : " " + text_of(field.in(mapping))));
    }
  });
  return fmt::format("{}", fmt::join(flags, " "));
}

void set_part(Mapping& mapping, const std::string& name, const std::string& value) {
  const bool is_known = visit_field(mapping_fields, name, [&](const auto& field) {
    flag_value(name, value, [&](const std::string& text) { return read_text(text, field.in(mapping)), 0; });
  });
  if (!is_known) {
    std::vector<std::string_view> known;
    for_each_field(mapping_fields, [&](const auto& field) { known.push_back(field.word()); });
    throw InputError(unknown_name("part of a mapping", name, known));
  }
}

}  // namespace hockney::commands
