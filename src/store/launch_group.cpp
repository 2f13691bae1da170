#include "store/launch_group.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace hockney::store {
namespace {

using hdf5::Dataset;
using hdf5::Dimension;
using hdf5::Storage;

// Chunks are as large as pays off for compression, and small where a growing file writes whole ones at every flush.
constexpr Storage growing_points{0, 64};
constexpr Storage growing_samples{0, 2048};
constexpr std::uint64_t point_chunk = 1024;
constexpr std::uint64_t sample_chunk = 16384;
constexpr std::uint64_t elapsed_chunk = 2048;
constexpr std::uint64_t raw_text_chunk = 1 << 16;
constexpr std::uint64_t block_rows = sample_chunk;

Storage once(std::uint64_t rows) { return {rows, point_chunk}; }

void write_root(const hdf5::Group& group, const schema::Root& root) {
  constexpr std::size_t longest_text = 1 << 20;
  for (const auto& attribute : schema::root_attributes) {
    const auto& spec = attribute.spec;
    const std::size_t width = std::min(attribute.length(root), longest_text);
    std::vector<std::byte> cell(hdf5::cell_size(spec.type, width));
    attribute.store(root, cell.data(), width);
    group.attributes().write(std::string(spec.name), spec.type, width, cell.data());
  }
}

void check_version(const schema::Root& root) {
  const auto major = [](std::string_view version) { return version.substr(0, version.find('.')); };
  if (root.schema_name != schema::launch_name) {
    throw InputError(fmt::format("is no Hockney launch: its schema_name is '{}'", root.schema_name));
  }
  if (major(root.schema_version) != major(schema::version)) {
    throw InputError(fmt::format("has schema version {}; this program reads version {}.x", root.schema_version,
                                 major(schema::version)));
  }
}

schema::Root read_root(const hdf5::Group& group) {
  schema::Root root;
  const hdf5::Attributes attributes = group.attributes();
  if (!attributes.has("schema_name") || !attributes.has("schema_version")) {
    throw InputError("is no Hockney launch: it has no schema_name and schema_version");
  }
  root.schema_name = attributes.read_text("schema_name");
  root.schema_version = attributes.read_text("schema_version");
  check_version(root);
  for (const auto& attribute : schema::root_attributes) {
    const std::string name(attribute.spec.name);
    const std::size_t width = attribute.spec.type == schema::CellType::text ? attributes.width(name) : 0;
    std::vector<std::byte> cell(hdf5::cell_size(attribute.spec.type, width));
    attributes.read(name, attribute.spec.type, width, cell.data());
    attribute.load(root, cell.data(), width);
  }
  return root;
}

template <class Row>
StoredTable<Row> create_table(const hdf5::Group& group, std::span<const schema::Column<Row>> columns,
                              const Storage& storage, Dimension& dimension, const std::vector<Row>& rows) {
  auto table = StoredTable<Row>::create(group, columns, storage, dimension, std::span<const Row>(rows));
  table.append(rows, false);
  return table;
}

template <class Row>
std::vector<Row> read_table(const hdf5::Group& parent, std::string_view path,
                            std::span<const schema::Column<Row>> columns) {
  const auto group = hdf5::Group::open(parent.id(), std::string(path));
  const auto table = StoredTable<Row>::open(group, columns);
  return table.read(0, table.rows());
}

void write_raw_text(const hdf5::Group& group, std::string_view text, Dimension& dimension) {
  Dataset bytes = Dataset::create(group, std::string(schema::raw_text_name), schema::raw_text_column.type, 0, 0,
                                  {text.size(), raw_text_chunk});
  describe(schema::raw_text_column, bytes.attributes());
  Dimension::attach(bytes, {&dimension});
  bytes.append(text.size(), text.data());
}

std::vector<schema::ProvenanceRow> rows_of(const Provenance& provenance) {
  std::vector<schema::ProvenanceRow> rows;
  for (const auto& [key, value] : provenance) {
    rows.push_back({key, value});
  }
  return rows;
}

std::string cut_to(std::string text, std::size_t width) {
  constexpr std::string_view cut = "...";
  if (text.size() <= width) {
    return text;
  }
  std::size_t end = width - cut.size();
  while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;  // not in the middle of a UTF-8 character
  }
  return text.substr(0, end).append(cut);
}

schema::SkippedRow row_of(const Skipped& skipped) {
  return {skipped.point.name(), {skipped.point, cut_to(skipped.reason, schema::reason_width)}};
}

// What a library calls itself may be of any length, and costs no visit.
Observation that_fits(const Observation& observed) {
  Observation kept = observed;
  kept.algorithm = cut_to(observed.algorithm, schema::observed_name_width);
  kept.protocol = cut_to(observed.protocol, schema::observed_name_width);
  kept.connections = cut_to(observed.connections, schema::observed_list_width);
  kept.settings = cut_to(observed.settings, schema::observed_list_width);
  return kept;
}

