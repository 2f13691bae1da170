#include "import/nccl_tests/nccl_tests_launch.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>
#include <utility>

#include "base/number.hpp"
#include "import/imported_points.hpp"
#include "import/nccl_tests/nccl_tests_check.hpp"
#include "import/nccl_tests/nccl_tests_experiment.hpp"
#include "import/nccl_tests/nccl_tests_group.hpp"
#include "import/nccl_tests/nccl_tests_names.hpp"

namespace hockney::import {
namespace {

constexpr std::uint32_t default_iterations = 20;  // -n of nccl-tests
constexpr double coarse_step = 0.01;              // Flag::quantised

class TableImport {
 public:
  TableImport(const NcclTestsTable& table, const std::filesystem::path& file, const ImportOptions& options,
              std::vector<RefusedLine>& refused)
      : table_(table), rows_(table.rows), file_(file), options_(options), refused_(refused) {}

  ImportedTable run() {
    result_.first_line = table_.first_line;
    result_.last_line = table_.last_line;
    result_.rows = table_.rows.size();
    const std::string guess = nccl_test_in_file_name(file_.stem().string());
    result_.title = !table_.preamble.test.empty() ? table_.preamble.test : guess.empty() ? "unnamed test" : guess;
    try {
      read();
    } catch (const InputError& reason) {
      result_.refusal = reason.what();
    }
    if (!result_.launch) {
      result_.rows_used = result_.rows_of_size_zero = 0;
      result_.rows_refused = result_.rows;
    }
    return std::move(result_);
  }

 private:
  void read() {
    experiment_ = experiment_of(table_, file_, options_);
    result_.title = fmt::format("{} ({})", name_of(experiment_.operation), experiment_.evidence);
    refuse_if_impossible();
    group_ = group_of(table_, experiment_.columns, options_);
    shape_.become(experiment_.operation);
    if (experiment_.operation == Operation::all_to_all_v) {
      shape_.own = experiment_.routing;
    }
    shape_.mode = experiment_.mode;
    shape_.buffers = experiment_.buffers;
    result_.notes = group_.notes;
    find_types();
    shape_.transport = TransportKind::imported;
    shape_.group = group_.group;
    shape_.fabric = options_.fabric.value_or(Fabric::unknown);
    describe_title();
    Launch launch = empty_launch();
    std::vector<RefusedLine> refused;
    for (const NcclTestsRow& row : rows_) {
      take(row, launch, refused);
    }
    const std::size_t contradictions = refused.size();
    refused.insert(refused.end(), of_other_roots_.begin(), of_other_roots_.end());
    if (launch.measurements.empty()) {
      throw InputError(refused.empty()
                           ? "no row of a size above 0"
                           : fmt::format("no usable row; line {}: {}", refused.front().line, refused.front().reason));
    }
    if (contradictions > result_.rows_used) {
      throw InputError(fmt::format("{} of {} rows contradict themselves or the rank count; line {}: {}", contradictions,
                                   result_.rows, refused.front().line, refused.front().reason));
    }
    refused_.insert(refused_.end(), refused.begin(), refused.end());
    add_notes(launch);
    result_.launch = std::move(launch);
  }

  // Numbers that nobody can have measured tell no rank count either.
  void refuse_if_impossible() const {
    std::size_t against = 0;
    std::size_t with_size = 0;
    std::string first;
    for (const NcclTestsRow& row : table_.rows) {
      const std::string text =
          row.size_bytes == 0 ? std::string{} : contradiction_without_ranks(experiment_.columns, row);
      with_size += row.size_bytes == 0 ? 0 : 1;
      against += text.empty() ? 0 : 1;
      first = first.empty() && !text.empty() ? fmt::format("line {}: {}", row.line, text) : first;
    }
    if (2 * against > with_size) {
      throw InputError(fmt::format("{} of {} rows contradict themselves; {}", against, with_size, first));
    }
  }

  // Where the table has no column of types, size / count tells their width.
  void find_types() {
    constexpr std::array<std::pair<std::uint64_t, std::string_view>, 4> types{
        {{1, "uint8"}, {2, "half"}, {4, "float"}, {8, "double"}}};
    const std::uint64_t blocks = elements_granularity(experiment_.columns, group_.group.ranks);
    for (NcclTestsRow& row : rows_) {
      const auto fits = std::find_if(types.begin(), types.end(), [&](const auto& type) {
        return type.first * row.count * blocks == row.size_bytes;
      });
      row.type = row.type.empty() && fits != types.end() ? fits->second : std::string_view(row.type);
    }
    if (!table_.layout.has_type) {
      result_.notes.emplace_back(
          "element type not stated: taken for the usual one of the width that size / count tells");
    }
  }

