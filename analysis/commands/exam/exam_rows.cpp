#include "commands/exam/exam_rows.hpp"

#include <fmt/format.h>
#include <map>
#include <memory>
#include <tuple>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "commands/reference/reference_library.hpp"
#include "views/exam_view.hpp"

namespace hockney::commands {
namespace {

/// GPUs and networks by name, made when first asked for.
class Places {
 public:
  const predict::Gpu& gpu(const predict::ExamRow& row) {
    const auto found = gpus_.find(row.run.gpu);
    return found != gpus_.end()
               ? found->second
               : gpus_.emplace(row.run.gpu, predict::find_gpu(row.run.gpu, shipped_folder() / "gpus")).first->second;
  }

  predict::StepNetwork& network(const predict::ExamRow& row) {
    const predict::Gpu& on = gpu(row);
    const std::uint64_t gpus = row.run.mapping.gpus_per_node;
    std::unique_ptr<predict::StepNetwork>& network =
        networks_[{row.run.gpu, row.run.node_nic_bytes_per_s.value_or(0), gpus, row.host_waits}];
    if (!network) {
      predict::NetworkOptions options;
      if (on.ring_limit_bytes_per_s > 0) {
        options.ring_limit_bytes_per_s = on.ring_limit_bytes_per_s;
      }
      const double node = row.run.node_nic_bytes_per_s.value_or(usual_nic_bytes_per_s * static_cast<double>(gpus));
      predict::NicRate nic;
      nic.bytes_per_s_per_gpu = node / static_cast<double>(gpus);
      nic.gpus_per_node = static_cast<double>(gpus);
      options.nic = nic;
      if (!row.host_waits) {
        options.without.push_back(predict::Addition::host_wait);
      }
      network = std::make_unique<predict::StepNetwork>(cost(on), constants_, std::move(options));
    }
    return *network;
  }

  const predict::StepConstants& constants() const { return constants_; }

 private:
  static constexpr double usual_nic_bytes_per_s = 50e9;  // 400 Gbit/s per GPU, where a row does not say

  const cost::CostModel& cost(const predict::Gpu& gpu) {
    if (gpu.network.empty()) {
      throw InputError(fmt::format("GPU {}: its file names no network", gpu.name));
    }
    const auto found = costs_.find(gpu.network);
    if (found != costs_.end()) {
      return found->second;
    }
    return costs_.emplace(gpu.network, cost::CostModel::read(ReferenceLibrary().cost_model(gpu.network))).first->second;
  }

  using Key = std::tuple<std::string, double, std::uint64_t, bool>;

  predict::StepConstants constants_;
  std::map<std::string, predict::Gpu> gpus_;
  std::map<std::string, cost::CostModel> costs_;
  std::map<Key, std::unique_ptr<predict::StepNetwork>> networks_;
};

// GPUs that NVLink joins across nodes are one node to the model; its NICs are those of all of them.
void join_fabric(predict::ExamRow& row, const predict::Gpu& gpu) {
  std::uint64_t& gpus_per_node = row.run.mapping.gpus_per_node;
  if (gpu.fabric_gpus <= gpus_per_node) {
    return;
  }
  if (row.run.node_nic_bytes_per_s) {
    *row.run.node_nic_bytes_per_s *= static_cast<double>(gpu.fabric_gpus) / static_cast<double>(gpus_per_node);
  }
  gpus_per_node = gpu.fabric_gpus;
}

}  // namespace

void exam_rows(const std::vector<std::string>& tables, const ViewOutput& output) {
  const std::vector<predict::Stack> stacks = predict::read_stacks(shipped_folder() / "stacks");
  predict::ExamRows rows;
  for (const std::string& table : tables) {
    predict::read_exam_rows(table, stacks, rows);
  }
  Places places;
  for (predict::ExamRow& row : rows.rows) {
    try {
      join_fabric(row, places.gpu(row));
    } catch (const InputError&) {
      continue;  // take_exam() skips it with the reason
    }
  }
  const predict::ExamPlaces answer{
      [&](const predict::ExamRow& row) -> const predict::Gpu& { return places.gpu(row); },
      [&](const predict::ExamRow& row) -> predict::StepNetwork& { return places.network(row); }};
  const predict::ExamResult exam = predict::take_exam(rows, places.constants(), answer);
  if (exam.answers.empty()) {
    throw InputError(exam.skipped.empty() ? fmt::format("{}: no rows below the column names", tables.front())
                                          : fmt::format("no row can be predicted; the first: {}: {}",
                                                        exam.skipped.front().place, exam.skipped.front().reason));
  }
  print(views::exam_view(exam), output);
}

}  // namespace hockney::commands
