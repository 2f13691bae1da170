#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/names.hpp"
#include "base/rates.hpp"
#include "base/seconds.hpp"
#include "base/text_table.hpp"

namespace hockney::render {

struct Table;

/// One value of a row: nothing (not known), yes or no, an integer, a number, a text, several texts, or the rows that
/// belong to this row. Values are in SI units, unrounded; how a terminal shows them is said by the column, or by the
/// cell itself where that takes more than the value (its digits depend on an interval, say).
class Cell {
 public:
  using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::string>,
                             std::shared_ptr<const Table>>;

  Cell() = default;  ///< nothing is known: "-", an empty field, null
  Cell(bool value) : value_(value) {}
  Cell(double value) : value_(value) {}
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) Cell(Integer value) : value_(static_cast<std::int64_t>(value)) {}
  Cell(std::string value) : value_(std::move(value)) {}
  Cell(std::string_view value) : value_(std::string(value)) {}
  Cell(const char* value) : value_(std::string(value)) {}
  Cell(std::vector<std::string> values) : value_(std::move(values)) {}
  Cell(Bytes value) : Cell(value.count) {}
  Cell(Seconds value) : Cell(value.count()) {}
  Cell(BytesPerSecond value) : Cell(value.value) {}
  template <class Enum>
  requires std::is_enum_v<Enum> Cell(Enum value) : Cell(name_of(value)) {}
  Cell(Table rows);

  /// The same value, which a terminal shows as `text`.
  Cell shown_as(std::string text) const;

  const Value& value() const { return value_; }
  const std::optional<std::string>& text() const { return text_; }

 private:
  Value value_;
  std::optional<std::string> text_;
};

/// A number that is above 0 where it is known; nothing otherwise.
template <class Number>
Cell known(Number value) {
  return value > Number{} ? Cell(value) : Cell();
}

/// A text that is not empty where it is known; nothing otherwise.
inline Cell known(const std::string& value) { return value.empty() ? Cell() : Cell(value); }

/// How a terminal shows a number (see forms.hpp).
using Form = std::string (*)(double value);

/// Where a terminal shows the cells of a column.
enum class Shown {
  in_column,  ///< under the heading
  above_row,  ///< as a line above the row: for long names
  as_number,  ///< as marks [1], [2] ... of footnotes beneath the table
  as_letter,  ///< as marks (a), (b) ...
  nowhere,    ///< CSV and JSON have it
};

/// A column: its key is for programs, its heading for people; both hold the unit ("t_median_s", "median us").
struct Column {
  std::string key{};      ///< snake_case; a dot makes an object in JSON: "group.ranks"; empty: for people only
  std::string heading{};  ///< with the unit of the form
  Form form = nullptr;    ///< none: four significant digits; integers as they are
  Align align = Align::right;
  Shown shown = Shown::in_column;
};

Column number_column(std::string key, std::string heading, Form form = nullptr);
Column text_column(std::string key, std::string heading);
Column line_above(std::string key);
Column data_column(std::string key);

/// A table of a view. Tables of the same name are parts of one: a terminal shows each for itself, CSV and JSON put
/// their rows together, where a part that lacks a column knows nothing there.
struct Table {
  std::string name{};                ///< key in JSON, choice of CSV ("points"); empty: for people only
  std::string title{};               ///< printed after an empty line; empty: neither is printed
  std::vector<std::string> lines{};  ///< between title and headings
  std::vector<Column> columns{};
  std::vector<std::vector<Cell>> rows{};  ///< a cell for each column; a terminal shows no headings without rows
  std::vector<std::string> remarks{};     ///< beneath the table
};

/// A single value that is no table, such as a total.
struct Fact {
  std::string key{};    ///< as Column::key
  std::string label{};  ///< printed before the value; empty: a terminal does not show it
  Cell value{};
  Form form = nullptr;
};

/// What a command shows, before it is text, CSV or JSON:
///
///     View view{.what = "points", .version = "1.0.0", .title = "launch 1a2b3c4d"};
///     Table& table = view.tables.emplace_back(Table{.name = "points"});
///     table.columns = {number_column("payload_bytes", "payload", bytes), number_column("t_s", "time us",
///     microseconds)}; table.rows.push_back({mebibytes(1), 4e-6}); std::fputs(to_text(view).c_str(), stdout);
struct View {
  std::string what{};     ///< "points": JSON says "schema": "hockney points"
  std::string version{};  ///< of that schema: major.minor.patch
  std::string title{};
  std::vector<Fact> facts{};
  std::vector<std::string> warnings{};  ///< what the figures are not (SIMULATED), or cannot tell
  std::vector<Table> tables{};
  std::vector<std::string> notes{};  ///< what was left out, at the end
  std::string main_table{};          ///< the table that CSV has unless another is named
};

/// For a terminal: title; facts, their labels as wide as the widest; warnings, labelled WARNING beside facts; tables;
/// notes. Ends with '\n' unless it is empty.
std::string to_text(const View& view);

/// One table as RFC 4180: a line of keys, then the rows; `table` empty means View::main_table. Only one, so that every
/// reader of CSV can read it; facts, warnings and notes are not in it. Texts of a list are separated by "; "; rows of a
/// cell are left out; nothing and numbers that are not finite are empty fields. Throws InputError that names the tables
/// when there is none of this name.
std::string to_csv(const View& view, std::string_view table = {});

/// One object: "schema", "version", the facts, "warnings", an array of objects per table by its name, "notes". Keys are
/// those of columns and facts; nothing and numbers that are not finite are null. Text that is no UTF-8 gets U+FFFD.
std::string to_json(const View& view);

}  // namespace hockney::render
