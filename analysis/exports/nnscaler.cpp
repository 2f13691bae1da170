#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "exports/writers.hpp"

// nnScaler AutoDist, resources/profile/ARCH/comm/intra_N.json: {"all gather": [[MB ...], [s ...]] ...}.
namespace hockney::exports {
namespace {

using Json = nlohmann::ordered_json;

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

// "all gather".
std::string in_words(Operation operation) {
  std::string words(name_of(operation));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

Exported write(const Cluster& cluster) {
  require_several_gpus(cluster, nnscaler.name);
  Exported made;
  for (std::uint32_t n = 2; n <= std::min(cluster.gpus(), 16U); n *= 2) {
    Json json;
    for (const Operation operation : planned_collectives) {
      json[in_words(operation)] = times(cluster, operation, neighbours(cluster, n));
    }
    made.files.push_back({fmt::format("intra_{}.json", n), json.dump(2) + "\n"});
  }
  made.notes = {"MB is taken as 2^20 B; a size is the larger buffer of a rank",
                "nnScaler reads intra_2, 4, 8 and 16; groups of more ranks than a node holds cross nodes in them"};
  return made;
}

}  // namespace

const Format nnscaler{"nnscaler", "nnScaler AutoDist, resources/profile/ARCH/comm/",
                      "groups of over 16 ranks; sizes outside 256 KiB to 512 MiB; transfers; intervals", true, write};

}  // namespace hockney::exports
