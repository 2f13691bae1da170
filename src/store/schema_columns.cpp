#include "plan/case_fields.hpp"
#include "record/summary_fields.hpp"
#include "store/columns_of.hpp"
#include "store/schema.hpp"
#include "store/visit_fields.hpp"

namespace hockney::store::schema {
namespace {

constexpr std::array of_root = columns_of(std::tuple{
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

constexpr std::array of_points = columns_of(std::tuple_cat(
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
        field<&PointRow::sample_begin>("sample_begin", "1", "first row in /samples and /rank_samples"),
        field<&PointRow::sample_end>("sample_end", "1", "one past the last row in /samples and /rank_samples"),
    }));

constexpr std::array of_samples = columns_of(std::tuple{
    field<&SampleRow::point_id>("point_id", "1", "point that the sample belongs to"),
    field<&SampleRow::pass>("pass", "1", "visit of the point within the launch"),
    field<&SampleRow::iter>("iter", "1", "number of the sample within the visit"),
    field<&SampleRow::t_max>("t_max", "s", "time per operation, max over ranks"),
    field<&SampleRow::t_min>("t_min", "s", "time per operation, min over ranks"),
    field<&SampleRow::t_enqueue>("t_enqueue", "s", "host time to queue one operation; NaN: none").since(1),
    field<&SampleRow::t_host>("t_host", "s", "host time per operation until completion; NaN: none").since(1),
    field<&SampleRow::argmax_rank>("argmax_rank", "1", "first column of /rank_samples that took t_max"),
});

constexpr std::array of_skipped = columns_of(std::tuple_cat(
    std::tuple{
        field<&SkippedRow::name>("name", "", "name of the case").at_most(name_width),
        field<&SkippedRow::skipped, &Skipped::reason>("reason", "", "why it did not run").at_most(reason_width),
    },
    inside<&SkippedRow::skipped, &Skipped::point>(case_fields)));

constexpr std::array of_provenance = columns_of(std::tuple{
    field<&ProvenanceRow::key>("key", "", "what the value tells, e.g. mpi.library or env.NCCL_ALGO"),
    field<&ProvenanceRow::value>("value", "", "value"),
});

constexpr std::array of_placements = columns_of(std::tuple{
    field<&Placement::rank>("rank", "1", "rank in the world"),
    field<&Placement::host>("host", "", "host name"),
    field<&Placement::local_rank>("local_rank", "1", "index among the ranks of the host"),
    field<&Placement::numa_node>("numa_node", "1", "NUMA node of the binding; -1: several or not known"),
    field<&Placement::cpus_allowed>("cpus_allowed", "1", "logical CPUs that the rank may run on"),
    field<&Placement::host_cpus>("host_cpus", "1", "logical CPUs that the ranks of the host may run on together"),
    field<&Placement::gpu>("gpu", "", "GPU UUID; empty for host memory"),
});

// The last column counts a table's rows, so every file must have it.
static_assert(of_points.back().spec.since_minor == 0 && of_samples.back().spec.since_minor == 0 &&
              of_skipped.back().spec.since_minor == 0);

}  // namespace

constinit const std::span<const Column<Root>> root_attributes(of_root);
constinit const std::span<const Column<PointRow>> point_columns(of_points);
constinit const std::span<const Column<SampleRow>> sample_columns(of_samples);
constinit const std::span<const Column<SkippedRow>> skipped_columns(of_skipped);
constinit const std::span<const Column<ProvenanceRow>> provenance_columns(of_provenance);
constinit const std::span<const Column<Placement>> placement_columns(of_placements);

}  // namespace hockney::store::schema
