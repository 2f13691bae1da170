#include <algorithm>
#include <cctype>
#include <fmt/format.h>

#include "base/number.hpp"
#include "base/shipped.hpp"
#include "base/strict_table.hpp"
#include "plan/plan.hpp"
#include "plan/read/read_section.hpp"
#include "plan/read/read_shapes.hpp"

namespace hockney::inline plan {
namespace {

constexpr std::int64_t most_counts = 1'000'000'000;

Sampling read_sampling(StrictTable& table) {
  Sampling sampling;
  const auto fraction = [&](std::string_view key, double& value) {
    if (const auto text = table.optional_text(key)) {
      value = table.located(key, [&] { return parse_fraction(*text); });
      if (!(value > 0 && value < 1)) {
        table.refuse(key, "expected a share between 0 and 1, e.g. \"2%\"");
      }
    }
  };
  const auto count = [&](std::string_view key, std::uint32_t& value, std::int64_t least) {
    const std::int64_t given = table.optional_integer(key, least).value_or(value);
    if (given > most_counts) {
      table.refuse(key, fmt::format("expected at most {}", most_counts));
    }
    value = static_cast<std::uint32_t>(given);
  };
  const auto time = [&](std::string_view key, Seconds& value) {
    if (const auto text = table.optional_text(key)) {
      value = table.located(key, [&] { return parse_seconds(*text); });
    }
  };
  fraction("tolerance_small", sampling.tolerance_small);
  fraction("tolerance_large", sampling.tolerance_large);
  count("min_samples", sampling.min_samples, 6);
  count("max_samples", sampling.max_samples, 6);
  count("passes", sampling.passes, 1);
  count("max_discarded", sampling.max_discarded, 0);
  time("max_seconds", sampling.max_seconds);
  time("warm_up", sampling.warm_up);
  constexpr std::uint32_t most_passes = 1000;
  if (sampling.passes > most_passes) {
    table.refuse("passes", fmt::format("expected at most {}", most_passes));
  }
  if (sampling.max_seconds.count() <= 0) {
    table.refuse("max_seconds", "expected a time above 0 s");
  }
  if (sampling.max_samples < sampling.min_samples) {
    table.refuse("max_samples", fmt::format("expected at least min_samples = {}", sampling.min_samples));
  }
  table.finish();
  return sampling;
}

std::string read_name(StrictTable& table) {
  const std::string name = table.text("name");
  const bool usable = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  });
  if (!usable || name.front() == '.') {
    table.refuse("name", "expected letters, digits, '-', '_' and '.': it names the campaign's folder");
  }
  return name;
}

}  // namespace

Plan parse_plan(std::string_view text, const std::string& origin, const std::filesystem::path& models) {
  StrictTable table = StrictTable::parse(text, origin);
  Plan plan;
  plan.name = read_name(table);
  plan.description = table.optional_text("description").value_or("");
  if (auto sampling = table.table("sampling")) {
    plan.sampling = read_sampling(*sampling);
  }
  const SectionFolders folders{models, std::filesystem::path(origin).parent_path()};
  for (StrictTable& section : table.tables("measure")) {
    plan.sections.push_back(read_section(section, folders));
    plan.sections.back().origin = fmt::format("plan '{}', measure section {}", plan.name, plan.sections.size());
  }
  for (StrictTable& section : table.tables("matmul")) {
    plan.matmuls.push_back(read_matmul_section(section, models));
    plan.matmuls.back().origin = fmt::format("plan '{}', matmul section {}", plan.name, plan.matmuls.size());
  }
  for (StrictTable& section : table.tables("step_replay")) {
    plan.steps.push_back(read_step_section(section, models));
    plan.steps.back().origin = fmt::format("plan '{}', step_replay section {}", plan.name, plan.steps.size());
  }
  table.finish();
  if (plan.sections.empty() && plan.matmuls.empty() && plan.steps.empty()) {
    table.refuse("measure", "is missing; expected at least one [[measure]], [[matmul]] or [[step_replay]] section");
  }
  return plan;
}

Plan read_plan(const std::filesystem::path& file, const std::filesystem::path& models) {
  return parse_plan(read_text_file(file), file.string(), models);
}

}  // namespace hockney::inline plan
