#include "import/origin.hpp"

#include <gtest/gtest.h>

namespace hockney::import {
namespace {

ImportedTable table_of(Operation operation, const char* machine, const char* said) {
  ImportedTable table;
  Launch& launch = table.launch.emplace();
  launch.info.machine = machine;
  launch.provenance["osu.heading"] = said;
  launch.measurements.emplace_back().point.become(operation);
  return table;
}

ImportedFile file_of(std::vector<ImportedTable> tables) {
  ImportedFile file;
  file.tables = std::move(tables);
  return file;
}

TEST(Origin, NamesLogsByStemAndText) {
  EXPECT_EQ(name_of_log("a/b.log", "x"), name_of_log("c/b.txt", "x"));
  EXPECT_NE(name_of_log("a/b.log", "x"), name_of_log("a/b.log", "y"));
  EXPECT_EQ(name_of_log("a/b.log", "x").substr(0, 2), "b-");
}

TEST(Origin, MakesNoTwoLogsOneMachine) {
  ImportedFile file =
      file_of({table_of(Operation::all_reduce, "unknown", ""), table_of(Operation::all_gather, "node1", "")});
  name_machines(file, "log-1");
  EXPECT_EQ(file.tables[0].launch->info.machine, "log-1");
  EXPECT_EQ(file.tables[1].launch->info.machine, "node1, log-1");
}

TEST(Origin, TakesTablesForOneMachineUnlessTheyDiffer) {
  ImportedFile file =
      file_of({table_of(Operation::all_reduce, "unknown", "run"), table_of(Operation::all_reduce, "unknown", "run"),
               table_of(Operation::all_reduce, "unknown", "without RDMA"),
               table_of(Operation::all_gather, "unknown", "anything")});
  name_machines(file, "log");
  EXPECT_EQ(file.tables[0].launch->info.machine, "log");
  EXPECT_EQ(file.tables[1].launch->info.machine, "log");
  EXPECT_EQ(file.tables[2].launch->info.machine, "log #2");
  EXPECT_EQ(file.tables[3].launch->info.machine, "log");  // another curve
}

TEST(Origin, NamesLaunchesByTheirText) {
  ImportedFile first = file_of({table_of(Operation::all_reduce, "", ""), table_of(Operation::all_reduce, "", "")});
  ImportedFile again = first;
  ImportedFile other = first;
  name_launches(first, "a text");
  name_launches(again, "a text");
  name_launches(other, "another text");
  EXPECT_EQ(first.tables[0].launch->info.run_uuid, again.tables[0].launch->info.run_uuid);
  EXPECT_NE(first.tables[0].launch->info.run_uuid, first.tables[1].launch->info.run_uuid);
  EXPECT_NE(first.tables[0].launch->info.run_uuid, other.tables[0].launch->info.run_uuid);
  const std::string& uuid = first.tables[0].launch->info.run_uuid;
  ASSERT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[14], '8');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
}

TEST(Origin, KeepsAllOfAText) {
  ImportedFile file = file_of({table_of(Operation::all_reduce, "", ""), table_of(Operation::all_reduce, "", "")});
  EXPECT_EQ(kept_text(file, 1, "a\nb\n").text, "a\nb\n");
  EXPECT_EQ(kept_text(file, 1, "a\nb\n").what, "the whole file");
}

TEST(Origin, KeepsTheSurroundingsOfATableOfALargeText) {
  ImportedFile file = file_of({table_of(Operation::all_reduce, "", ""), table_of(Operation::all_reduce, "", "")});
  file.tables[0].first_line = 2;
  file.tables[0].last_line = 3;
  file.tables[1].first_line = 5;
  file.tables[1].last_line = 6;
  const std::string text = "head\nt1\nt1\nbetween\nt2\nt2\n" + std::string(std::size_t{1} << 26, 'x') + "\n";
  const KeptText first = kept_text(file, 0, text);
  EXPECT_EQ(first.text, "head\nt1\nt1\nbetween\n");
  EXPECT_EQ(first.what, "lines 1-4 of the file");
  EXPECT_EQ(kept_text(file, 1, text).text, text.substr(text.find("between")));
}

}  // namespace
}  // namespace hockney::import
