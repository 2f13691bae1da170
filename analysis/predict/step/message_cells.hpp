#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "predict/network/curve_chooser.hpp"
#include "workload/messages.hpp"

namespace hockney::predict {

/// A table before it is laid out: one cell per column and row; units stand in the headings.
struct ScreenTable {
  struct Column {
    std::string heading;
    bool text = false;  ///< aligned left; numbers are aligned right
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

/// Long texts that a table refers to by number or letter, in order of first use.
class Footnotes {
 public:
  enum class Marks { numbers, letters };

  explicit Footnotes(Marks marks) : marks_(marks) {}

  /// The mark of a text: [1], [2], ... or (a), (b), ...
  std::string mark(const std::string& text);

  /// One line per text, "[1] ...\n".
  std::string print() const;

 private:
  std::string mark_at(std::size_t place) const;

  Marks marks_;
  std::vector<std::string> texts_;
};

/// What every table of messages says of a message and its answer. Curves and remarks, which repeat themselves from
/// message to message, become footnotes.
class MessageCells {
 public:
  /// Columns cause, message, operation, group, placed on, fabric (of the curve that answered), payload, count, each
  /// (ms); then `own`, the table's own; then curve, segment, remarks.
  static std::vector<ScreenTable::Column> columns(std::vector<ScreenTable::Column> own);

  /// The cells of a message under columns(); `own` under the table's own.
  std::vector<std::string> row(const Message& message, const Answer& answer, std::vector<std::string> own);

  /// The curves, then the remarks; nothing without any.
  std::string footnotes() const { return curves_.print() + remarks_.print(); }

 private:
  std::string curves_of(const Answer& answer);
  std::string remarks_of(const Answer& answer);

  Footnotes curves_{Footnotes::Marks::numbers};
  Footnotes remarks_{Footnotes::Marks::letters};
};

/// Four significant digits of ms.
std::string milliseconds(double seconds);

/// One decimal of %, without the sign.
std::string percent(double fraction);

/// Three significant digits of GiB, without the unit.
std::string gibibytes_of(double bytes);

}  // namespace hockney::predict
