#include "store/journal.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "record/launch.hpp"

namespace hockney::store {

std::string journal_line(const Measured& measured) {
  const auto& [visit, summary] = measured;
  return nlohmann::ordered_json{{"name", visit.point.name()},
                                {"pass", visit.pass},
                                {"payload_bytes", visit.point.payload.count},
                                {"t_median_s", summary.median_s},
                                {"ci_lo_s", summary.median_interval_s.low},
                                {"ci_hi_s", summary.median_interval_s.high},
                                {"samples", summary.samples},
                                {"flags", to_string(visit.flags)},
                                {"utc", to_iso8601(visit.started_utc_ns)}}
      .dump();
}

JournalContents read_journal(const std::filesystem::path& file) {
  JournalContents contents;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json.contains("name") && json["name"].is_string() && json.contains("pass") &&
        json["pass"].is_number_unsigned()) {
      contents.visits.push_back({json["name"], json["pass"]});
    } else {
      ++contents.torn_lines;
    }
  }
  return contents;
}

std::filesystem::path journal_of(const std::filesystem::path& launch_file) {
  std::filesystem::path stem = launch_file;
  if (stem.extension() == ".part") {
    stem.replace_extension();
  }
  return stem.replace_extension(".jsonl");
}

}  // namespace hockney::store
