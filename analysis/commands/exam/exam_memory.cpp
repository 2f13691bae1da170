#include "commands/exam/exam_memory.hpp"

#include "base/shipped.hpp"
#include "views/memory_view.hpp"

namespace hockney::commands {

void exam_memory(const std::string& table, const std::string& gpu, const ViewOutput& output) {
  const predict::MemoryRows rows = predict::read_memory_rows(table, shipped_folder() / "models");
  print(views::memory_view(rows, predict::find_gpu(gpu, shipped_folder() / "gpus")), output);
}

}  // namespace hockney::commands
