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

std::string hyphenated(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

template <class Field>
constexpr bool is_switch = std::is_same_v<typename Field::Value, bool>;

// "--vp,--virtual-stages", "--no-overlap-tensor"
template <class Field>
std::string flags_of(const Field& field, std::string_view no = "") {
  const std::string flags = fmt::format("--{}{}", no, hyphenated(field.word()));
  return field.name == field.word() ? flags : fmt::format("{},--{}{}", flags, no, hyphenated(field.name));
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

// Replaces one part of a mapping, named as in mapping_fields.
void set_part(Mapping& mapping, const std::string& name, const std::string& value, const std::string& shown = "") {
  const bool is_known = visit_field(mapping_fields, name, [&](const auto& field) {
    flag_value(shown.empty() ? name : shown, value,
               [&](const std::string& text) { return read_text(text, field.in(mapping)), 0; });
  });
  if (!is_known) {
    std::vector<std::string_view> known;
    for_each_field(mapping_fields, [&](const auto& field) { known.push_back(field.word()); });
    throw InputError(unknown_name("part of a mapping", name, known));
  }
}

}  // namespace

void MappingFlags::add_to(CLI::App& command, CLI::Option* model) {
  const Mapping usual;
  for_each_field(mapping_fields, [&](const auto& field) {
    const std::string name(field.word());
    const std::string meaning(field.meaning);
    if constexpr (is_switch<std::decay_t<decltype(field)>>) {
      const auto turn = [this, name](const char* value) { return [this, name, value] { say(name, value); }; };
      bind(command.add_flag_callback(flags_of(field), turn("true"), meaning), model, false);
      bind(command.add_flag_callback(flags_of(field, "no-"), turn("false"), "not: " + meaning), model, false);
    } else {
      const auto read = [this, name](const std::string& text) { say(name, text, "--" + hyphenated(name)); };
      CLI::Option* option = command.add_option_function<std::string>(flags_of(field), read, meaning);
      bind(option, model, field.is_required);
      option->default_str(field.is_required ? "" : text_of(field.in(usual)));
    }
  });
}

void MappingFlags::say(const std::string& name, const std::string& value, const std::string& shown) {
  Mapping any;
  set_part(any, name, value, shown);
  said_.emplace_back(name, value);
}

Mapping MappingFlags::over(Mapping mapping) const {
  for (const auto& [name, text] : said_) {
    set_part(mapping, name, text);
  }
  return mapping;
}

std::string to_flags(const Mapping& mapping, const Mapping& usual) {
  std::vector<std::string> flags;
  for_each_field(mapping_fields, [&](const auto& field) {
    const auto& value = field.in(mapping);
    if (!field.is_required && value == field.in(usual)) {
      return;
    }
    const std::string flag = hyphenated(field.word());
    if constexpr (is_switch<std::decay_t<decltype(field)>>) {
      flags.push_back((value ? "--" : "--no-") + flag);
    } else {
      flags.push_back(fmt::format("--{} {}", flag, text_of(value)));
    }
  });
  return fmt::format("{}", fmt::join(flags, " "));
}

}  // namespace hockney::commands
