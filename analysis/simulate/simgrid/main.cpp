#include <array>
#include <cstdio>
#include <exception>
#include <iostream>
#include <simgrid/s4u.hpp>
#include <string>
#include <vector>

#include "simulate/fluid_json.hpp"

// hockney-simgrid: a simulate::Network as JSON at stdin, the end times of its flows as JSON at stdout. A program for
// `hockney simulate`, not for people.
namespace {

namespace s4u = simgrid::s4u;
using hockney::simulate::Flow;
using hockney::simulate::Network;

// CM02 as in an exported platform (exports/simgrid.cpp): plain max-min fairness, and links are as fast as they say.
std::vector<std::string> settings() {
  return {"hockney-simgrid",          "--log=root.thresh:warning",      "--log=xbt_cfg.thresh:warning",
          "--cfg=network/model:CM02", "--cfg=network/latency-factor:1", "--cfg=network/bandwidth-factor:1",
          "--cfg=network/weight-S:0", "--cfg=network/TCP-gamma:0",      "--cfg=network/crosstraffic:0"};
}

// Every flow goes from a host of its own, through a link of its own that is as fast as the flow is alone and through
// those that it shares, to a sink without limit.
class Platform {
 public:
  explicit Platform(const Network& network) : zone_(s4u::create_star_zone("zone")) {
    for (const double rate : network.link_bytes_per_s) {
      shared_.push_back(link("shared-" + std::to_string(shared_.size()), rate));
    }
    s4u::Link* const unlimited = zone_->create_link("unlimited", 1e18);
    unlimited->set_sharing_policy(s4u::Link::SharingPolicy::FATPIPE)->seal();
    sink_ = host("sink", {s4u::LinkInRoute(unlimited)});
    for (const Flow& flow : network.flows) {
      add(flow);
    }
    zone_->seal();
  }

  void start(std::vector<double>& ends) const {
    for (std::size_t i = 0; i < flows_.size(); ++i) {
      s4u::Actor::create("flow", sources_[i], [this, i, &ends] { ends[i] = run(i); });
    }
  }

 private:
  s4u::Link* link(const std::string& name, double bytes_per_s) { return zone_->create_link(name, bytes_per_s)->seal(); }

  s4u::Host* host(const std::string& name, const std::vector<s4u::LinkInRoute>& links) {
    s4u::Host* const made = zone_->create_host(name, 1.0)->seal();
    zone_->add_route(made->get_netpoint(), nullptr, nullptr, nullptr, links, true);
    return made;
  }

  void add(const Flow& flow) {
    const std::string name = "flow-" + std::to_string(flows_.size());
    std::vector<s4u::LinkInRoute> route;
    route.emplace_back(link("own-of-" + name, flow.bytes > 0 ? flow.most_bytes_per_s : 1));
    for (const std::size_t each : flow.links) {
      route.emplace_back(shared_.at(each));
    }
    sources_.push_back(host(name, route));
    flows_.push_back(flow);
  }

  double run(std::size_t which) const {
    const Flow& flow = flows_[which];
    const auto slices = static_cast<double>(flow.slices);
    for (std::size_t i = 0; i < flow.operations; ++i) {
      s4u::this_actor::sleep_for(flow.gap_s);
      for (std::size_t slice = 0; slice < flow.slices; ++slice) {
        s4u::this_actor::sleep_for(flow.latency_s / slices);
        if (flow.bytes > 0) {
          s4u::Comm::sendto(sources_[which], sink_, static_cast<std::uint64_t>(flow.bytes / slices + 0.5));
        }
      }
    }
    return s4u::Engine::get_clock();
  }

  s4u::NetZone* zone_;
  std::vector<s4u::Link*> shared_;
  s4u::Host* sink_ = nullptr;
  std::vector<Flow> flows_;
  std::vector<s4u::Host*> sources_;
};

int run() {
  const Network network = nlohmann::json::parse(std::cin).get<Network>();
  std::vector<std::string> words = settings();
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  int count = static_cast<int>(words.size());
  s4u::Engine engine(&count, arguments.data());
  const Platform platform(network);
  std::vector<double> ends(network.flows.size());
  platform.start(ends);
  engine.run();
  std::cout << nlohmann::json(ends) << '\n';
  return std::cout.flush() ? 0 : 1;
}

}  // namespace

int main() {
  try {
    return run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hockney-simgrid: %s\n", error.what());
    return 1;
  }
}
