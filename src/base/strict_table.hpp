#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/fields.hpp"

namespace hockney::inline base {

/// A TOML table that refuses what it does not know. Every getter marks its key as known; finish() then throws on any
/// other key and names the nearest known one. All errors are InputError and read
/// "FILE:LINE: key 'KEY': what was expected".
class StrictTable {
 public:
  /// Reads a whole file. Throws InputError when it cannot be read or is no TOML (with file, line and column).
  static StrictTable read(const std::filesystem::path& file);

  /// Parses text; `origin` stands for the file name in messages.
  static StrictTable parse(std::string_view text, const std::string& origin);

  StrictTable(const StrictTable&) = delete;
  StrictTable& operator=(const StrictTable&) = delete;
  StrictTable(StrictTable&&) noexcept;
  StrictTable& operator=(StrictTable&&) noexcept;
  ~StrictTable();

  bool has(std::string_view key);
  std::string text(std::string_view key);  ///< required string
  std::optional<std::string> optional_text(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t least);  ///< required, at least `least`
  std::optional<std::int64_t> optional_integer(std::string_view key, std::int64_t least);
  std::optional<double> optional_number(std::string_view key);
  std::optional<bool> optional_boolean(std::string_view key);
  /// A string or a list of strings, as a list; empty when absent. Integers in it are printed in decimal.
  std::vector<std::string> texts(std::string_view key);
  /// A boolean or a list of booleans; empty when absent.
  std::vector<bool> booleans(std::string_view key);
  /// An integer or a list of integers, each at least `least`; empty when absent.
  std::vector<std::int64_t> integers(std::string_view key, std::int64_t least);
  /// A boolean, an integer of at least `least`, or a list of such; empty when absent.
  std::vector<std::variant<bool, std::int64_t>> booleans_or_integers(std::string_view key, std::int64_t least);
  /// A number or a list of numbers; empty when absent.
  std::vector<double> numbers(std::string_view key);
  std::optional<StrictTable> table(std::string_view key);  ///< sub-table, absent or present
  std::vector<StrictTable> tables(std::string_view key);   ///< array of tables, empty when absent

  /// The key's value in place of `value`, if the table has it; a required key must be there.
  void read(std::string_view key, std::string& value, bool is_required);
  void read(std::string_view key, std::uint64_t& value, bool is_required);
  void read(std::string_view key, bool& value, bool is_required);

  /// Reads the fields that the table has into an object, by their names. Throws InputError for a required one that is
  /// missing.
  template <class Object, class... Fields>
  void read_fields(const std::tuple<Fields...>& fields, Object& object) {
    for_each_field(fields, [&](const auto& each) { read(each.name, each.in(object), each.is_required); });
  }

  /// Throws InputError when the table holds a key that no getter asked for.
  void finish() const;

  /// An InputError "FILE:LINE: key 'KEY': MESSAGE", to throw when a value is of the right type but makes no sense.
  [[noreturn]] void refuse(std::string_view key, std::string_view message) const;

  /// Runs `read` and turns the InputError that it throws into one that names file, line and key.
  template <class Read>
  auto located(std::string_view key, Read&& read) const {
    try {
      return std::forward<Read>(read)();
    } catch (const InputError& error) {
      refuse(key, error.what());
    }
  }

 private:
  void refuse_misspelt(std::string_view key) const;
  struct State;
  explicit StrictTable(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hockney::inline base
