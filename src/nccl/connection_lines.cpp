#include <algorithm>

#include "nccl/connections.hpp"
#include "nccl/line_match.hpp"

namespace hockney::nccl {
namespace {

// "P2P/CUMEM" of "P2P/CUMEM/read"; of shared memory both directions tell
std::string kind_within_node(const std::string& via) {
  return via.starts_with("SHM/") ? via : via.substr(0, via.find('/', via.find('/') + 1));
}

// "NET/IB/3(4)/GDRDMA/Shared": kind, adapter, the proxy's rank
void set_path(Connection& connection, const std::string& via) {
  static const std::regex over_network(R"(^((?:NET|COLLNET)/.+?)/(\d{1,9})(\(\w+\))?(?:/.*)?$)");
  std::smatch match;
  if (!std::regex_match(via, match, over_network)) {
    connection.kind = kind_within_node(via);
    return;
  }
  connection.kind = match[1];
  connection.adapter = number_in(match[2]);
  connection.by_proxy = match[3].matched;
  connection.gpu_direct = via.find("/GDRDMA") != std::string::npos;
}

std::optional<Connection> between_ranks(std::string_view line) {
  static const std::regex pattern(
      R"(Channel \d+(?:/(\d+))? : (\d{1,9})\[\w+\] -> (\d{1,9})\[\w+\](?: \[(send|receive)\])? via ((?:P2P|SHM|NET)/.*\S))");
  const auto match = find_in_line(line, " via ", pattern);
  if (!match) {
    return std::nullopt;
  }
  Connection connection;
  connection.from = number_in((*match)[2]);
  connection.to = number_in((*match)[3]);
  if ((*match)[1].matched) {
    connection.use = (*match)[1] == "0" ? Connection::Use::collectives : Connection::Use::messages;
  }
  connection.sends = (*match)[4] != "receive";
  set_path(connection, (*match)[5]);
  return connection;
}

std::optional<Connection> to_switch(std::string_view line) {
  static const std::regex pattern(R"(CollNet \d+(?:/\d+)? : (\d{1,9}) \[(send|receive)\] via (COLLNET/.*\S))");
  const auto match = find_in_line(line, "CollNet ", pattern);
  if (!match) {
    return std::nullopt;
  }
  Connection connection;
  connection.from = connection.to = number_in((*match)[1]);
  connection.use = Connection::Use::collectives;
  connection.sends = (*match)[2] == "send";
  set_path(connection, (*match)[3]);
  return connection;
}

}  // namespace

std::optional<Connection> parse_connection_line(std::string_view line) {
  auto connection = between_ranks(line);
  return connection ? connection : to_switch(line);
}

std::vector<Adapter> parse_network_line(std::string_view line) {
  static const std::regex start(R"(NET/IB\S* : Using)");
  static const std::regex each(R"(\[(\d{1,9})\]([^\s/]+:\d+)/(IB|RoCE))");
  std::vector<Adapter> adapters;
  const auto match = find_in_line(line, "NET/IB", start);
  if (!match) {
    return adapters;
  }
  const std::string listed((*match)[0].second, std::find((*match)[0].second, line.end(), ';'));
  for (auto found = std::sregex_iterator(listed.begin(), listed.end(), each); found != std::sregex_iterator();
       ++found) {
    adapters.push_back({number_in((*found)[1]), (*found)[2], (*found)[3]});
  }
  return adapters;
}

}  // namespace hockney::nccl
