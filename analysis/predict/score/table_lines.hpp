#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/field_text.hpp"
#include "base/fields.hpp"
#include "base/text.hpp"
#include "predict/score/column_words.hpp"
#include "workload/mapping.hpp"

namespace hockney::predict {

/// What a field may say instead of being empty.
inline constexpr std::array<std::string_view, 14> not_stated{
    "not stated", "None", "-", "--", "n/a", "N/A", "na", "NA", "nan", "NaN", "?", "null", "\xE2\x80\x93", "unknown"};

/// What programs write behind whole numbers of a column with empty fields.
inline constexpr std::string_view point_zero = ".0";

/// A line that cannot be used.
struct SkippedLine {
  std::string place;  ///< "runs.csv:7"
  std::string reason;
};

/// The lines of a table of values separated by commas, semicolons or tabs, whichever its first line has most of (RFC
/// 4180, with or without a byte order mark), whose first line names its columns. A field in quotes may hold separators,
/// line ends and doubled quotes. Between semicolons a number has no separators of thousands: "1,024" may be 1.024. A
/// line is read by next() and stays until the following one; reading allocates only for fields in quotes. What is wrong
/// with a field is refused with file, line and column. `text` must outlive it.
class TableLines {
 public:
  /// `origin` stands for the file's name in messages. A column may be named as it is known; else by its written_name()
  /// or that of an alias; else in any other HeadingReading, whose factor its numbers are multiplied with. Of several
  /// that mean one column the nearest to its name is read, of equals the first. All others are ignored:
  /// ignored_columns() tells. The names must outlive it. Throws InputError for an empty text and for a known column
  /// that is there twice.
  TableLines(std::string_view text, std::string origin, std::span<const std::string_view> known,
             std::span<const ColumnAlias> aliases = {});

  std::string_view header() const { return header_; }
  char separator() const { return separator_; }

  /// One line that names the columns which are not known, with the nearest known name where it is near; empty: none.
  const std::string& ignored_columns() const { return ignored_; }

  /// Goes on to the next line that is not empty; false where there is none. Throws InputError for a line with more or
  /// fewer fields than columns, and for one with a quote that does not end at the end of a field: then only this line
  /// is lost, up to its first line end.
  bool next();

  std::string_view text() const { return line_; }  ///< the line as it was read, with the line ends inside quotes
  std::size_t number() const { return number_; }   ///< in the file, from 1, of its beginning
  std::string place() const;                       ///< "runs.csv:7"

  /// Where a column stands; nothing where the table has none of this name.
  std::optional<std::size_t> column(std::string_view name) const;

  /// The field of the line in a column without blanks around it; empty where the table has no such column or the field
  /// is one of not_stated.
  std::string_view field(std::optional<std::size_t> column) const;

  [[noreturn]] void refuse(std::string_view column, std::string_view message) const;

  /// Reads a column in place of `value`, unless the field is empty; whether it was not. A number may have separators of
  /// thousands ("1,024"), a whole one end in ".0" or "K" (8K: 8192); true and false may be yes and no;
  /// words of recomputation may be in capitals, or say whether there is one.
  template <class Value>
  bool read(std::optional<std::size_t> column, Value& value) const {
    std::string_view text = field(column);
    if (text.empty()) {
      return false;
    }
    constexpr bool is_number = std::is_arithmetic_v<Value> && !std::is_same_v<Value, bool>;
    if (is_number) {
      require_own_unit(*column);
    }
    if (std::is_integral_v<Value> && text.ends_with(point_zero)) {
      text.remove_suffix(point_zero.size());
    }
    try {
      if constexpr (std::is_same_v<Value, bool> || std::is_same_v<Value, Recompute>) {
        read_word(text, value);
      } else if constexpr (std::is_arithmetic_v<Value>) {
        read_number(text, value, thousands());
      } else {
        read_text(text, value);
      }
      if constexpr (is_number) {
        value *= is_digit(text.back()) ? static_cast<Value>(columns_[*column].meant.factor) : Value{1};
      }
    } catch (const InputError& error) {
      refuse(columns_[*column].meant.name, error.what());
    }
    return true;
  }

  /// The same of a number in text that need not be a field's.
  template <class Number>
  static void read_number(std::string_view text, Number& value, std::string_view thousands = separators_of_thousands) {
    constexpr std::uint64_t kilo = 1024;
    constexpr bool is_whole = std::is_integral_v<Number>;
    if (is_whole && text.size() > 1 && (text.back() == 'K' || text.back() == 'k')) {
      read_text(text.substr(0, text.size() - 1), value);
      value *= static_cast<Number>(kilo);
    } else {
      const std::string plain = without_separators(text, thousands);
      read_text(plain.empty() ? text : std::string_view(plain), value);
    }
  }

