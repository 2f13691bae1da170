#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/error.hpp"
#include "base/field_text.hpp"
#include "base/fields.hpp"

namespace hockney::predict {

/// What a field may say instead of being empty.
inline constexpr std::string_view not_stated = "not stated";

/// The lines of a table of comma-separated values (RFC 4180) whose first line names its columns. A line is read by
/// next() and stays until the following one; reading allocates only for fields in quotes. What is wrong with a field is
/// refused with file, line and column. `text` must outlive it.
class TableLines {
 public:
  /// `origin` stands for the file's name in messages. Throws InputError for an empty text, for columns outside `known`
  /// (with the nearest known one) and for a column that is there twice.
  TableLines(std::string_view text, std::string origin, std::span<const std::string_view> known);

  std::string_view header() const { return header_; }

  /// Goes on to the next line that is not empty; false where there is none. Throws InputError for a line with more or
  /// fewer fields than columns.
  bool next();

  std::string_view text() const { return line_; }  ///< the line as it was read
  std::size_t number() const { return number_; }   ///< in the file, from 1
  std::string place() const;                       ///< "runs.csv:7"

  /// Where a column stands; nothing where the table has none of this name.
  std::optional<std::size_t> column(std::string_view name) const;

  /// The field of the line in a column; empty where the table has no such column.
  std::string_view field(std::optional<std::size_t> column) const {
    return column ? fields_[*column] : std::string_view();
  }

  [[noreturn]] void refuse(std::string_view column, std::string_view message) const;

  /// Reads a column in place of `value`, unless the field is empty; whether it was not.
  template <class Value>
  bool read(std::optional<std::size_t> column, Value& value) const {
    const std::string_view text = field(column);
    if (text.empty() || text == not_stated) {
      return false;
    }
    try {
      read_text(text, value);
    } catch (const InputError& error) {
      refuse(columns_[*column], error.what());
    }
    return true;
  }

  /// A number above 0; nothing where the field is empty.
  std::optional<double> positive(std::optional<std::size_t> column) const;

 private:
  bool next_line();
  void split();
  std::string_view unquoted(std::string_view field);

  std::string_view rest_;
  std::string origin_;
  std::string_view header_;
  std::string_view line_;
  std::size_t number_ = 0;
  std::vector<std::string> columns_;
  std::vector<std::string_view> fields_;
  std::deque<std::string> unquoted_;  ///< of this line: what fields_ points into where there were quotes
};

/// Calls `read` for every line that is left, and `refused` with the reason where a line has too many or too few fields
/// or `read` throws InputError: one bad line ends no table.
template <class Read, class Refused>
void for_each_line(TableLines& lines, Read read, Refused refused) {
  for (bool is_there = true; is_there;) {
    try {
      is_there = lines.next();
      if (is_there) {
        read();
      }
    } catch (const InputError& error) {
      refused(error.what());
    }
  }
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

  /// Reads the fields that the line has; those that `is_required` admits must be there.
  template <class Object, class Required>
  void read(const TableLines& lines, Object& object, Required is_required) const {
    std::size_t next = 0;
    for_each_field(*fields_, [&](const auto& field) {
      const auto& [by_word, by_name] = columns_[next++];
      const bool is_there = lines.read(by_word, field.in(object)) || lines.read(by_name, field.in(object));
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
