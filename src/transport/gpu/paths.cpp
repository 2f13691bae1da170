#include "transport/gpu/paths.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sstream>
#include <tuple>

#include "nccl/pins.hpp"

namespace hockney::transport::gpu {
namespace {

// One connection and what its adapter is, as a line: numbers first, for a kind may hold spaces.
struct ToldConnection {
  nccl::Connection connection;
  std::string adapter;      ///< its name or number, "-"
  std::string link_layers;  ///< that it may have: "IB", "IB+RoCE", "-"
};

constexpr int no_adapter = -1;

std::string to_line(const ToldConnection& told) {
  const nccl::Connection& c = told.connection;
  const int adapter = c.adapter ? static_cast<int>(*c.adapter) : no_adapter;
  return fmt::format("{} {} {:d} {} {:d} {:d} {} {} {}\n", c.from, c.to, c.sends, adapter, c.by_proxy, c.gpu_direct,
                     told.adapter, told.link_layers, c.kind);
}

ToldConnection from_line(const std::string& line) {
  ToldConnection told;
  nccl::Connection& c = told.connection;
  int adapter = no_adapter;
  std::istringstream fields(line);
  fields >> c.from >> c.to >> c.sends >> adapter >> c.by_proxy >> c.gpu_direct >> told.adapter >> told.link_layers >>
      std::ws;
  std::getline(fields, c.kind);
  if (adapter != no_adapter) {
    c.adapter = static_cast<std::uint32_t>(adapter);
  }
  return told;
}

bool is_rdma(const std::string& kind) { return kind.starts_with("NET/") && kind != "NET/Socket"; }

// What NCCL told of a connection's adapter; nothing of sockets, and of adapters that it has merged.
const nccl::Adapter* adapter_of(const nccl::Connection& connection, const Adapters& adapters) {
  const bool is_listed = connection.kind.starts_with("NET/IB") && connection.adapter;
  const auto found = is_listed ? adapters.find(*connection.adapter) : adapters.end();
  return found != adapters.end() ? &found->second : nullptr;
}

std::string name_of_adapter(const nccl::Connection& connection, const Adapters& adapters) {
  if (const nccl::Adapter* const adapter = adapter_of(connection, adapters)) {
    return adapter->name;
  }
  return connection.adapter ? std::to_string(*connection.adapter) : "-";
}

std::string layers_of(const nccl::Connection& connection, const Adapters& adapters) {
  if (!connection.kind.starts_with("NET/IB") || !connection.adapter || adapters.empty()) {
    return "-";
  }
  if (const nccl::Adapter* const adapter = adapter_of(connection, adapters)) {
    return adapter->link_layer;
  }
  std::set<std::string> any;
  for (const auto& [number, adapter] : adapters) {
    any.insert(adapter.link_layer);
  }
  return fmt::format("{}", fmt::join(any, "+"));
}

// "0-3+5" of 0, 1, 2, 3, 5
std::string ranges_of(const std::set<std::uint32_t>& numbers) {
  std::string text;
  for (auto first = numbers.begin(); first != numbers.end();) {
    auto last = first;
    for (auto next = std::next(first); next != numbers.end() && *next == *last + 1; ++next) {
      last = next;
    }
    text += fmt::format("{}{}", text.empty() ? "" : "+", *first);
    text += last == first ? "" : fmt::format("-{}", *last);
    first = std::next(last);
  }
  return text;
}

/// Sorts what the ranks of all copies told.
class Collector {
 public:
  void add(std::uint32_t copy, const ToldConnection& told) {
    const nccl::Connection& c = told.connection;
    auto& adapters = adapters_[{c.kind, c.by_proxy, c.gpu_direct}];
    if (c.adapter) {
      adapters.insert(*c.adapter);
      names_.insert(told.adapter);
    }
    std::istringstream layers(told.link_layers);
    for (std::string layer; std::getline(layers, layer, '+') && layer != "-";) {
      link_layers_.insert(layer);
    }
    if (is_rdma(c.kind) && c.adapter) {
      auto& [sending, receiving] = ends_[{copy, c.from, c.to}];
      (c.sends ? sending : receiving).insert(told.adapter);
    }
  }

