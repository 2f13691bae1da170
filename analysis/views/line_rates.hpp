#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/platform.hpp"
#include "record/launch.hpp"

namespace hockney::views {

/// What the links of the machines of a campaign can carry at most: from a catalogue of platforms, and of the network
/// what the first launch that saw its own ports says of them (stated_ports()), which is better.
class LineRates {
 public:
  /// The platform of a machine, if there is one.
  using Catalogue = std::function<std::optional<platform::Platform>(const std::string& machine)>;

  LineRates(const std::vector<Launch>& launches, const Catalogue& catalogue);

  /// Platform::line_rate() of a point of a machine; nothing where neither source knows.
  std::optional<BytesPerSecond> of(const std::string& machine, const Case& point) const;

  /// "dgx-a100: NVIDIA DGX A100; between nodes the ports that the launch saw, 8 x 25 GB/s (infiniband)": where rates
  /// come from, a line for each machine that has some. Says where launches of a machine saw other ports than the first.
  std::vector<std::string> sources() const;

 private:
  struct Known {
    platform::Platform platform;
    std::string told;
  };
  std::map<std::string, Known> machines_;
};

}  // namespace hockney::views
