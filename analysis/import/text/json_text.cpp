#include "import/text/json_text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "record/launch.hpp"

namespace hockney::import {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view removed_value = "(removed)";

// Position after the string that begins at `begin`; the text's size when it does not end.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

// Position after the array or object that begins at `begin`; the text's size when it does not end.
std::size_t end_of_value(std::string_view text, std::size_t begin) {
  std::size_t depth = 0;
  for (std::size_t i = begin; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      i = end_of_string(text, i);
      continue;
    }
    ++i;
    depth += c == '{' || c == '[' ? 1U : 0U;
    if ((c == '}' || c == ']') && --depth == 0) {
      return i;
    }
  }
  return text.size();
}

bool is_environment_key(std::string_view key) { return key == "env" || key == "environment" || key == "ENV"; }

// "NAME=VALUE" or "NAME=(removed)".
std::string filtered(const std::string& entry, std::size_t& removed) {
  const std::string name = entry.substr(0, entry.find('='));
  if (name.size() == entry.size()) {
    ++removed;  // no '=': a line of a value of several lines
    return std::string(removed_value);
  }
  if (is_allowed_environment(name)) {
    return entry;
  }
  ++removed;
  return name + "=" + std::string(removed_value);
}

// The dump between two brackets, as it may be kept.
std::string filtered_dump(std::string_view dump, std::size_t& removed) {
  auto json = nlohmann::json::parse(dump, nullptr, false);
  if (json.is_array()) {
    for (auto& entry : json) {
      entry = entry.is_string() ? filtered(entry.get<std::string>(), removed) : std::string(removed_value);
    }
  } else if (json.is_object()) {
    for (auto& [name, value] : json.items()) {
      if (!value.is_string() || !is_allowed_environment(name)) {
        value = removed_value;
        ++removed;
      }
    }
  } else {
    ++removed;
    return std::string("[\"") + std::string(removed_value) + "\"]";
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

SalvagedJson salvage_json(std::string_view text, std::string_view array) {
  std::string open;  // brackets that are open
  std::string key_of_level_one;
  std::size_t cut = 0;
  std::size_t elements = 0;
  bool inside = false;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      const std::size_t end = end_of_string(text, i);
      if (open == "{" && end - i >= 2) {
        key_of_level_one = text.substr(i + 1, end - i - 2);
      }
      i = end;
      continue;
    }
    ++i;
    if (c == '{' || c == '[') {
      inside = inside || (open == "{" && c == '[' && key_of_level_one == array);
      open += c;
    } else if ((c == '}' || c == ']') && !open.empty()) {
      open.pop_back();
      if (inside && open == "{[") {
        cut = i;
        ++elements;
      }
      inside = inside && open.size() >= 2;
    }
  }
  return elements == 0 ? SalvagedJson{} : SalvagedJson{std::string(text.substr(0, cut)) + "]}", elements};
}

std::size_t json_depth(std::string_view text, std::size_t limit) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  for (std::size_t i = 0; i < text.size() && deepest < limit;) {
    const char c = text[i];
    if (c == '"') {
      i = end_of_string(text, i);
      continue;
    }
    ++i;
    if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

JsonWithoutEnvironment without_environment(std::string_view text) {
  JsonWithoutEnvironment result;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '"') {
      ++i;
      continue;
    }
    const std::size_t end = end_of_string(text, i);
    const std::string_view key = text.substr(i + 1, end - i < 2 ? 0 : end - i - 2);
    const std::size_t colon = std::min(text.find_first_not_of(blanks, end), text.size());
    const std::size_t value = colon < text.size() && text[colon] == ':'
                                  ? std::min(text.find_first_not_of(blanks, colon + 1), text.size())
                                  : text.size();
    const bool is_dump = is_environment_key(key) && value < text.size() && (text[value] == '[' || text[value] == '{');
    i = is_dump ? end_of_value(text, value) : end;
    if (is_dump) {
      result.text += text.substr(kept, value - kept);
      result.text += filtered_dump(text.substr(value, i - value), result.removed);
      kept = i;
    }
  }
  result.text += text.substr(kept);
  return result;
}

}  // namespace hockney::import
