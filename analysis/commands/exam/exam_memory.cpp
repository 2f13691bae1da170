#include "commands/exam/exam_memory.hpp"

#include "views/memory_view.hpp"

namespace hockney::commands {

void exam_memory(const std::string& table, const std::string& gpu, const ViewOutput& output) {
  const predict::MemoryRows rows = predict::read_memory_rows(table);
  print(views::memory_view(rows, predict::find_gpu(gpu)), output);
}

}  // namespace hockney::commands
