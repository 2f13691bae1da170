#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/launch.hpp"
#include "record/measured.hpp"
#include "store/hdf5/hdf5.hpp"
#include "store/schema.hpp"
#include "store/stored_table.hpp"

namespace hockney::store {

/// Which columns of /points and /skipped a new launch has.
enum class Columns { all, used };

/// One launch in an open HDF5 file: the layout of store/schema.hpp below one group. The file must outlive it.
class LaunchGroup {
 public:
  /// Creates attributes and datasets, and writes provenance, placements, what was skipped and `raw_text`, the text that
  /// an imported launch was read from. `rows` are those to come in a file that is written once; none makes a file that
  /// grows. Columns::used leaves out what came after version 1.0 of the schema and no row uses, which halves the time.
  /// Version and counts are not taken from `root`.
  static LaunchGroup create(hdf5::Group group, schema::Root root, const Provenance& provenance,
                            const std::vector<Placement>& placements, const std::vector<Skipped>& skipped,
                            std::string_view raw_text, std::span<const schema::PointRow> rows = {},
                            Columns columns = Columns::all);

  /// Opens for reading. Throws InputError when the group is no launch, or of another major version.
  static LaunchGroup open(hdf5::Group group);

  const schema::Root& root() const { return root_; }

  /// Visits that are committed: rows of /points, as of opening.
  const std::vector<schema::PointRow>& points() const { return rows_; }
  /// Samples of the committed visits.
  std::uint64_t samples() const { return rows_.empty() ? 0 : rows_.back().sample_end; }
  /// Rows of /samples without a commit, which a killed writer leaves.
  std::uint64_t uncommitted_samples() const { return samples_.rows() - samples(); }

  /// Appends samples first, each dataset flushed, and the row of /points last.
  void append(const Measured& measured);
  void append(const Skipped& skipped);
  /// Appends visits and their rows column by column; without `flush` nothing is flushed.
  void append(std::span<const Measurement> visits, std::span<const schema::PointRow> rows, bool flush);
  /// Appends all committed rows of another launch, in blocks of bounded size.
  void append(const LaunchGroup& other);

  Launch read() const;
  Provenance provenance() const;
  std::vector<Placement> placements() const;
  std::vector<Skipped> skipped() const;
  /// /import/raw_text; empty in a measured launch and in files before 1.2.
  std::string raw_text() const;

 private:
  LaunchGroup(hdf5::Group group, schema::Root root, StoredTable<schema::PointRow> points,
              StoredTable<schema::SampleRow> samples, hdf5::Dataset elapsed, StoredTable<schema::SkippedRow> skipped);

  void check_counts() const;
  void check(const Measurement& visit) const;
  void append_elapsed(std::span<const Measurement> visits);
  void copy_elapsed(const LaunchGroup& other);

  hdf5::Group group_;
  schema::Root root_;
  StoredTable<schema::PointRow> points_;
  StoredTable<schema::SampleRow> samples_;
  hdf5::Dataset elapsed_;
  StoredTable<schema::SkippedRow> skipped_;
  std::vector<schema::PointRow> rows_;
  std::vector<hdf5::Dimension>
      dimensions_;  ///< point, sample, skipped_case: grown with their tables; empty when reading
};

/// The rows of /points of a launch that has these visits.
std::vector<schema::PointRow> rows_of(std::span<const Measurement> visits);

}  // namespace hockney::store
