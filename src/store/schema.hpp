#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
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
inline constexpr std::string_view version = "1.2.0";

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

inline constexpr std::array root_attributes{
    column<&Root::schema_name>("schema_name", "", "what this is: 'hockney launch'"),
    column<&Root::schema_version>("schema_version", "", "MAJOR.MINOR.PATCH of this layout"),
    column<&Root::info, &LaunchInfo::run_uuid>("run_uuid", "", "UUID of the launch: version 4; imported: version 8"),
    column<&Root::info, &LaunchInfo::campaign>("campaign", "", "name that launches of one campaign share"),
    column<&Root::info, &LaunchInfo::producer>("producer", "", "program that measured, with its version"),
    column<&Root::info, &LaunchInfo::source>("source", "", "imported data: file name and citation"),
    column<&Root::info, &LaunchInfo::machine>("machine", "", "name of the machine"),
    column<&Root::info, &LaunchInfo::argv>("argv", "", "command line"),
    column<&Root::info, &LaunchInfo::plan_text>("plan_text", "", "plan file as read"),
    column<&Root::info, &LaunchInfo::seed>("seed", "1", "seed of the order of points"),
    column<&Root::info, &LaunchInfo::ranks>("n_ranks", "1", "ranks of the launch"),
    column<&Root::info, &LaunchInfo::nodes>("n_nodes", "1", "nodes of the launch"),
    column<&Root::started>("t_start_utc", "", "start, ISO 8601"),
    column<&Root::info, &LaunchInfo::started_utc_ns>("t_start_utc_ns", "ns", "start since 1970-01-01 UTC"),
    column<&Root::ended>("t_end_utc", "", "end, ISO 8601; empty unless finalised"),
    column<&Root::info, &LaunchInfo::ended_utc_ns>("t_end_utc_ns", "ns",
                                                   "end since 1970-01-01 UTC; 0 unless finalised"),
    column<&Root::info, &LaunchInfo::finalised>("finalised", "1", "1: the writer ended normally"),
    column<&Root::repaired>("repaired", "1", "1: recovered by hockney repair"),
    column<&Root::file_locking>("file_locking", "", "'off': the file system refused HDF5's file locks"),
    column<&Root::points>("n_points", "1", "rows of /points; 0 in a .part"),
    column<&Root::samples>("n_samples", "1", "rows of /samples; 0 in a .part"),
};

/// Widths of text columns that grow while measuring, in bytes.
inline constexpr std::size_t name_width = longest_point_name;
inline constexpr std::size_t pin_width = 32;
inline constexpr std::size_t matrix_width = longest_matrix_name;
inline constexpr std::size_t layer_width = longest_layer_name;
inline constexpr std::size_t reason_width = 512;
inline constexpr std::size_t observed_name_width = 64;
inline constexpr std::size_t observed_list_width = 160;

/// The shape of a matmul point whose Case is reached through `Path`.
template <auto... Path>
inline constexpr std::array matmul_columns{
    since(2, column<Path..., &Case::matmul, &Matmul::m>("matmul_m", "1", "matmul: rows of the result; else 0")),
    since(2, column<Path..., &Case::matmul, &Matmul::n>("matmul_n", "1", "matmul: columns of the result; else 0")),
    since(2, column<Path..., &Case::matmul, &Matmul::k>("matmul_k", "1", "matmul: length of the sums; else 0")),
    since(2,
          column<Path..., &Case::matmul, &Matmul::pass>("matmul_pass", "1", "matmul: which product of a linear layer")),
    since(2, column<Path..., &Case::matmul, &Matmul::layer>("matmul_layer", "", "matmul: where the shape occurs",
                                                            layer_width)),
};

