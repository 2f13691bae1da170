#include "base/strict_table.hpp"

#include <array>
#include <fmt/format.h>
#include <set>
#include <toml++/toml.h>

#include "base/names.hpp"
#include "base/shipped.hpp"

namespace hockney::inline base {

struct StrictTable::State {
  std::shared_ptr<const toml::table> root;  // keeps the tree alive for every sub-table
  const toml::table* table = nullptr;
  std::string origin;
  std::set<std::string, std::less<>> known;

  const toml::node* find(std::string_view key) {
    known.emplace(key);
    return table->get(key);
  }
};

StrictTable::StrictTable(std::unique_ptr<State> state) : state_(std::move(state)) {}
StrictTable::StrictTable(StrictTable&&) noexcept = default;
StrictTable& StrictTable::operator=(StrictTable&&) noexcept = default;
StrictTable::~StrictTable() = default;

StrictTable StrictTable::read(const std::filesystem::path& file) { return parse(read_text_file(file), file.string()); }

StrictTable StrictTable::parse(std::string_view text, const std::string& origin) {
  auto state = std::make_unique<State>();
  try {
    state->root = std::make_shared<const toml::table>(toml::parse(text, origin));
  } catch (const toml::parse_error& error) {
    throw InputError(fmt::format("{}:{}: not TOML: {}", origin, error.source().begin.line, error.description()));
  }
  state->table = state->root.get();
  state->origin = origin;
  return StrictTable(std::move(state));
}

void StrictTable::refuse(std::string_view key, std::string_view message) const {
  if (!state_->table->contains(key)) {
    refuse_misspelt(key);
  }
  const toml::node* node = state_->table->get(key);
  const auto line = (node ? node->source() : state_->table->source()).begin.line;
  throw InputError(fmt::format("{}:{}: key '{}': {}", state_->origin, line, key, message));
}

// A required key that is missing because it is spelt otherwise.
void StrictTable::refuse_misspelt(std::string_view key) const {
  const std::array<std::string_view, 1> wanted{key};
  for (const auto& [given, node] : *state_->table) {
    if (!state_->known.contains(given.str()) && is_near_name(given.str(), key)) {
      throw InputError(
          fmt::format("{}:{}: {}", state_->origin, node.source().begin.line, unknown_name("key", given.str(), wanted)));
    }
  }
}

void StrictTable::finish() const {
  std::vector<std::string_view> names(state_->known.begin(), state_->known.end());
  for (const auto& [key, node] : *state_->table) {
    if (!state_->known.contains(key.str())) {
      throw InputError(
          fmt::format("{}:{}: {}", state_->origin, node.source().begin.line, unknown_name("key", key.str(), names)));
    }
  }
}

bool StrictTable::has(std::string_view key) { return state_->find(key) != nullptr; }

std::optional<std::string> StrictTable::optional_text(std::string_view key) {
  const toml::node* node = state_->find(key);
  if (!node) {
    return std::nullopt;
  }
  if (!node->is_string()) {
    refuse(key, "expected a string");
  }
  return node->value<std::string>();
}

std::string StrictTable::text(std::string_view key) {
  auto value = optional_text(key);
  if (!value) {
    refuse(key, "is missing; expected a string");
  }
  return *value;
}

std::optional<std::int64_t> StrictTable::optional_integer(std::string_view key, std::int64_t least) {
  const toml::node* node = state_->find(key);
  if (!node) {
    return std::nullopt;
  }
  const auto value = node->is_integer() ? node->value<std::int64_t>() : std::nullopt;
  if (!value || *value < least) {
    refuse(key, fmt::format("expected a whole number, {} or more", least));
  }
  return value;
}

std::int64_t StrictTable::integer(std::string_view key, std::int64_t least) {
  const auto value = optional_integer(key, least);
  if (!value) {
    refuse(key, fmt::format("is missing; expected a whole number, {} or more", least));
  }
  return *value;
}

std::optional<double> StrictTable::optional_number(std::string_view key) {
  const toml::node* node = state_->find(key);
  if (!node) {
    return std::nullopt;
  }
  if (!node->is_number()) {
    refuse(key, "expected a number");
  }
  return node->value<double>();
}

std::optional<bool> StrictTable::optional_boolean(std::string_view key) {
  const toml::node* node = state_->find(key);
  if (!node) {
    return std::nullopt;
  }
  if (!node->is_boolean()) {
    refuse(key, "expected true or false");
  }
  return node->value<bool>();
}

namespace {

// Visits one value, or each element of an array.
template <class Visit>
void for_each_element(const toml::node* node, Visit&& visit) {
  if (!node) {
    return;
  }
  if (const auto* array = node->as_array()) {
    for (const auto& element : *array) {
      visit(element);
    }
  } else {
    visit(*node);
  }
}

}  // namespace

std::vector<std::string> StrictTable::texts(std::string_view key) {
  std::vector<std::string> result;
  for_each_element(state_->find(key), [&](const toml::node& element) {
    if (element.is_string()) {
      result.push_back(*element.value<std::string>());
    } else if (element.is_integer()) {
      result.push_back(std::to_string(*element.value<std::int64_t>()));
    } else {
      refuse(key, "expected a string or a list of strings");
    }
  });
  return result;
}

std::vector<bool> StrictTable::booleans(std::string_view key) {
  std::vector<bool> result;
  for_each_element(state_->find(key), [&](const toml::node& element) {
    if (!element.is_boolean()) {
      refuse(key, "expected true, false or a list of them");
    }
    result.push_back(*element.value<bool>());
  });
  return result;
}

std::vector<std::int64_t> StrictTable::integers(std::string_view key, std::int64_t least) {
  std::vector<std::int64_t> result;
  for_each_element(state_->find(key), [&](const toml::node& element) {
    const auto value = element.is_integer() ? element.value<std::int64_t>() : std::nullopt;
    if (!value || *value < least) {
      refuse(key, fmt::format("expected whole numbers, {} or more", least));
    }
    result.push_back(*value);
  });
  return result;
}

std::vector<std::variant<bool, std::int64_t>> StrictTable::booleans_or_integers(std::string_view key,
                                                                                std::int64_t least) {
  std::vector<std::variant<bool, std::int64_t>> result;
  for_each_element(state_->find(key), [&](const toml::node& element) {
    if (element.is_boolean()) {
      result.emplace_back(*element.value<bool>());
    } else if (const auto value = element.is_integer() ? element.value<std::int64_t>() : std::nullopt;
               value && *value >= least) {
      result.emplace_back(*value);
    } else {
      refuse(key, fmt::format("expected true, false, whole numbers of {} or more, or a list of them", least));
    }
  });
  return result;
}

std::vector<double> StrictTable::numbers(std::string_view key) {
  std::vector<double> result;
  for_each_element(state_->find(key), [&](const toml::node& element) {
    if (!element.is_number()) {
      refuse(key, "expected a number or a list of numbers");
    }
    result.push_back(*element.value<double>());
  });
  return result;
}

void StrictTable::read(std::string_view key, std::string& value, bool is_required) {
  value = is_required ? text(key) : optional_text(key).value_or(value);
}

void StrictTable::read(std::string_view key, std::uint64_t& value, bool is_required) {
  const auto given = is_required ? integer(key, 0) : optional_integer(key, 0);
  value = given ? static_cast<std::uint64_t>(*given) : value;
}

void StrictTable::read(std::string_view key, bool& value, bool is_required) {
  const auto given = optional_boolean(key);
  if (!given && is_required) {
    refuse(key, "is missing; expected true or false");
  }
  value = given.value_or(value);
}

std::optional<StrictTable> StrictTable::table(std::string_view key) {
  const toml::node* node = state_->find(key);
  if (!node) {
    return std::nullopt;
  }
  if (!node->is_table()) {
    refuse(key, "expected a table");
  }
  auto state = std::make_unique<State>();
  state->root = state_->root;
  state->table = node->as_table();
  state->origin = state_->origin;
  return StrictTable(std::move(state));
}

std::vector<StrictTable> StrictTable::tables(std::string_view key) {
  std::vector<StrictTable> result;
  for_each_element(state_->find(key), [&](const toml::node& element) {
    if (!element.is_table()) {
      refuse(key, "expected an array of tables, [[" + std::string(key) + "]]");
    }
    auto state = std::make_unique<State>();
    state->root = state_->root;
    state->table = element.as_table();
    state->origin = state_->origin;
    result.push_back(StrictTable(std::move(state)));
  });
  return result;
}

}  // namespace hockney::inline base
