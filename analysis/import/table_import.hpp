#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "import/imported.hpp"
#include "import/imported_points.hpp"

namespace hockney::import {

/// One table on its way to a launch: what readers of all kinds of tables do alike. A reader derives from it, fills
/// `table` and hands in every row once; run() turns an InputError of it into the table's refusal.
class TableImport {
 public:
  /// `refused` gets the refused rows of a table that is used otherwise. All three must outlive the object.
  TableImport(const std::filesystem::path& file, const ImportOptions& options, std::vector<RefusedLine>& refused);
  virtual ~TableImport() = default;
  TableImport(const TableImport&) = delete;
  TableImport& operator=(const TableImport&) = delete;

  ImportedTable run();

 protected:
  /// Reads the rows. Throws InputError, whose message is the reason, to refuse the table.
  virtual void read() = 0;
  /// Adds provenance, notes and the title, after all rows.
  virtual void describe(Launch& launch) = 0;
  /// Added to the refusal of a table whose rows contradict themselves: "; times in ms would fit".
  virtual std::string advice() const { return {}; }
  /// Who printed the table, for LaunchInfo::producer.
  virtual std::string program() const = 0;

  /// A row with its points; refused where a bandwidth is more than any link has (impossible_rate()).
  void use(std::size_t line, std::vector<ImportedPoint> points);
  void leave_out_size_zero() { ++table.rows_of_size_zero; }
  void refuse(std::size_t line, std::string reason);
  /// A row that says two different things: a table of which most are such is refused.
  void refuse_contradiction(std::size_t line, std::string reason);
  void note_if(bool condition, std::string text);

  const ImportOptions& options() const { return options_; }
  const std::filesystem::path& file() const { return file_; }

  ImportedTable table;  ///< with lines, rows and title when read() returns

 private:
  void make_launch();

  const std::filesystem::path& file_;
  const ImportOptions& options_;
  std::vector<RefusedLine>& all_refused_;
  std::vector<RefusedLine> refused_;
  std::vector<ImportedPoint> points_;
  std::size_t contradictions_ = 0;
};

/// Puts refused lines into the order of the file.
void sort_by_line(std::vector<RefusedLine>& refused);

}  // namespace hockney::import