/// The model and mapping of a step_replay point whose Case is reached through `Path`; micro_batches is a column of all.
template <auto... Path>
inline constexpr std::array step_columns{
    since(2, column<Path..., &Case::step, &ReplayedStep::model>("step_model", "", "step_replay: name of the model",
                                                                layer_width)),
    since(2, column<Path..., &Case::step, &ReplayedStep::layers>("step_layers", "1", "step_replay: layers; else 0")),
    since(2, column<Path..., &Case::step, &ReplayedStep::hidden>("step_hidden", "1", "step_replay: hidden size")),
    since(2, column<Path..., &Case::step, &ReplayedStep::heads>("step_heads", "1", "step_replay: attention heads")),
    since(2, column<Path..., &Case::step, &ReplayedStep::key_value_heads>("step_key_value_heads", "1",
                                                                          "step_replay: key-value heads")),
    since(2, column<Path..., &Case::step, &ReplayedStep::feed_forward>("step_feed_forward", "1",
                                                                       "step_replay: inner width of the MLP")),
    since(2, column<Path..., &Case::step, &ReplayedStep::gated_feed_forward>("step_gated_feed_forward", "1",
                                                                             "step_replay: three matrices in the MLP")),
    since(2, column<Path..., &Case::step, &ReplayedStep::sequence>("step_sequence", "1",
                                                                   "step_replay: tokens of a sequence")),
    since(2, column<Path..., &Case::step, &ReplayedStep::vocabulary>("step_vocabulary", "1",
                                                                     "step_replay: rows of the embedding")),
    since(2, column<Path..., &Case::step, &ReplayedStep::tied_embeddings>(
                 "step_tied_embeddings", "1", "step_replay: input and output embedding are one")),
    since(2, column<Path..., &Case::step, &ReplayedStep::tensor>("step_tensor_parallel", "1",
                                                                 "step_replay: tensor-parallel size")),
    since(2, column<Path..., &Case::step, &ReplayedStep::pipeline>("step_pipeline_parallel", "1",
                                                                   "step_replay: pipeline stages")),
    since(2, column<Path..., &Case::step, &ReplayedStep::data>("step_data_parallel", "1",
                                                               "step_replay: data-parallel replicas")),
    since(2, column<Path..., &Case::step, &ReplayedStep::micro_batch>("step_micro_batch", "1",
                                                                      "step_replay: sequences of a micro-batch")),
    since(2, column<Path..., &Case::step, &ReplayedStep::full_recompute>(
                 "step_full_recompute", "1", "step_replay: the backward pass repeats the forward one")),
    since(2, column<Path..., &Case::step, &ReplayedStep::scatter_gather>(
                 "step_scatter_gather", "1", "step_replay: shards between stages, then an all-gather")),
    since(2, column<Path..., &Case::step, &ReplayedStep::gradient_bytes>("step_gradient_bytes", "byte",
                                                                         "step_replay: one gradient of a weight")),
    since(2, column<Path..., &Case::step, &ReplayedStep::compute_s>(
                 "step_compute", "s", "step_replay: busy time for one layer's forward pass; backward takes twice")),
};

/// The factors of a Case that is reached through `Path`; /points and /skipped begin with them.
template <auto... Path>
inline constexpr std::array case_columns =
    std::array{
        column<Path..., &Case::operation>("operation", "1", "what is timed"),
        column<Path..., &Case::transport>("transport", "1", "who moves the bytes"),
        column<Path..., &Case::fabric>("fabric", "1", "fabric that was asked for"),
        column<Path..., &Case::group, &Group::ranks>("ranks", "1", "ranks in one group"),
        column<Path..., &Case::group, &Group::ranks_per_node>("ranks_per_node", "1", "ranks of the group per node"),
        column<Path..., &Case::group, &Group::stride>("stride", "1", "distance in world ranks between neighbours"),
        column<Path..., &Case::group, &Group::concurrent>("concurrent", "1", "equal groups at the same time"),
        column<Path..., &Case::payload, &Bytes::count>("bytes", "byte", "payload: larger of a rank's two buffers"),
        column<Path..., &Case::element>("element", "1", "element type"),
        column<Path..., &Case::mode>("mode", "1", "how a sample is taken"),
        column<Path..., &Case::in_place>("in_place", "1", "send and receive buffer are one"),
        column<Path..., &Case::micro_batches>("micro_batches", "1", "micro-batches of a pipeline or step; else 0"),
        column<Path..., &Case::operations_per_sample>("operations_per_sample", "1", "operations behind one sample"),
        since(1, column<Path..., &Case::reduction>("reduction", "1", "how elements are combined; else sum")),
        since(1, column<Path..., &Case::buffers>("buffers", "1", "where buffers come from")),
        since(1, column<Path..., &Case::cache>("cache", "1", "whether operations find their buffers in the cache")),
        since(1, column<Path..., &Case::routing, &Routing::skew>("routing_skew", "1",
                                                                 "all_to_all_v: share of rank j as (j + 1)^-skew")),
        since(1, column<Path..., &Case::routing, &Routing::matrix>(
                     "routing_matrix", "", "all_to_all_v: matrix file that replaces the skew", matrix_width)),
    } +
    matmul_columns<Path...> + step_columns<Path...> +
    std::array{
        column<Path..., &Case::algorithm>("algorithm", "", "algorithm pinned or known; empty: not known", pin_width),
        column<Path..., &Case::protocol>("protocol", "", "protocol pinned or known; empty: not known", pin_width),
    };

struct DeviceColumnNames {
  std::string_view sm_clock, memory_clock, temperature, power, throttle_reasons;
};

