#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "exports/writers.hpp"

// nnScaler AutoDist, resources/profile/ARCH/comm/intra_N.json: {"all gather": [[MB ...], [s ...]] ...}.
namespace hockney::exports {
namespace {

using Json = nlohmann::ordered_json;
using Named = std::pair<Operation, const char*>;

constexpr std::array<Named, 4> operations{{{Operation::all_gather, "all gather"},
                                           {Operation::all_reduce, "all reduce"},
                                           {Operation::reduce_scatter, "reduce scatter"},
                                           {Operation::all_to_all, "all to all"}}};
constexpr Bytes smallest = kibibytes(256);
constexpr Bytes largest = mebibytes(512);

Json times(const Cluster& cluster, Operation operation, const Group& group) {
  Json sizes, seconds;
  for (Bytes payload = smallest; payload <= largest; payload = payload * 2) {
    sizes.push_back(static_cast<double>(payload.count) / (1U << 20U));
    seconds.push_back(cluster.ask(operation, group, payload));
  }
  return Json::array({sizes, seconds});
}

Exported write(const Cluster& cluster) {
  Exported made;
  for (std::uint32_t n = 2; n <= std::min(cluster.gpus(), 16U); n *= 2) {
    Json json;
    for (const auto& [operation, name] : operations) {
      json[name] = times(cluster, operation, neighbours(cluster, n));
    }
    made.files.push_back({fmt::format("intra_{}.json", n), json.dump(2) + "\n"});
  }
  if (made.files.empty()) {
    throw InputError("nnscaler: one GPU has no collectives; expected --nodes or --ranks-per-node above 1");
  }
  made.notes = {"MB is taken as 2^20 B; a size is the larger buffer of a rank",
                "nnScaler reads intra_2, 4, 8 and 16; groups of more ranks than a node holds cross nodes in them"};
  return made;
}

}  // namespace

const Format nnscaler{"nnscaler", "nnScaler AutoDist, resources/profile/ARCH/comm/",
                      "groups of over 16 ranks; sizes outside 256 KiB to 512 MiB; transfers; intervals", true, write};

}  // namespace hockney::exports
