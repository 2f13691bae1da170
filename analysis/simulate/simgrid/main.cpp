#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <iostream>
#include <simgrid/s4u.hpp>
#include <string>
#include <vector>

#include "simulate/fluid_json.hpp"

// hockney-simgrid: a simulate::Network as JSON at stdin, the times of its flows as JSON at stdout. A program for
// `hockney simulate`, not for people.
namespace {

namespace s4u = simgrid::s4u;
using hockney::simulate::Flow;
using hockney::simulate::FlowTimes;
using hockney::simulate::Network;
using hockney::simulate::Step;

// CM02 as in an exported platform (exports/simgrid.cpp): plain max-min fairness, and links are as fast as they say.
std::vector<std::string> settings() {
  return {"hockney-simgrid",          "--log=root.thresh:warning",      "--log=xbt_cfg.thresh:warning",
          "--cfg=network/model:CM02", "--cfg=network/latency-factor:1", "--cfg=network/bandwidth-factor:1",
          "--cfg=network/weight-S:0", "--cfg=network/TCP-gamma:0",      "--cfg=network/crosstraffic:0"};
}

std::size_t operations_of(const Step& step, std::size_t round, std::size_t rounds) {
  return (round + 1) * step.operations / rounds - round * step.operations / rounds;
}

// A round without operations computes in one part.
std::size_t parts_of(const Flow& flow, std::size_t round) {
  std::size_t operations = 0;
  for (const Step& step : flow.steps) {
    operations += operations_of(step, round, flow.rounds);
  }
  return std::max<std::size_t>(1, operations);
}

std::size_t parts_of(const Flow& flow) {
  std::size_t parts = 0;
  for (std::size_t round = 0; round < flow.rounds; ++round) {
    parts += parts_of(flow, round);
  }
  return parts;
}

std::size_t slices_of(const Flow& flow) {
  std::size_t slices = 0;
  for (const Step& step : flow.steps) {
    slices += step.operations * step.slices;
  }
  return slices;
}

// Every step goes from a host of its own, through a link of its own that is as fast as the step is alone and through
// those that it shares, to a sink without limit.
class Platform {
 public:
  explicit Platform(const Network& network) : zone_(s4u::create_star_zone("zone")), flows_(network.flows) {
    for (const double rate : network.link_bytes_per_s) {
      shared_.push_back(link("shared-" + std::to_string(shared_.size()), rate));
    }
    s4u::Link* const unlimited = zone_->create_link("unlimited", 1e18);
    unlimited->set_sharing_policy(s4u::Link::SharingPolicy::FATPIPE)->seal();
    sink_ = host("sink", {s4u::LinkInRoute(unlimited)});
    for (std::size_t i = 0; i < flows_.size(); ++i) {
      sources_.emplace_back();
      for (const Step& step : flows_[i].steps) {
        add(step, "step-" + std::to_string(i) + "-" + std::to_string(sources_[i].size()));
      }
      parts_of_first_.push_back(s4u::Semaphore::create(0));
    }
    zone_->seal();
  }

  void start(std::vector<FlowTimes>& times) {
    for (std::size_t i = 0; i < flows_.size(); ++i) {
      const auto actor = s4u::Actor::create("flow", sink_, [this, i, &times] { run(i, times[i]); });
      if (flows_[i].pace == Flow::Pace::endless) {
        actor->daemonize();
      }
    }
  }

 private:
  s4u::Link* link(const std::string& name, double bytes_per_s) { return zone_->create_link(name, bytes_per_s)->seal(); }

  s4u::Host* host(const std::string& name, const std::vector<s4u::LinkInRoute>& links) {
    s4u::Host* const made = zone_->create_host(name, 1.0)->seal();
    zone_->add_route(made->get_netpoint(), nullptr, nullptr, nullptr, links, true);
    return made;
  }

  void add(const Step& step, const std::string& name) {
    std::vector<s4u::LinkInRoute> route;
    route.emplace_back(link("own-of-" + name, step.bytes > 0 ? step.most_bytes_per_s : 1));
    for (const std::size_t each : step.links) {
      route.emplace_back(shared_.at(each));
    }
    sources_.back().push_back(host(name, route));
  }

  void run(std::size_t which, FlowTimes& times) {
    const Flow& flow = flows_[which];
    times.steps_s.resize(flow.steps.size());
    Turn turn{flow, which, slices_of(flow)};
    do {
      for (std::size_t round = 0; round < flow.rounds; ++round) {
        run_round(round, turn, times);
      }
    } while (flow.pace == Flow::Pace::endless);
    times.end_s = s4u::Engine::get_clock();
  }

  /// How far a flow is.
  struct Turn {
    const Flow& flow;
    std::size_t which;
    std::size_t slices;
    std::size_t slice = 0;
    std::size_t parts_seen = 0;
  };

  void run_round(std::size_t round, Turn& turn, FlowTimes& times) {
    const Flow& flow = turn.flow;
    const double part_s = flow.compute_s / static_cast<double>(parts_of(flow, round));
    bool has_computed = false;
    for (std::size_t i = 0; i < flow.steps.size(); ++i) {
      const std::size_t operations = operations_of(flow.steps[i], round, flow.rounds);
      for (std::size_t operation = 0; operation < operations; ++operation) {
        compute(part_s, turn);
        has_computed = true;
        times.steps_s[i] += send(flow.steps[i], sources_[turn.which][i], turn);
      }
    }
    if (!has_computed) {
      compute(part_s, turn);
    }
  }

  void compute(double seconds, const Turn& turn) {
    s4u::this_actor::sleep_for(seconds);
    if (turn.which == 0) {
      for (const s4u::SemaphorePtr& each : parts_of_first_) {
        each->release();
      }
    }
  }

  double send(const Step& step, s4u::Host* source, Turn& turn) {
    const auto slices = static_cast<double>(step.slices);
    double seconds = 0;
    for (std::size_t slice = 0; slice < step.slices; ++slice) {
      wait_for_first(turn);
      const double begin = s4u::Engine::get_clock();
      s4u::this_actor::sleep_for(step.latency_s / slices);
      if (step.bytes > 0) {
        s4u::Comm::sendto(source, sink_, static_cast<std::uint64_t>(step.bytes / slices + 0.5));
      }
      seconds += s4u::Engine::get_clock() - begin;
    }
    return seconds;
  }

  void wait_for_first(Turn& turn) {
    if (turn.flow.pace != Flow::Pace::first) {
      return;
    }
    const std::size_t needed = (++turn.slice * parts_of(flows_.front()) + turn.slices - 1) / turn.slices;
    for (; turn.parts_seen < needed; ++turn.parts_seen) {
      parts_of_first_[turn.which]->acquire();
    }
  }

  s4u::NetZone* zone_;
  std::vector<s4u::Link*> shared_;
  s4u::Host* sink_ = nullptr;
  std::vector<Flow> flows_;
  std::vector<std::vector<s4u::Host*>> sources_;   ///< [flow][step]
  std::vector<s4u::SemaphorePtr> parts_of_first_;  ///< [flow] what the first one has computed and it has not seen
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
  Platform platform(network);
  std::vector<FlowTimes> times(network.flows.size());
  platform.start(times);
  engine.run();
  std::cout << nlohmann::json(times) << '\n';
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