  void describe_title() {
    std::vector<std::string> types;
    for (const NcclTestsRow& row : rows_) {
      if (std::find(types.begin(), types.end(), row.type) == types.end()) {
        types.push_back(row.type);
      }
    }
    result_.title +=
        fmt::format(", {} ({}), {}", to_string(group_.group, group_.nodes), group_.evidence, fmt::join(types, " "));
  }

  void take(const NcclTestsRow& row, Launch& launch, std::vector<RefusedLine>& refused) {
    if (row.size_bytes == 0) {
      ++result_.rows_of_size_zero;
      return;
    }
    if (row.root.value_or(0) > 0) {
      of_other_roots_.push_back({row.line, fmt::format("root {}: read are operations with rank 0 as root", *row.root)});
      ++result_.rows_refused;
      return;
    }
    const std::string reason = reason_to_refuse(row);
    if (!reason.empty()) {
      refused.push_back({row.line, reason});
      ++result_.rows_refused;
      return;
    }
    ++result_.rows_used;
    append(row, row.out_of_place, false, launch);
    if (row.in_place && has_in_place(shape_.operation)) {
      append(row, *row.in_place, true, launch);
    }
  }

  std::string reason_to_refuse(const NcclTestsRow& row) {
    if (!element_of_nccl_type(row.type)) {
      return fmt::format("element type '{}' is not known", row.type);
    }
    if (!reduction_of_nccl_op(row.redop)) {
      return fmt::format("reduction '{}' is not known", row.redop);
    }
    std::vector<const NcclTestsResult*> results{&row.out_of_place};
    if (row.in_place && has_in_place(shape_.operation)) {
      results.push_back(&*row.in_place);
    }
    for (const NcclTestsResult* result : results) {
      if (has_time(*result) && !is_time_us(result->time_us->value)) {
        return fmt::format("{} us is no time of an operation", significant(result->time_us->value));
      }
    }
    const bool timed =
        std::any_of(results.begin(), results.end(), [](const auto* result) { return has_time(*result); });
    return timed ? contradiction_in(experiment_.columns, shape_.group.ranks, row, algbw_is_busbw_)
                 : "no time in the row";
  }

  static bool has_time(const NcclTestsResult& result) { return result.time_us && result.time_us->value > 0; }

  void append(const NcclTestsRow& row, const NcclTestsResult& result, bool in_place, Launch& launch) {
    if (!has_time(result)) {
      ++times_missing_;
      return;
    }
    constexpr double us_per_s = 1e6;
    Measurement measurement;
    measurement.point = shape_;
    measurement.point.payload = Bytes{row.size_bytes};
    measurement.point.element = *element_of_nccl_type(row.type);
    if (is_reduction(shape_.operation)) {
      measurement.point.own = *reduction_of_nccl_op(row.redop);
    }
    measurement.point.in_place = in_place;
    const auto [seen, fresh] = points_.try_emplace(measurement.point, points_.size(), 0U);
    seen->second.second += fresh ? 0 : 1;
    measurement.point_id = seen->second.first;
    measurement.pass = seen->second.second;
    measurement.rank_columns = 1;
    measurement.elapsed = {result.time_us->value / us_per_s};
    measurement.clock_step_s = 2 * result.time_us->half_step / us_per_s;
    measurement.statistic = experiment_.statistic;
    measurement.iterations_averaged = iterations();
    measurement.stop = StopReason::imported;
    measurement.verification = verification_of(result.check, table_.layout.check, row.type);
    set_flags(measurement);
    launch.measurements.push_back(std::move(measurement));
  }

  void set_flags(Measurement& measurement) const {
    measurement.flags.set(Flag::fabric_unproven);
    measurement.flags.set(Flag::shared_gpu, share_a_gpu(table_.preamble.ranks));
    measurement.flags.set(Flag::wrong_result, measurement.verification == Verification::failed);
    measurement.flags.set(Flag::quantised,
                          measurement.clock_step_s > coarse_step * (1 + 1e-9) * measurement.elapsed.front());
  }

  std::uint32_t iterations() const {
    return table_.preamble.iterations > 0 ? table_.preamble.iterations : default_iterations;
  }

  Launch empty_launch() const {
    const NcclTestsPreamble& preamble = table_.preamble;
    Launch launch;
    launch.info.run_uuid = random_uuid();
    launch.info.campaign = options_.campaign;
    launch.info.producer = fmt::format("nccl-tests{}{} (imported by {})", preamble.version.empty() ? "" : " ",
                                       preamble.version, options_.importer);
    launch.info.source = fmt::format("{}, lines {}-{}{}{}", file_.filename().string(), table_.first_line,
                                     table_.last_line, options_.source.empty() ? "" : "; ", options_.source);
    launch.info.machine = machine();
    launch.info.started_utc_ns = now_utc_ns();
    launch.info.argv = preamble.command;
    launch.info.ranks = group_.group.ranks * group_.group.concurrent;
    launch.info.nodes = group_.nodes;
    launch.placements = placements_of(group_.members);
    launch.provenance = {{"import.operation", experiment_.evidence}, {"import.ranks", group_.evidence}};
    const auto state = [&](const char* key, const std::string& value) {
      if (!value.empty()) {
        launch.provenance[key] = value;
      }
    };
    state("nccl.version", preamble.nccl_version);
    state("nccl_tests.version", preamble.version);
    state("nccl_tests.options", preamble.options);
    state("import.title", preamble.title);
    launch.provenance.insert(experiment_.settings.begin(), experiment_.settings.end());
    state("gpu.model", fmt::format("{}", fmt::join(gpu_models(), ", ")));
    return launch;
  }