/// A DeviceState that is reached through `State`.
template <auto... State>
constexpr auto device_columns(const DeviceColumnNames& names) {
  return std::array{
      since(1, column<State..., &DeviceState::sm_clock_mhz>(names.sm_clock, "MHz", "slowest SM clock; 0: not known")),
      since(1, column<State..., &DeviceState::memory_clock_mhz>(names.memory_clock, "MHz",
                                                                "slowest memory clock; 0: not known")),
      since(1, column<State..., &DeviceState::temperature_celsius>(names.temperature, "degC",
                                                                   "highest GPU temperature; 0: not known")),
      since(1, column<State..., &DeviceState::power_watt>(names.power, "W", "highest power of a GPU; 0: not known")),
      since(1, column<State..., &DeviceState::throttle_reasons>(names.throttle_reasons, "1",
                                                                "bits of NVML's nvmlClocksEventReasons")),
  };
}

/// One row of /points. `sample_end` is its last column and is written last: it commits the visit.
struct PointRow {
  std::string name;
  Measurement visit;  ///< without `elapsed`, `enqueue_s` and `host_s`
  Summary summary;    ///< derived by summarise(), kept so that readers need not compute it again
  std::uint64_t sample_begin = 0;
  std::uint64_t sample_end = 0;  ///< one past the last; sample_end - sample_begin == n > 0
};

inline constexpr std::array point_columns =
    std::array{
        column<&PointRow::visit, &Measurement::point_id>("point_id", "1", "index of the case in the plan's layout"),
        column<&PointRow::visit, &Measurement::pass>("pass", "1", "visit of the point within the launch"),
        column<&PointRow::name>("name", "", "name of the case", name_width),
    } +
    case_columns<&PointRow::visit, &Measurement::point> +
    std::array{
        column<&PointRow::visit, &Measurement::observed>("observed_fabric", "1", "fabric that carried the bytes"),
        column<&PointRow::visit, &Measurement::statistic>("statistic", "1", "what a number is, across ranks"),
        column<&PointRow::visit, &Measurement::iterations_averaged>("iterations_averaged", "1",
                                                                    "operations averaged by an imported log"),
        column<&PointRow::visit, &Measurement::discarded>("n_discarded", "1", "warm-up samples before the first kept"),
        column<&PointRow::visit, &Measurement::stop>("stop_reason", "1", "why sampling ended"),
        column<&PointRow::visit, &Measurement::verification>("verification", "1", "outcome of checking the result"),
        column<&PointRow::visit, &Measurement::flags>("flags", "1", "remarks"),
        column<&PointRow::visit, &Measurement::started_utc_ns>("t_utc_ns", "nanoseconds since 1970-01-01 00:00:00",
                                                               "start of the visit, UTC"),
        column<&PointRow::visit, &Measurement::clock_step_s>("clock_step", "s", "step of the clock; 0: not known"),
        since(1, column<&PointRow::visit, &Measurement::clock_floor_s>(
                     "clock_floor", "s", "two clock readings with nothing between, median; 0: not known")),
    } +
    std::array{
        since(1, column<&PointRow::visit, &Measurement::observation, &Observation::algorithm>(
                     "observed_algorithm", "", "algorithm that ran; empty: not told", observed_name_width)),
        since(1, column<&PointRow::visit, &Measurement::observation, &Observation::protocol>(
                     "observed_protocol", "", "protocol that ran; empty: not told", observed_name_width)),
        since(1, column<&PointRow::visit, &Measurement::observation, &Observation::channels>(
                     "observed_channels", "1", "channels in use; 0: not told")),
        since(1, column<&PointRow::visit, &Measurement::observation, &Observation::connections>(
                     "observed_connections", "", "kinds of connection in use; empty: not told", observed_list_width)),
        since(1, column<&PointRow::visit, &Measurement::observation, &Observation::estimate_s>(
                     "t_estimate", "s", "the library's own estimate of one operation; 0: not told")),
        since(1, column<&PointRow::visit, &Measurement::observation, &Observation::settings>(
                     "settings", "", "what was set for this communicator", observed_list_width)),
    } +
    device_columns<&PointRow::visit, &Measurement::before>(
        {"before_sm_clock", "before_memory_clock", "before_temperature", "before_power", "before_throttle_reasons"}) +
    device_columns<&PointRow::visit, &Measurement::after>(
        {"after_sm_clock", "after_memory_clock", "after_temperature", "after_power", "after_throttle_reasons"}) +
    std::array{
        column<&PointRow::summary, &Summary::median_s>("t_median", "s", "median completion time"),
        column<&PointRow::summary, &Summary::median_interval_s, &Interval::low>(
            "ci_lo", "s", "lower end of the median's 95 % interval within this launch"),
        column<&PointRow::summary, &Summary::median_interval_s, &Interval::high>(
            "ci_hi", "s", "upper end of the median's 95 % interval within this launch"),
        column<&PointRow::summary, &Summary::min_s>("t_min", "s", "shortest completion time"),
        column<&PointRow::summary, &Summary::p05_s>("t_p05", "s", "5th percentile of completion times"),
        column<&PointRow::summary, &Summary::p25_s>("t_p25", "s", "25th percentile of completion times"),
        column<&PointRow::summary, &Summary::p75_s>("t_p75", "s", "75th percentile of completion times"),
        column<&PointRow::summary, &Summary::p95_s>("t_p95", "s", "95th percentile of completion times"),
        column<&PointRow::summary, &Summary::p99_s>("t_p99", "s", "99th percentile; the maximum below 100 samples"),
        column<&PointRow::summary, &Summary::max_s>("t_max", "s", "longest completion time"),
        column<&PointRow::summary, &Summary::median_absolute_deviation_s>("mad", "s", "median absolute deviation"),
        column<&PointRow::summary, &Summary::autocorrelation_time>("tau", "1", "autocorrelation time in samples"),
        column<&PointRow::summary, &Summary::skew>("skew", "1", "median of (max - min)/max over ranks"),
        column<&PointRow::summary, &Summary::algbw, &BytesPerSecond::value>("algbw", "byte/s",
                                                                            "payload / median; 0 for matmul and steps"),
        column<&PointRow::summary, &Summary::busbw, &BytesPerSecond::value>("busbw", "byte/s",
                                                                            "algbw * wire factor; 0: not known"),
        since(1, column<&PointRow::summary, &Summary::slowest_group>(
                     "slowest_group", "1", "concurrent groups: the one with the largest median of its own times")),
        since(1, column<&PointRow::summary, &Summary::slowest_group_median_s>("t_median_slowest_group", "s",
                                                                              "that median")),
        column<&PointRow::visit, &Measurement::rank_columns>("rank_columns", "1",
                                                             "ranks with a time of their own in /rank_samples"),
        column<&PointRow::summary, &Summary::samples>("n", "1", "samples"),
        column<&PointRow::sample_begin>("sample_begin", "1", "first row in /samples and /rank_samples"),
        column<&PointRow::sample_end>("sample_end", "1", "one past the last row in /samples and /rank_samples"),
    };

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