  /// A number above 0, or what `with_unit` makes of the text; nothing where the field is empty.
  template <class WithUnit>
  std::optional<double> positive(std::optional<std::size_t> column, WithUnit with_unit) const {
    const std::string_view text = field(column);
    if (text.empty()) {
      return std::nullopt;
    }
    require_own_unit(*column);
    double value = 0;
    try {
      const bool is_plain = text.find_first_not_of("0123456789.,_' +-eE") == std::string_view::npos;
      is_plain ? read_number(text, value, thousands()) : void(value = with_unit(text));
      value *= is_plain ? columns_[*column].meant.factor : 1;
    } catch (const InputError& error) {
      refuse(columns_[*column].meant.name, error.what());
    }
    if (!(value > 0)) {
      refuse(columns_[*column].meant.name, fmt::format("'{}': expected a number above 0, or nothing", text));
    }
    return value;
  }

 private:
  static constexpr std::string_view separators_of_thousands = ",_' ";

  struct Heading {
    std::string text;
    NamedColumn meant;  ///< without a name: ignored
  };

  void require_own_unit(std::size_t column) const;
  static std::string without_separators(std::string_view text, std::string_view separators);
  static void read_word(std::string_view text, bool& value);
  static void read_word(std::string_view text, Recompute& value);

  std::string_view thousands() const { return separators_of_thousands.substr(separator_ == ';' ? 1 : 0); }
  void name_columns(std::span<const std::string_view> known, std::span<const ColumnAlias> aliases);
  bool next_line();
  std::size_t plain_field(std::size_t from);
  std::size_t quoted_field(std::size_t from);
  void lose_line();

  std::string_view rest_;
  std::string origin_;
  char separator_ = ',';
  std::string_view header_;
  std::string ignored_;
  std::string_view line_;
  std::size_t number_ = 0;
  std::size_t next_number_ = 1;
  std::vector<Heading> columns_;
  std::vector<std::string_view> fields_;  ///< of a line below the header without blanks around them, and what is stated
  std::deque<std::string> unquoted_;      ///< of this line: what fields_ points into where there were quotes
};

/// Calls `read` for every line that is left. Returns the lines that next() or `read` refuses by InputError: one bad
/// line ends no table.
template <class Read>
std::vector<SkippedLine> for_each_line(TableLines& lines, Read read) {
  std::vector<SkippedLine> skipped;
  for (bool is_there = true; is_there;) {
    try {
      is_there = lines.next();
      if (is_there) {
        read();
      }
    } catch (const InputError& error) {
      const std::string place = lines.place();
      const std::string_view reason = error.what();
      const bool names_place = reason.starts_with(place + ": ");
      skipped.push_back({place, std::string(reason.substr(names_place ? place.size() + 2 : 0))});
    }
  }
  return skipped;
}

/// Where the fields of a table of fields stand among the columns of TableLines, by either of their names; found once,
/// used for every line.
template <class Fields>
class FieldColumns {
 public:
  FieldColumns(const Fields& fields, const TableLines& lines) : fields_(&fields) {
    std::size_t next = 0;
    for_each_field(fields, [&](const auto& field) {
      columns_[next++] = {lines.column(field.word()),
                          field.name == field.word() ? std::nullopt : lines.column(field.name)};
    });
  }

  /// Those that the table has.
  std::vector<std::size_t> columns() const {
    std::vector<std::size_t> all;
    for (const auto& names : columns_) {
      for (const Column& column : {names.first, names.second}) {
        if (column) {
          all.push_back(*column);
        }
      }
    }
    return all;
  }

  /// Reads the fields that the line has; those that `is_required` admits must be there.
  template <class Object, class Required>
  void read(const TableLines& lines, Object& object, Required is_required) const {
    std::size_t next = 0;
    for_each_field(*fields_, [&](const auto& field) {
      const auto& [by_word, by_name] = columns_[next++];
      const bool is_there =
          (by_word && lines.read(by_word, field.in(object))) || (by_name && lines.read(by_name, field.in(object)));
      if (!is_there && is_required(field)) {
        lines.refuse(field.word(), "expected a value in every row");
      }
    });
  }

 private:
  using Column = std::optional<std::size_t>;

  const Fields* fields_;
  std::array<std::pair<Column, Column>, std::tuple_size_v<Fields>> columns_;
};

}  // namespace hockney::predict
