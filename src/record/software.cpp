#include "record/software.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

namespace hockney::inline record {
namespace {

// What a version is called, and where a launch tells it: measured ones, then imported ones.
constexpr std::array<std::pair<std::string_view, std::array<std::string_view, 2>>, 3> versions{
    {{"nccl", {"version.nccl", "nccl.version"}},
     {"driver", {"version.nvidia_driver", "version.cuda_driver"}},
     {"mpi", {"version.mpi", "mpi.version"}}}};

constexpr std::array<std::string_view, 9> families{
    "NCCL_", "UCX_", "MPICH_", "MPIR_CVAR_", "FI_", "OMPI_MCA_btl", "OMPI_MCA_coll", "OMPI_MCA_mtl", "OMPI_MCA_pml"};

// They log, watch, say where or which the installed library is, or name a host, an address or a file to write.
constexpr std::array<std::string_view, 32> no_settings{"NCCL_DEBUG",
                                                       "NCCL_WARN",
                                                       "NCCL_SET_THREAD_NAME",
                                                       "NCCL_PROFILE",
                                                       "NCCL_RAS_",
                                                       "NCCL_COMM_ID",
                                                       "NCCL_HOSTID",
                                                       "NCCL_TOPO_DUMP",
                                                       "NCCL_GRAPH_DUMP",
                                                       "NCCL_VERSION",
                                                       "NCCL_HOME",
                                                       "NCCL_ROOT",
                                                       "NCCL_DIR",
                                                       "NCCL_INC",
                                                       "NCCL_LIB",
                                                       "UCX_LOG",
                                                       "UCX_STATS",
                                                       "UCX_PROFILE",
                                                       "UCX_WARN",
                                                       "UCX_HANDLE_ERRORS",
                                                       "UCX_HOME",
                                                       "UCX_ROOT",
                                                       "UCX_DIR",
                                                       "MPICH_DBG",
                                                       "MPICH_VERSION_DISPLAY",
                                                       "MPICH_ENV_DISPLAY",
                                                       "MPICH_HOME",
                                                       "MPICH_ROOT",
                                                       "MPICH_DIR",
                                                       "MPIR_CVAR_CH3_INTERFACE_HOSTNAME",
                                                       "MPIR_CVAR_DEBUG",
                                                       "FI_LOG"};

bool begins_with_one_of(std::string_view text, std::span<const std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](auto prefix) { return text.starts_with(prefix); });
}

// "MPICH Version: 4.0.2" and "Open MPI v4.1.4, package: ..." are long: their first part as one word.
std::string version_word(std::string_view text) {
  constexpr std::string_view version = "Version:";
  std::string word;
  for (std::string_view rest = text.substr(0, text.find_first_of(",\n\r")); !rest.empty(); rest.remove_prefix(1)) {
    if (rest.starts_with(version)) {
      rest.remove_prefix(version.size() - 1);
      continue;
    }
    const bool is_blank = rest.front() == ' ' || rest.front() == ':' || rest.front() == '\t';
    if (!is_blank) {
      word += rest.front();
    } else if (!word.empty() && word.back() != '-') {
      word += '-';
    }
  }
  return word.substr(0, word.find_last_not_of('-') + 1);
}

std::string fact(std::string_view name, std::string value) {
  std::replace(value.begin(), value.end(), ',', ';');
  return fmt::format("{}:{}", name, value);
}

std::vector<std::string> facts_in(const std::string& software) {
  std::vector<std::string> facts;
  for (std::size_t from = 0; from < software.size();) {
    const std::size_t comma = std::min(software.find(',', from), software.size());
    facts.push_back(software.substr(from, comma - from));
    from = comma + 1;
  }
  return facts;
}

}  // namespace

bool is_setting(std::string_view variable) {
  return begins_with_one_of(variable, families) && !begins_with_one_of(variable, no_settings);
}

std::string software_of(const Provenance& provenance) {
  std::vector<std::string> facts;
  for (const auto& [name, keys] : versions) {
    const auto told =
        std::find_if(keys.begin(), keys.end(), [&](auto key) { return provenance.contains(std::string(key)); });
    if (told != keys.end()) {
      facts.push_back(fmt::format("{}:{}", name, version_word(provenance.at(std::string(*told)))));
    }
  }
  for (const std::string_view prefix : {"env.", "setting."}) {
    for (const auto& [key, value] : provenance) {
      const std::string_view name = std::string_view(key).substr(std::min(prefix.size(), key.size()));
      if (key.starts_with(prefix) && (prefix != "env." || is_setting(name))) {
        facts.push_back(fact(name, value));
      }
    }
  }
  return fmt::format("{}", fmt::join(facts, ","));
}

std::string versions_in(const std::string& software) {
  std::vector<std::string> facts = facts_in(software);
  std::erase_if(facts,
                [](const std::string& fact) { return is_setting(std::string_view(fact).substr(0, fact.find(':'))); });
  return fmt::format("{}", fmt::join(facts, ","));
}

bool is_preferred_software(const std::string& one, const std::string& other) {
  const int versions = ::strverscmp(versions_in(one).c_str(), versions_in(other).c_str());
  const auto settings = [](const std::string& text) { return std::count(text.begin(), text.end(), ','); };
  return versions != 0 ? versions > 0 : std::pair(settings(one), one) < std::pair(settings(other), other);
}

std::vector<std::string> differences(std::span<const std::string> software) {
  const auto is_common = [&](const std::string& fact) {
    return std::all_of(software.begin(), software.end(), [&](const std::string& each) {
      const std::vector<std::string> facts = facts_in(each);
      return std::find(facts.begin(), facts.end(), fact) != facts.end();
    });
  };
  std::vector<std::string> apart;
  for (const std::string& each : software) {
    std::vector<std::string> facts = facts_in(each);
    std::erase_if(facts, is_common);
    apart.push_back(facts.empty() ? "none of these" : fmt::format("{}", fmt::join(facts, ",")));
  }
  return apart;
}

}  // namespace hockney::inline record