constexpr double not_taken = std::numeric_limits<double>::quiet_NaN();

void add_sample_rows(std::vector<schema::SampleRow>& rows, const Measurement& visit) {
  for (std::size_t i = 0; i < visit.samples(); ++i) {
    const std::span<const double> ranks = visit.sample(i);
    const auto slowest = std::max_element(ranks.begin(), ranks.end());
    rows.push_back({visit.point_id, visit.pass, static_cast<std::uint32_t>(i), *slowest,
                    *std::min_element(ranks.begin(), ranks.end()), static_cast<std::uint32_t>(slowest - ranks.begin()),
                    visit.enqueue_s.empty() ? not_taken : visit.enqueue_s[i],
                    visit.host_s.empty() ? not_taken : visit.host_s[i]});
  }
}

// Empty when no sample has a time of this kind.
std::vector<double> host_times(const std::vector<schema::SampleRow>& rows, double schema::SampleRow::*time) {
  std::vector<double> times(rows.size());
  std::transform(rows.begin(), rows.end(), times.begin(), [time](const schema::SampleRow& row) { return row.*time; });
  return std::all_of(times.begin(), times.end(), [](double t) { return std::isnan(t); }) ? std::vector<double>{}
                                                                                         : times;
}

schema::PointRow point_row_of(const Measurement& visit, const Summary& summary, std::uint64_t sample_begin) {
  schema::PointRow row{visit.point.name(), visit, summary, sample_begin, sample_begin + visit.samples()};
  row.visit.observation = that_fits(visit.observation);
  return row;
}

}  // namespace

LaunchGroup::LaunchGroup(hdf5::Group group, schema::Root root, StoredTable<schema::PointRow> points,
                         StoredTable<schema::SampleRow> samples, Dataset elapsed,
                         StoredTable<schema::SkippedRow> skipped)
    : group_(std::move(group)),
      root_(std::move(root)),
      points_(std::move(points)),
      samples_(std::move(samples)),
      elapsed_(std::move(elapsed)),
      skipped_(std::move(skipped)) {}

LaunchGroup LaunchGroup::create(hdf5::Group group, schema::Root root, const Provenance& provenance,
                                const std::vector<Placement>& placements, const std::vector<Skipped>& skipped,
                                std::string_view raw_text, std::span<const schema::PointRow> rows, Columns columns) {
  root.schema_version = schema::version;  // a copy of an older launch gets the columns of today
  root.points = rows.size();
  root.samples = rows.empty() ? 0 : rows.back().sample_end;
  const bool grows = rows.empty();
  const std::uint64_t ranks = std::max<std::uint64_t>(root.info.ranks, 1);
  std::vector<schema::SkippedRow> skipped_rows(skipped.size());
  std::transform(skipped.begin(), skipped.end(), skipped_rows.begin(), row_of);
  const std::vector<schema::ProvenanceRow> provenance_rows = rows_of(provenance);

  write_root(group, root);
  const auto child = [&](std::string_view path) { return hdf5::Group::create(group.id(), std::string(path)); };
  const Storage point_storage = grows ? growing_points : once(root.points);
  const Storage sample_storage = grows ? growing_samples : Storage{root.samples, sample_chunk};
  const Storage elapsed_storage = grows ? growing_samples : Storage{root.samples, elapsed_chunk};
  const Storage skipped_storage = grows ? growing_points : once(skipped.size());
  std::vector<Dimension> dimensions;
  dimensions.push_back(Dimension::create(group, schema::point_dimension, point_storage));
  dimensions.push_back(Dimension::create(group, schema::sample_dimension, sample_storage));
  dimensions.push_back(Dimension::create(group, schema::skipped_dimension, skipped_storage));
  Dimension rank = Dimension::create(group, schema::rank_dimension, once(ranks));
  Dimension entry = Dimension::create(group, schema::provenance_dimension, once(provenance.size()));
  Dimension world_rank = Dimension::create(group, schema::placement_dimension, once(placements.size()));
  Dimension raw_byte = Dimension::create(group, schema::raw_text_dimension, {raw_text.size(), raw_text_chunk});

  create_table(child(schema::provenance_path), schema::provenance_columns, once(provenance.size()), entry,
               provenance_rows);
  create_table(child(schema::placements_path), schema::placement_columns, once(placements.size()), world_rank,
               placements);
  write_raw_text(child(schema::import_path), raw_text, raw_byte);
  auto points = StoredTable<schema::PointRow>::create(child(schema::points_path), schema::point_columns, point_storage,
                                                      dimensions[0],
                                                      columns == Columns::used ? std::optional(rows) : std::nullopt);
  auto samples = StoredTable<schema::SampleRow>::create(child(schema::samples_path), schema::sample_columns,
                                                        sample_storage, dimensions[1]);
  Dataset elapsed = Dataset::create(child(schema::rank_samples_path), std::string(schema::elapsed_name),
                                    schema::elapsed_column.type, 0, ranks, elapsed_storage);
  describe(schema::elapsed_column, elapsed.attributes());
  Dimension::attach(elapsed, {&dimensions[1], &rank});
  auto skips = StoredTable<schema::SkippedRow>::create(
      child(schema::skipped_path), schema::skipped_columns, skipped_storage, dimensions[2],
      columns == Columns::used ? std::optional(std::span<const schema::SkippedRow>(skipped_rows)) : std::nullopt);
  skips.append(skipped_rows, false);
  dimensions[2].extend(skipped.size());
  for (Dimension* each : {&dimensions[0], &dimensions[1], &dimensions[2], &rank, &entry, &world_rank, &raw_byte}) {
    each->list_datasets();
  }

  LaunchGroup made(std::move(group), root, std::move(points), std::move(samples), std::move(elapsed), std::move(skips));
  made.dimensions_ = std::move(dimensions);
  return made;
}

