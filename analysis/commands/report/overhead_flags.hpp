#pragma once

#include <cstdint>
#include <string>

#include "views/report/report.hpp"

namespace CLI {
class App;
}

namespace hockney::commands {

/// What a report predicts from the curves of each campaign: the overhead of training a model, by tensor and pipeline
/// parallel size.
struct OverheadFlags {
  std::string model{"gpt3-175b"};
  std::string gpu{};  ///< empty: the platform's, else that of `hockney predict`
  std::uint64_t gpus = 1024;
  std::uint64_t global_batch = 1536;

  /// Adds --model, --gpu, --gpus and --gbs.
  void add_to(CLI::App& command);

  /// Predicts with the campaign's curves, and sets `overhead` or says in `no_overhead` why it cannot. Curves of host
  /// memory or TCP alone say nothing about a training step: nothing is predicted from them. Throws InputError for an
  /// unknown model or GPU and for counts that cannot be.
  void predict(views::ReportedCampaign& campaign, const views::PlatformsByMachine& platforms) const;
};

}  // namespace hockney::commands
