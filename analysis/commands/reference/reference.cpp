#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/number.hpp"
#include "base/text_table.hpp"
#include "commands/commands.hpp"
#include "commands/reference/build_reference.hpp"
#include "commands/reference/reference_library.hpp"
#include "commands/show/point_of_launch.hpp"
#include "record/stated_line_rate.hpp"
#include "store/launch_reader.hpp"

namespace hockney::commands {
namespace {
namespace fs = std::filesystem;

constexpr std::string_view key_prefix = "reference.";

std::string key_of(const Launch& launch, std::string_view key) {
  const auto found = launch.provenance.find(fmt::format("{}{}", key_prefix, key));
  return found == launch.provenance.end() ? "" : found->second;
}

std::string or_not_stated(std::string text) { return text.empty() ? "not stated" : text; }

/// The launches of a system in the order of their files.
std::vector<Launch> launches_of(const fs::path& campaign) {
  std::vector<Launch> launches;
  for (const fs::path& file : store::launch_files(campaign)) {
    launches.push_back(store::read_launch(file));
  }
  return launches;
}

template <class Value, class Of>
std::string distinct(const Launch& launch, Of of) {
  std::set<Value> values;
  for (const Measurement& visit : launch.measurements) {
    values.insert(of(visit.point));
  }
  return fmt::format("{}", fmt::join(values, ","));
}

void list(const ReferenceLibrary& library) {
  TextTable table({{"system", Align::left},
                   {"GPU", Align::left},
                   {"fabric", Align::left},
                   {"operations", Align::left},
                   {"ranks", Align::left},
                   {"points"},
                   {"date", Align::left},
                   {"basis", Align::left},
                   {"source", Align::left}});
  for (const std::string& name : library.names()) {
    for (const Launch& launch : launches_of(library.campaign(name))) {
      const bool is_stated = stated_line_rate(launch).has_value();
      table.add({name, or_not_stated(key_of(launch, "gpu")), key_of(launch, "fabric"),
                 is_stated
                     ? "-"
                     : distinct<std::string_view>(launch, [](const Case& point) { return name_of(point.operation); }),
                 is_stated ? "-" : distinct<std::uint32_t>(launch, [](const Case& point) { return point.group.ranks; }),
                 std::to_string(launch.measurements.size()), or_not_stated(key_of(launch, "date")),
                 is_stated ? "ESTIMATED FROM LINE RATE" : "measured", key_of(launch, "source")});
    }
  }
  fmt::print("{}\nEverything of one system, its caveats too: hockney reference show NAME\n", table.print());
}

std::string in_gigabytes(BytesPerSecond rate) {
  constexpr double bytes_per_gigabyte = 1e9;
  return significant(rate.value / bytes_per_gigabyte);
}

/// One table per curve.
void print_points(const Launch& launch) {
  const std::vector<Launch> launches{launch};
  const std::vector<PointOfLaunch> points = points_of(launches);
  for (auto begin = points.begin(); begin != points.end();) {
    const std::string curve = begin->point().curve_name();
    TextTable table({{"payload"}, {"time us"}, {"last digit us"}, {"algbw GB/s"}, {"busbw GB/s"}});
    for (; begin != points.end() && begin->point().curve_name() == curve; ++begin) {
      table.add({to_string(begin->point().payload), microseconds(begin->summary.median_s),
                 microseconds(begin->passes.front()->clock_step_s), in_gigabytes(begin->summary.algbw),
                 in_gigabytes(begin->summary.busbw)});
    }
    fmt::print("{}\n{}\n", curve, table.print());
  }
}

void show(const ReferenceLibrary& library, const std::string& name) {
  fmt::print("reference system {}\n", name);
  for (const fs::path& file : store::launch_files(library.campaign(name))) {
    const Launch launch = store::read_launch(file);
    fmt::print("\n== {}\n", file.stem().string());
    if (const auto rate = stated_line_rate(launch)) {
      fmt::print("ESTIMATED FROM LINE RATE: {}; nothing was measured\n", to_string(*rate));
    }
    for (const auto& [key, value] : launch.provenance) {
      if (key.starts_with(key_prefix)) {
        fmt::print("{}: {}\n", key.substr(key_prefix.size()), value);
      }
    }
    fmt::print("\n");
    print_points(launch);
  }
}

struct BuildOptions {
  fs::path source;
  fs::path out;
};

void build(const BuildOptions& options, const std::string& version) {
  const BuiltReference built = build_reference(options.source, options.out, fmt::format("hockney {}", version));
  fmt::print("{}: {} systems, {} files, {} points, {} curves fitted, {} line rates stated\n", options.out.string(),
             built.systems, built.files, built.points, built.curves, built.line_rates);
}

}  // namespace

void add_reference(CLI::App& app) {
  CLI::App* reference =
      app.add_subcommand("reference", "Published figures of real systems, which every command takes as reference:NAME");
  reference->require_subcommand(1);
  reference->add_subcommand("list", "The systems, what was measured on them, by whom and when")->callback([] {
    list(ReferenceLibrary());
  });

  const auto name = std::make_shared<std::string>();
  CLI::App* one = reference->add_subcommand("show", "Every figure of one system, with sources and caveats");
  one->add_option("NAME", *name, "A system of hockney reference list")->required();
  one->callback([name] { show(ReferenceLibrary(), *name); });

  const auto options = std::make_shared<BuildOptions>();
  CLI::App* make = reference->add_subcommand("build", "Import and fit folders of reference CSV files, one per system");
  make->add_option("FOLDER", options->source, "results/reference, or another folder laid out like it")->required();
  make->add_option("--out", options->out, "A new folder")->required();
  make->callback([options, &app] { build(*options, app.version()); });
}

}  // namespace hockney::commands