  std::string machine() const {
    const auto hosts = hosts_of(group_.members);
    if (!options_.machine.empty() || hosts.empty()) {
      return options_.machine.empty() ? "unknown" : options_.machine;
    }
    return hosts.size() == 1 ? hosts.front() : fmt::format("{} ... {}", hosts.front(), hosts.back());
  }

  std::set<std::string> gpu_models() const {
    std::set<std::string> models;
    for (const NcclTestsRank& rank : table_.preamble.ranks) {
      if (!rank.gpu.empty()) {
        models.insert(rank.gpu);
      }
    }
    return models;
  }

  void add_notes(const Launch& launch) {
    const auto count = [&](auto predicate) {
      return std::count_if(launch.measurements.begin(), launch.measurements.end(), predicate);
    };
    const auto note_if = [&](bool condition, std::string text) {
      if (condition) {
        result_.notes.push_back(std::move(text));
      }
    };
    const auto flagged = [&](Flag flag) { return count([&](const auto& m) { return m.flags.has(flag); }); };
    const auto repeated = count([](const Measurement& m) { return m.pass > 0; });
    note_if(!options_.fabric,
            fmt::format("fabric not stated in the log: pass --fabric {}",
                        group_.nodes == 1 ? "nvswitch (or nvlink, pcie)" : "infiniband (or roce, efa, tcp)"));
    note_if(options_.fabric && is_intra_node(*options_.fabric) && group_.nodes > 1,
            fmt::format("--fabric {} connects the GPUs of one node, and there are {} nodes",
                        options_.fabric ? name_of(*options_.fabric) : "", group_.nodes));
    note_if(!table_.preamble.test.empty() && options_.operation && *options_.operation != shape_.operation,
            "--operation is not used: the log names the test");
    note_if(!has_in_place(shape_.operation),
            "sendrecv is read as all_to_all_v whose routing is a ring shift; its in-place times are not used: it would "
            "send from the buffer that it receives into");
    note_if(!table_.has_header, "no header line: columns taken from the shape of the rows");
    note_if(!table_.complete, "no footer: an excerpt, or the run ended early");
    note_if(table_.preamble.iterations == 0,
            fmt::format("iterations not stated: nccl-tests' default of {} assumed", default_iterations));
    note_if(result_.rows_of_size_zero > 0, fmt::format("rows of size 0, left out: {}", result_.rows_of_size_zero));
    note_if(algbw_is_busbw_, "printed before June 2020: the algbw column holds busbw");
    note_if(
        repeated > 0,
        fmt::format("points of a size seen before: {} (further cycles, -N, or several runs in one table)", repeated));
    note_if(times_missing_ > 0, fmt::format("cells without a time: {}", times_missing_));
    note_if(flagged(Flag::quantised) > 0,
            fmt::format("times printed in steps of over 1 %: {}", flagged(Flag::quantised)));
    note_if(flagged(Flag::wrong_result) > 0,
            fmt::format("points with wrong results, flagged wrong_result: {}", flagged(Flag::wrong_result)));
    note_if(flagged(Flag::shared_gpu) > 0, "several ranks share a GPU: no constants of a network");
    result_.notes.insert(result_.notes.end(), table_.notes.begin(), table_.notes.end());
  }

  const NcclTestsTable& table_;
  std::vector<NcclTestsRow> rows_;  // with the types that their sizes tell
  const std::filesystem::path& file_;
  const ImportOptions& options_;
  std::vector<RefusedLine>& refused_;
  std::vector<RefusedLine> of_other_roots_;
  ImportedTable result_;
  Case shape_;  // all but payload, element and in_place
  NcclTestsExperiment experiment_;
  NcclTestsGroup group_;
  std::map<Case, std::pair<std::uint64_t, std::uint32_t>> points_;  // id and last pass
  std::size_t times_missing_ = 0;
  bool algbw_is_busbw_ = false;
};

}  // namespace

ImportedTable import_nccl_tests_table(const NcclTestsTable& table, const std::filesystem::path& file,
                                      const ImportOptions& options, std::vector<RefusedLine>& refused) {
  return TableImport(table, file, options, refused).run();
}

}  // namespace hockney::import