LaunchGroup LaunchGroup::open(hdf5::Group group) {
  schema::Root root = read_root(group);
  const std::uint64_t ranks = std::max<std::uint64_t>(root.info.ranks, 1);
  const auto child = [&](std::string_view path) { return hdf5::Group::open(group.id(), std::string(path)); };
  // the commit mark first: whatever it covers is in the datasets that are opened after it
  auto points = StoredTable<schema::PointRow>::open(child(schema::points_path), schema::point_columns);
  auto rows = points.read(0, points.rows());
  auto samples = StoredTable<schema::SampleRow>::open(child(schema::samples_path), schema::sample_columns);
  auto elapsed = Dataset::open(child(schema::rank_samples_path), std::string(schema::elapsed_name),
                               schema::elapsed_column.type, ranks);
  auto skipped = StoredTable<schema::SkippedRow>::open(child(schema::skipped_path), schema::skipped_columns);
  LaunchGroup opened(std::move(group), std::move(root), std::move(points), std::move(samples), std::move(elapsed),
                     std::move(skipped));
  opened.rows_ = std::move(rows);
  opened.check_counts();
  return opened;
}

void LaunchGroup::check_counts() const {
  std::uint64_t next = 0;
  double times = 0;
  for (const schema::PointRow& row : rows_) {
    if (row.sample_begin != next || row.sample_end <= next || row.sample_end - next != row.summary.samples ||
        row.visit.rank_columns == 0 || row.visit.rank_columns > elapsed_.columns()) {
      throw InputError(fmt::format("is damaged: the row of '{}' in /points contradicts itself", row.name));
    }
    next = row.sample_end;
    times += static_cast<double>(row.summary.samples) * row.visit.rank_columns;
  }
  elapsed_.require_stored(times);
  if (next > samples_.rows() || next > elapsed_.rows()) {
    throw InputError(fmt::format("is damaged: /points counts {} samples, /samples has {} and /rank_samples {}", next,
                                 samples_.rows(), elapsed_.rows()));
  }
  const bool written_once = root_.points != 0 || root_.info.finalised;
  if (written_once && (root_.points != rows_.size() || root_.samples != next)) {
    throw InputError(fmt::format("is damaged: it has {} points with {} samples, and n_points = {}, n_samples = {}",
                                 rows_.size(), next, root_.points, root_.samples));
  }
}

void LaunchGroup::check(const Measurement& visit) const {
  const auto one_each = [&](const std::vector<double>& times) {
    return times.empty() || times.size() == visit.samples();
  };
  if (!one_each(visit.enqueue_s) || !one_each(visit.host_s)) {
    throw Failure(fmt::format("'{}' has {} samples, {} enqueue times and {} host times", visit.point.name(),
                              visit.samples(), visit.enqueue_s.size(), visit.host_s.size()));
  }
  if (visit.samples() == 0 || visit.rank_columns > elapsed_.columns()) {
    throw Failure(
        fmt::format("'{}' has {} samples of {} ranks; a launch of {} ranks keeps 1 or more of at most as many",
                    visit.point.name(), visit.samples(), visit.rank_columns, elapsed_.columns()));
  }
}

void LaunchGroup::append(const Measured& measured) {
  const schema::PointRow row = point_row_of(measured.visit, measured.summary, samples_.rows());
  append({&measured.visit, 1}, {&row, 1}, true);
}

std::vector<schema::PointRow> rows_of(std::span<const Measurement> visits) {
  std::vector<schema::PointRow> rows;
  rows.reserve(visits.size());
  for (const Measurement& visit : visits) {
    rows.push_back(point_row_of(visit, summarise(visit), rows.empty() ? 0 : rows.back().sample_end));
  }
  return rows;
}

