#include "import/origin.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <utility>
#include <vector>

#include "record/software.hpp"

namespace hockney::import {
namespace {

// All that a log says of a table, apart from where it stands.
std::string circumstances(const Launch& launch) {
  std::string text = launch.info.argv;
  for (const auto& [key, value] : launch.provenance) {
    text += "\n" + key + "=" + value;
  }
  return text;
}

using Curves = std::map<std::string, std::string>;  // curve name and software -> circumstances

Curves curves_of(const Launch& launch) {
  Curves curves;
  const std::string said = circumstances(launch);
  const std::string software = software_of(launch.provenance);  // such launches are fitted apart anyway
  for (const Measurement& measurement : launch.measurements) {
    curves.try_emplace(measurement.point.curve_name() + "/" + software, said);
  }
  return curves;
}

bool go_together(const Curves& known, const Curves& fresh) {
  return std::all_of(fresh.begin(), fresh.end(), [&](const auto& curve) {
    const auto found = known.find(curve.first);
    return found == known.end() || found->second == curve.second;
  });
}

std::string_view lines_of(std::string_view text, std::size_t first, std::size_t last) {
  std::size_t begin = 0;
  for (std::size_t line = 1; line < first && begin < text.size(); ++line) {
    begin = std::min(text.find('\n', begin), text.size() - 1) + 1;
  }
  std::size_t end = begin;
  for (std::size_t line = first; line <= last && end < text.size(); ++line) {
    end = std::min(text.find('\n', end), text.size() - 1) + 1;
  }
  return text.substr(begin, end - begin);
}

}  // namespace

std::string name_of_log(const std::filesystem::path& file, std::string_view text) {
  constexpr std::size_t digits = 8;
  return fmt::format("{}-{}", file.stem().string(), uuid_of(text).substr(0, digits));
}

void name_machines(ImportedFile& file, std::string_view log_name) {
  std::map<std::string, std::vector<Curves>> machines;
  for (ImportedTable& table : file.tables) {
    if (!table.launch) {
      continue;
    }
    std::string& machine = table.launch->info.machine;
    machine =
        machine.empty() || machine == "unknown" ? std::string(log_name) : fmt::format("{}, {}", machine, log_name);
    const Curves fresh = curves_of(*table.launch);
    std::vector<Curves>& variants = machines[machine];
    auto variant =
        std::find_if(variants.begin(), variants.end(), [&](const Curves& known) { return go_together(known, fresh); });
    if (variant == variants.end()) {
      variants.emplace_back();
      variant = variants.end() - 1;
    }
    variant->insert(fresh.begin(), fresh.end());
    const auto index = variant - variants.begin();
    if (index > 0) {
      machine += fmt::format(" #{}", index + 1);
    }
  }
}

void name_launches(ImportedFile& file, std::string_view text) {
  for (std::size_t i = 0; i < file.tables.size(); ++i) {
    if (file.tables[i].launch) {
      file.tables[i].launch->info.run_uuid = uuid_of(fmt::format("table {}\n{}", i, text));
    }
  }
}

KeptText kept_text(const ImportedFile& file, std::size_t table, std::string_view text) {
  constexpr std::size_t most_bytes = std::size_t{1} << 26;
  const auto used = static_cast<std::size_t>(
      std::count_if(file.tables.begin(), file.tables.end(), [](const auto& each) { return each.launch.has_value(); }));
  if (used <= 1 || text.size() <= most_bytes / used) {
    return {std::string(text), "the whole file"};
  }
  const auto& tables = file.tables;
  std::size_t first = table == 0 ? 1 : tables[table - 1].last_line + 1;
  std::size_t last = table + 1 == tables.size()
                         ? static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1
                         : tables[table + 1].first_line - std::min<std::size_t>(1, tables[table + 1].first_line);
  first = std::min(first, tables[table].first_line);
  last = std::max(last, tables[table].last_line);
  return {std::string(lines_of(text, first, last)), fmt::format("lines {}-{} of the file", first, last)};
}

}  // namespace hockney::import
