#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
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

/// Readers accept every file of the same major version. A new column raises the minor version. A column that came after
/// 1.0 may be missing, in files of an earlier version and, since 1.4, in imported launches where no row uses it: then
/// it is 0, empty or NaN in every row.
///   1.1.0  reductions, kinds of buffers, routing; what ran (observed_*), device states, t_enqueue and t_host; the
///          slowest of concurrent groups
///   1.2.0  matrix products (matmul_*), replayed steps (step_*), /import/raw_text
///   1.3.0  ranks_per_node and n_nodes of 0: not known; the flag placement_unknown
///   1.4.0  first_slot, native, t_fastest_rank, observed_adapters; imported launches lack columns that no row uses
inline constexpr std::string_view version = "1.4.0";

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

extern const std::span<const Column<Root>> root_attributes;

/// Widths of text columns that grow while measuring, in bytes.
inline constexpr std::size_t name_width = longest_point_name;
inline constexpr std::size_t reason_width = 512;
inline constexpr std::size_t observed_name_width = 64;
inline constexpr std::size_t observed_list_width = 160;

/// One row of /points. `sample_end` is its last column and is written last: it commits the visit.
struct PointRow {
  std::string name;
  VisitRecord visit;
  Summary summary;  ///< derived by summarise(), kept so that readers need not compute it again
  std::uint64_t sample_begin = 0;
  std::uint64_t sample_end = 0;  ///< one past the last; sample_end - sample_begin == n > 0
};

extern const std::span<const Column<PointRow>> point_columns;

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

extern const std::span<const Column<SampleRow>> sample_columns;

/// /rank_samples/elapsed: NaN in the columns from the visit's rank_columns on.
inline constexpr ColumnSpec elapsed_column{
    elapsed_name, CellType::f64, 0, "s", "time per operation of every rank; NaN beyond the group's ranks",
    {},           false,         0};

struct SkippedRow {
  std::string name;
  Skipped skipped;
};

extern const std::span<const Column<SkippedRow>> skipped_columns;

struct ProvenanceRow {
  std::string key;
  std::string value;
};

extern const std::span<const Column<ProvenanceRow>> provenance_columns;

extern const std::span<const Column<Placement>> placement_columns;

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