void LaunchGroup::append(std::span<const Measurement> visits, std::span<const schema::PointRow> rows, bool flush) {
  std::vector<schema::SampleRow> samples;
  for (const Measurement& visit : visits) {
    check(visit);
    add_sample_rows(samples, visit);
  }
  samples_.append(samples, flush);
  append_elapsed(visits);
  dimensions_[1].extend(samples.size());
  dimensions_[0].extend(rows.size());
  if (flush) {
    elapsed_.flush();
    dimensions_[1].flush();
    dimensions_[0].flush();
  }
  points_.append(rows, flush);
  rows_.insert(rows_.end(), rows.begin(), rows.end());
}

// Visits of as many ranks are written together.
void LaunchGroup::append_elapsed(std::span<const Measurement> visits) {
  while (!visits.empty()) {
    const std::uint32_t ranks = visits.front().rank_columns;
    const auto end = std::find_if(visits.begin(), visits.end(),
                                  [ranks](const Measurement& visit) { return visit.rank_columns != ranks; });
    std::vector<double> times;
    for (const Measurement& visit : visits.first(static_cast<std::size_t>(end - visits.begin()))) {
      times.insert(times.end(), visit.elapsed.begin(), visit.elapsed.end());
    }
    elapsed_.append(times.size() / ranks, times.data(), ranks);
    visits = {end, visits.end()};
  }
}

void LaunchGroup::append(const Skipped& skipped) {
  const schema::SkippedRow row = row_of(skipped);
  skipped_.append({&row, 1}, true);
  dimensions_[2].extend(1);
  dimensions_[2].flush();
}

void LaunchGroup::append(const LaunchGroup& other) {
  for (std::uint64_t first = 0; first < other.samples(); first += block_rows) {
    samples_.append(other.samples_.read(first, std::min(block_rows, other.samples() - first)), false);
  }
  copy_elapsed(other);
  points_.append(other.rows_, false);
  dimensions_[0].extend(other.rows_.size());
  dimensions_[1].extend(other.samples());
  rows_ = other.rows_;
}

void LaunchGroup::copy_elapsed(const LaunchGroup& other) {
  auto visit = other.rows_.begin();
  for (std::uint64_t first = 0; first < other.samples(); first += block_rows) {
    const std::uint64_t count = std::min(block_rows, other.samples() - first);
    std::uint64_t used = 0;
    while (true) {
      used = std::max<std::uint64_t>(used, visit->visit.rank_columns);
      if (visit->sample_end >= first + count) {
        break;
      }
      ++visit;
    }
    std::vector<double> block(count * used);
    other.elapsed_.read(first, count, block.data(), used);
    elapsed_.append(count, block.data(), used);
  }
}

Launch LaunchGroup::read() const {
  Launch launch{root_.info, provenance(), placements(), {}, skipped()};
  for (const schema::PointRow& row : rows_) {
    Measurement& visit = launch.measurements.emplace_back(Measurement{row.visit, {}, {}, {}});
    visit.elapsed.resize(row.summary.samples * visit.rank_columns);
    elapsed_.read(row.sample_begin, row.summary.samples, visit.elapsed.data(), visit.rank_columns);
    const std::vector<schema::SampleRow> samples = samples_.read(row.sample_begin, row.summary.samples);
    visit.enqueue_s = host_times(samples, &schema::SampleRow::t_enqueue);
    visit.host_s = host_times(samples, &schema::SampleRow::t_host);
  }
  return launch;
}

Provenance LaunchGroup::provenance() const {
  Provenance provenance;
  for (const auto& row : read_table(group_, schema::provenance_path, schema::provenance_columns)) {
    provenance.emplace(row.key, row.value);
  }
  return provenance;
}

std::vector<Placement> LaunchGroup::placements() const {
  return read_table(group_, schema::placements_path, schema::placement_columns);
}

std::vector<Skipped> LaunchGroup::skipped() const {
  std::vector<Skipped> all;
  for (auto& row : skipped_.read(0, skipped_.rows())) {
    all.push_back(std::move(row.skipped));
  }
  return all;
}

std::string LaunchGroup::raw_text() const {
  const std::string path(schema::import_path);
  const std::string name(schema::raw_text_name);
  if (!group_.has(path) || !hdf5::Group::open(group_.id(), path).has(name)) {
    return {};
  }
  const auto bytes = Dataset::open(hdf5::Group::open(group_.id(), path), name, schema::raw_text_column.type, 0);
  if (bytes.rows() > schema::longest_raw_text) {
    throw InputError(fmt::format("is damaged: its imported text has {} bytes", bytes.rows()));
  }
  std::string text(bytes.rows(), '\0');
  bytes.read(0, bytes.rows(), text.data());
  return text;
}

}  // namespace hockney::store