  Paths paths() const {
    Paths paths{.kinds = {}, .adapters = names_, .link_layers = link_layers_};
    for (const auto& [way, adapters] : adapters_) {
      const auto& [kind, by_proxy, gpu_direct] = way;
      paths.kinds.insert(kind + (adapters.empty() ? "" : "/" + ranges_of(adapters)) + (by_proxy ? "(PXN)" : "") +
                         (gpu_direct ? "/GDRDMA" : ""));
      paths.is_plain = paths.is_plain && (!is_rdma(kind) || (gpu_direct && !by_proxy));
    }
    if (crosses_rails()) {
      paths.kinds.insert("CROSS-RAIL");
      paths.is_plain = false;
    }
    return paths;
  }

 private:
  using Way = std::tuple<std::string, bool, bool>;                       // kind, by proxy, GPUDirect RDMA
  using Pair = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;  // copy, from, to
  using Names = std::set<std::string>;

  bool crosses_rails() const {
    return std::any_of(ends_.begin(), ends_.end(), [](const auto& end) {
      const auto& [sending, receiving] = end.second;
      return !sending.empty() && !receiving.empty() && sending != receiving;
    });
  }

  std::map<Way, std::set<std::uint32_t>> adapters_;
  std::map<Pair, std::pair<Names, Names>> ends_;
  Names names_;
  std::set<std::string> link_layers_;
};

}  // namespace

std::set<nccl::Connection> used_by(Operation operation, const std::set<nccl::Connection>& connections) {
  using Use = nccl::Connection::Use;
  const Use other = nccl::has_algorithm(operation) ? Use::messages : Use::collectives;
  std::set<nccl::Connection> used = connections;
  if (operation != Operation::step_replay) {
    std::erase_if(used, [&](const nccl::Connection& connection) { return connection.use == other; });
  }
  return used;
}

std::string to_text(const std::set<nccl::Connection>& connections, const Adapters& adapters) {
  std::string text;
  for (const nccl::Connection& connection : connections) {
    text += to_line({connection, name_of_adapter(connection, adapters), layers_of(connection, adapters)});
  }
  return text;
}

Paths paths_of(std::span<const std::string> told, std::uint32_t ranks) {
  Collector collector;
  for (std::size_t rank = 0; rank < told.size(); ++rank) {
    std::istringstream lines(told[rank]);
    for (std::string line; std::getline(lines, line);) {
      collector.add(static_cast<std::uint32_t>(rank) / ranks, from_line(line));
    }
  }
  return collector.paths();
}

Fabric network_of(const std::set<std::string>& link_layers, Fabric by_kernel) {
  if (link_layers.empty()) {
    return by_kernel;
  }
  if (link_layers.size() > 1) {
    return Fabric::unknown;
  }
  return *link_layers.begin() == "IB" ? Fabric::infiniband : Fabric::roce;
}

Fabric slowest_fabric(const std::set<std::string>& kinds, const Group& group, Fabric intra, Fabric inter) {
  const auto any = [&](std::string_view start) {
    return std::any_of(kinds.begin(), kinds.end(), [&](const std::string& kind) { return kind.starts_with(start); });
  };
  if (any("NET/") || any("COLLNET/")) {
    if (any("NET/Socket")) {
      return Fabric::tcp;
    }
    if (any("NET/IB") || any("COLLNET/")) {
      return inter == Fabric::infiniband || inter == Fabric::roce ? inter : Fabric::unknown;
    }
    const bool libfabric = any("NET/AWS Libfabric") || any("NET/OFI") || any("NET/Libfabric");
    return libfabric && inter == Fabric::efa ? Fabric::efa : Fabric::unknown;
  }
  if (any("SHM/")) {
    return Fabric::host_memory;
  }
  const bool within_node = group.nodes() == 1 && (any("NVLS") || any("SYMMETRIC"));
  return any("P2P/") || within_node ? intra : Fabric::unknown;
}

}  // namespace hockney::transport::gpu