inline constexpr std::array sample_columns{
    column<&SampleRow::point_id>("point_id", "1", "point that the sample belongs to"),
    column<&SampleRow::pass>("pass", "1", "visit of the point within the launch"),
    column<&SampleRow::iter>("iter", "1", "number of the sample within the visit"),
    column<&SampleRow::t_max>("t_max", "s", "time per operation, max over ranks"),
    column<&SampleRow::t_min>("t_min", "s", "time per operation, min over ranks"),
    since(1, column<&SampleRow::t_enqueue>("t_enqueue", "s", "host time to queue one operation; NaN: none")),
    since(1, column<&SampleRow::t_host>("t_host", "s", "host time per operation until completion; NaN: none")),
    column<&SampleRow::argmax_rank>("argmax_rank", "1", "first column of /rank_samples that took t_max"),
};

/// /rank_samples/elapsed: NaN in the columns from the visit's rank_columns on.
inline constexpr ColumnSpec elapsed_column{
    elapsed_name, CellType::f64, 0, "s", "time per operation of every rank; NaN beyond the group's ranks",
    {},           false,         0};

struct SkippedRow {
  std::string name;
  Skipped skipped;
};

inline constexpr std::array skipped_columns =
    std::array{
        column<&SkippedRow::name>("name", "", "name of the case", name_width),
        column<&SkippedRow::skipped, &Skipped::reason>("reason", "", "why it did not run", reason_width),
    } +
    case_columns<&SkippedRow::skipped, &Skipped::point>;

// The last column counts a table's rows, so every file must have it.
static_assert(point_columns.back().spec.since_minor == 0 && sample_columns.back().spec.since_minor == 0 &&
              skipped_columns.back().spec.since_minor == 0);

struct ProvenanceRow {
  std::string key;
  std::string value;
};

inline constexpr std::array provenance_columns{
    column<&ProvenanceRow::key>("key", "", "what the value tells, e.g. mpi.library or env.NCCL_ALGO"),
    column<&ProvenanceRow::value>("value", "", "value"),
};

inline constexpr std::array placement_columns{
    column<&Placement::rank>("rank", "1", "rank in the world"),
    column<&Placement::host>("host", "", "host name"),
    column<&Placement::local_rank>("local_rank", "1", "index among the ranks of the host"),
    column<&Placement::numa_node>("numa_node", "1", "NUMA node of the binding; -1: several or not known"),
    column<&Placement::cpus_allowed>("cpus_allowed", "1", "logical CPUs that the rank may run on"),
    column<&Placement::host_cpus>("host_cpus", "1", "logical CPUs that the ranks of the host may run on together"),
    column<&Placement::gpu>("gpu", "", "GPU UUID; empty for host memory"),
};

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
