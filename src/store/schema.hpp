#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "plan/plan.hpp"
#include "record/launch.hpp"
#include "record/measurement.hpp"
#include "store/column.hpp"
#include "vocabulary/placement.hpp"

/// The layout of a launch file. Everything is a plain column (a 1-D dataset, or 2-D for /rank_samples/elapsed) with
/// `long_name` and, when numeric, `units`; every dimension is an HDF5 dimension scale. So netCDF-4 tools, h5py and
/// xarray read a file without knowing Hockney. Texts are UTF-8: of fixed length in a .part, which grows, and of
/// variable length in a finished file, which is written once.
namespace hockney::store::schema {

inline constexpr std::string_view launch_name = "hockney launch";
inline constexpr std::string_view campaign_name = "hockney campaign";

/// Readers accept every file of the same major version. A new column raises the minor version; a file of an earlier one
/// lacks it, and its rows have the default there.
///   1.1.0  reductions, kinds of buffers, routing; what ran (observed_*), device states, t_enqueue and t_host; the
///   slowest
///          of concurrent groups
///   1.2.0  matrix products (matmul_*), replayed steps (step_*), /import/raw_text
///   1.3.0  ranks_per_node and n_nodes of 0: not known; the flag placement_unknown
inline constexpr std::string_view version = "1.3.0";

inline constexpr std::string_view points_path = "points";    ///< one row per visit: a point in a pass
inline constexpr std::string_view samples_path = "samples";  ///< one row per sample
inline constexpr std::string_view rank_samples_path = "rank_samples";
inline constexpr std::string_view elapsed_name = "elapsed";              ///< /rank_samples/elapsed(sample, rank)
inline constexpr std::string_view skipped_path = "skipped";              ///< one row per case that could not run
inline constexpr std::string_view provenance_path = "provenance";        ///< keys and values, as text
inline constexpr std::string_view placements_path = "provenance/ranks";  ///< where every rank ran
inline constexpr std::string_view import_path = "import";                ///< what an imported launch was read from
inline constexpr std::string_view raw_text_name = "raw_text";            ///< /import/raw_text(raw_byte)
inline constexpr std::string_view launches_path = "launches";  ///< campaign file: one such layout per run_uuid

inline constexpr std::string_view point_dimension = "point";
inline constexpr std::string_view sample_dimension = "sample";
inline constexpr std::string_view rank_dimension = "rank";  ///< rank within the group, group after group
inline constexpr std::string_view skipped_dimension = "skipped_case";
inline constexpr std::string_view provenance_dimension = "entry";
inline constexpr std::string_view placement_dimension = "world_rank";
inline constexpr std::string_view raw_text_dimension = "raw_byte";

/// The root's attributes; of /launches/<run_uuid> in a campaign file.
struct Root {
  std::string schema_name{launch_name};
  std::string schema_version{version};
  LaunchInfo info;
  std::string started;  ///< ISO 8601, for people; the _ns attributes are exact
  std::string ended;    ///< empty while info.ended_utc_ns is 0
  std::string file_locking = "on";
  bool repaired = false;
  std::uint64_t points = 0;
  std::uint64_t samples = 0;
};

inline constexpr std::array root_attributes = columns_of(std::tuple{
    field<&Root::schema_name>("schema_name", "", "what this is: 'hockney launch'"),
    field<&Root::schema_version>("schema_version", "", "MAJOR.MINOR.PATCH of this layout"),
    field<&Root::info, &LaunchInfo::run_uuid>("run_uuid", "", "UUID of the launch: version 4; imported: version 8"),
    field<&Root::info, &LaunchInfo::campaign>("campaign", "", "name that launches of one campaign share"),
    field<&Root::info, &LaunchInfo::producer>("producer", "", "program that measured, with its version"),
    field<&Root::info, &LaunchInfo::source>("source", "", "imported data: file name and citation"),
    field<&Root::info, &LaunchInfo::machine>("machine", "", "name of the machine"),
    field<&Root::info, &LaunchInfo::argv>("argv", "", "command line"),
    field<&Root::info, &LaunchInfo::plan_text>("plan_text", "", "plan file as read"),
    field<&Root::info, &LaunchInfo::seed>("seed", "1", "seed of the order of points"),
    field<&Root::info, &LaunchInfo::ranks>("n_ranks", "1", "ranks of the launch"),
    field<&Root::info, &LaunchInfo::nodes>("n_nodes", "1", "nodes of the launch; 0: not known"),
    field<&Root::started>("t_start_utc", "", "start, ISO 8601"),
    field<&Root::info, &LaunchInfo::started_utc_ns>("t_start_utc_ns", "ns", "start since 1970-01-01 UTC"),
    field<&Root::ended>("t_end_utc", "", "end, ISO 8601; empty unless finalised"),
    field<&Root::info, &LaunchInfo::ended_utc_ns>("t_end_utc_ns", "ns", "end since 1970-01-01 UTC; 0 unless finalised"),
    field<&Root::info, &LaunchInfo::finalised>("finalised", "1", "1: the writer ended normally"),
    field<&Root::repaired>("repaired", "1", "1: recovered by hockney repair"),
    field<&Root::file_locking>("file_locking", "", "'off': the file system refused HDF5's file locks"),
    field<&Root::points>("n_points", "1", "rows of /points; 0 in a .part"),
    field<&Root::samples>("n_samples", "1", "rows of /samples; 0 in a .part"),
});

/// Widths of text columns that grow while measuring, in bytes.
inline constexpr std::size_t name_width = longest_point_name;
inline constexpr std::size_t reason_width = 512;
inline constexpr std::size_t observed_name_width = 64;
inline constexpr std::size_t observed_list_width = 160;

struct DeviceFieldNames {
  std::string_view sm_clock, memory_clock, temperature, power, throttle_reasons;
};

/// A DeviceState, under the names that it has before or after a visit.
constexpr auto device_fields(const DeviceFieldNames& names) {
  return std::tuple{
      field<&DeviceState::sm_clock_mhz>(names.sm_clock, "MHz", "slowest SM clock; 0: not known").since(1),
      field<&DeviceState::memory_clock_mhz>(names.memory_clock, "MHz", "slowest memory clock; 0: not known").since(1),
      field<&DeviceState::temperature_celsius>(names.temperature, "degC", "highest GPU temperature; 0: not known")
          .since(1),
      field<&DeviceState::power_watt>(names.power, "W", "highest power of a GPU; 0: not known").since(1),
      field<&DeviceState::throttle_reasons>(names.throttle_reasons, "1", "bits of NVML's nvmlClocksEventReasons")
          .since(1),
  };
}

/// Of a visit what is neither its case, nor derived, nor an observation.
inline constexpr std::tuple visit_fields{
    field<&VisitRecord::observed>("observed_fabric", "1", "fabric that carried the bytes"),
    field<&VisitRecord::statistic>("statistic", "1", "what a number is, across ranks"),
    field<&VisitRecord::iterations_averaged>("iterations_averaged", "1", "operations averaged by an imported log"),
    field<&VisitRecord::discarded>("n_discarded", "1", "warm-up samples before the first kept"),
    field<&VisitRecord::stop>("stop_reason", "1", "why sampling ended"),
    field<&VisitRecord::verification>("verification", "1", "outcome of checking the result"),
    field<&VisitRecord::flags>("flags", "1", "remarks"),
    field<&VisitRecord::started_utc_ns>("t_utc_ns", "nanoseconds since 1970-01-01 00:00:00", "start of the visit, UTC"),
    field<&VisitRecord::clock_step_s>("clock_step", "s", "step of the clock; 0: not known"),
    field<&VisitRecord::clock_floor_s>("clock_floor", "s",
                                       "two clock readings with nothing between, median; 0: not known")
        .since(1),
};

inline constexpr std::tuple observation_fields{
    field<&Observation::algorithm>("observed_algorithm", "", "algorithm that ran; empty: not told")
        .at_most(observed_name_width)
        .since(1),
    field<&Observation::protocol>("observed_protocol", "", "protocol that ran; empty: not told")
        .at_most(observed_name_width)
        .since(1),
    field<&Observation::channels>("observed_channels", "1", "channels in use; 0: not told").since(1),
    field<&Observation::connections>("observed_connections", "", "kinds of connection in use; empty: not told")
        .at_most(observed_list_width)
        .since(1),
    field<&Observation::estimate_s>("t_estimate", "s", "the library's own estimate of one operation; 0: not told")
        .since(1),
    field<&Observation::settings>("settings", "", "what was set for this communicator")
        .at_most(observed_list_width)
        .since(1),
};

inline constexpr std::tuple summary_fields{
    field<&Summary::median_s>("t_median", "s", "median completion time"),
    field<&Summary::median_interval_s, &Interval::low>("ci_lo", "s",
                                                       "lower end of the median's 95 % interval within this launch"),
    field<&Summary::median_interval_s, &Interval::high>("ci_hi", "s",
                                                        "upper end of the median's 95 % interval within this launch"),
    field<&Summary::min_s>("t_min", "s", "shortest completion time"),
    field<&Summary::p05_s>("t_p05", "s", "5th percentile of completion times"),
    field<&Summary::p25_s>("t_p25", "s", "25th percentile of completion times"),
    field<&Summary::p75_s>("t_p75", "s", "75th percentile of completion times"),
    field<&Summary::p95_s>("t_p95", "s", "95th percentile of completion times"),
    field<&Summary::p99_s>("t_p99", "s", "99th percentile; the maximum below 100 samples"),
    field<&Summary::max_s>("t_max", "s", "longest completion time"),
    field<&Summary::median_absolute_deviation_s>("mad", "s", "median absolute deviation"),
    field<&Summary::autocorrelation_time>("tau", "1", "autocorrelation time in samples"),
    field<&Summary::skew>("skew", "1", "median of (max - min)/max over ranks"),
    field<&Summary::algbw, &BytesPerSecond::value>("algbw", "byte/s", "payload / median; 0 for matmul and steps"),
    field<&Summary::busbw, &BytesPerSecond::value>("busbw", "byte/s", "algbw * wire factor; 0: not known"),
    field<&Summary::slowest_group>("slowest_group", "1",
                                   "concurrent groups: the one with the largest median of its own times")
        .since(1),
    field<&Summary::slowest_group_median_s>("t_median_slowest_group", "s", "that median").since(1),
};

/// One row of /points. `sample_end` is its last column and is written last: it commits the visit.
struct PointRow {
  std::string name;
  VisitRecord visit;
  Summary summary;  ///< derived by summarise(), kept so that readers need not compute it again
  std::uint64_t sample_begin = 0;
  std::uint64_t sample_end = 0;  ///< one past the last; sample_end - sample_begin == n > 0
};

inline constexpr std::array point_columns = columns_of(std::tuple_cat(
    std::tuple{
        field<&PointRow::visit, &VisitRecord::point_id>("point_id", "1", "index of the case in the plan's layout"),
        field<&PointRow::visit, &VisitRecord::pass>("pass", "1", "visit of the point within the launch"),
        field<&PointRow::name>("name", "", "name of the case").at_most(name_width),
    },
    inside<&PointRow::visit, &VisitRecord::point>(case_fields), inside<&PointRow::visit>(visit_fields),
    inside<&PointRow::visit, &VisitRecord::observation>(observation_fields),
    inside<&PointRow::visit, &VisitRecord::before>(device_fields(
        {"before_sm_clock", "before_memory_clock", "before_temperature", "before_power", "before_throttle_reasons"})),
    inside<&PointRow::visit, &VisitRecord::after>(device_fields(
        {"after_sm_clock", "after_memory_clock", "after_temperature", "after_power", "after_throttle_reasons"})),
    inside<&PointRow::summary>(summary_fields),
    std::tuple{
        field<&PointRow::visit, &VisitRecord::rank_columns>("rank_columns", "1",
                                                            "ranks with a time of their own in /rank_samples"),
        field<&PointRow::summary, &Summary::samples>("n", "1", "samples"),
        field<&PointRow::sample_begin>("sample_begin", "1", "first row in /samples and /rank_samples"),
        field<&PointRow::sample_end>("sample_end", "1", "one past the last row in /samples and /rank_samples"),
    }));

/// One row of /samples. The completion time of a sample is t_max, except for one_way_stream, where it is the last
/// rank's time in /rank_samples, of concurrent groups the largest of them (see Measurement::completion_times).
struct SampleRow {
  std::uint64_t point_id = 0;
  std::uint32_t pass = 0;
  std::uint32_t iter = 0;
  double t_max = 0;
  double t_min = 0;
  std::uint32_t argmax_rank = 0;
  double t_enqueue = std::numeric_limits<double>::quiet_NaN();
  double t_host = std::numeric_limits<double>::quiet_NaN();
};

inline constexpr std::array sample_columns = columns_of(std::tuple{
    field<&SampleRow::point_id>("point_id", "1", "point that the sample belongs to"),
    field<&SampleRow::pass>("pass", "1", "visit of the point within the launch"),
    field<&SampleRow::iter>("iter", "1", "number of the sample within the visit"),
    field<&SampleRow::t_max>("t_max", "s", "time per operation, max over ranks"),
    field<&SampleRow::t_min>("t_min", "s", "time per operation, min over ranks"),
    field<&SampleRow::t_enqueue>("t_enqueue", "s", "host time to queue one operation; NaN: none").since(1),
    field<&SampleRow::t_host>("t_host", "s", "host time per operation until completion; NaN: none").since(1),
    field<&SampleRow::argmax_rank>("argmax_rank", "1", "first column of /rank_samples that took t_max"),
});

/// /rank_samples/elapsed: NaN in the columns from the visit's rank_columns on.
inline constexpr ColumnSpec elapsed_column{
    elapsed_name, CellType::f64, 0, "s", "time per operation of every rank; NaN beyond the group's ranks",
    {},           false,         0};

struct SkippedRow {
  std::string name;
  Skipped skipped;
};

inline constexpr std::array skipped_columns = columns_of(std::tuple_cat(
    std::tuple{
        field<&SkippedRow::name>("name", "", "name of the case").at_most(name_width),
        field<&SkippedRow::skipped, &Skipped::reason>("reason", "", "why it did not run").at_most(reason_width),
    },
    inside<&SkippedRow::skipped, &Skipped::point>(case_fields)));

// The last column counts a table's rows, so every file must have it.
static_assert(point_columns.back().spec.since_minor == 0 && sample_columns.back().spec.since_minor == 0 &&
              skipped_columns.back().spec.since_minor == 0);

struct ProvenanceRow {
  std::string key;
  std::string value;
};

inline constexpr std::array provenance_columns = columns_of(std::tuple{
    field<&ProvenanceRow::key>("key", "", "what the value tells, e.g. mpi.library or env.NCCL_ALGO"),
    field<&ProvenanceRow::value>("value", "", "value"),
});

inline constexpr std::array placement_columns = columns_of(std::tuple{
    field<&Placement::rank>("rank", "1", "rank in the world"),
    field<&Placement::host>("host", "", "host name"),
    field<&Placement::local_rank>("local_rank", "1", "index among the ranks of the host"),
    field<&Placement::numa_node>("numa_node", "1", "NUMA node of the binding; -1: several or not known"),
    field<&Placement::cpus_allowed>("cpus_allowed", "1", "logical CPUs that the rank may run on"),
    field<&Placement::host_cpus>("host_cpus", "1", "logical CPUs that the ranks of the host may run on together"),
    field<&Placement::gpu>("gpu", "", "GPU UUID; empty for host memory"),
});

/// /import/raw_text: the bytes of the log that an imported launch was read from, deflated; no rows in a measured
/// launch. Provenance "import.raw_text" says which part of the file they are and what was removed from them.
inline constexpr ColumnSpec raw_text_column{
    raw_text_name, CellType::u8, 0, "1", "bytes of the log that was imported; none in a measured launch", {}, false, 2};

/// Bytes of /import/raw_text at most.
inline constexpr std::size_t longest_raw_text = std::size_t{1} << 28;

/// One dataset as it is documented: its path in the file, its dimensions, and its column.
struct DatasetSpec {
  std::string path;
  std::string dimensions;  ///< "sample" or "sample, rank"
  ColumnSpec column;
};

/// Every dataset of a launch file, in the order of this header.
std::vector<DatasetSpec> datasets();

/// The layout as tables for people: root attributes, then datasets with type, dimensions, units, codes and meaning.
std::string schema_as_markdown();

/// The same for programs: {"schema_name", "schema_version", "attributes": [...], "datasets": [...]}.
std::string schema_as_json();

}  // namespace hockney::store::schema
