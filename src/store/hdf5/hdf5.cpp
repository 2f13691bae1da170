#include "store/hdf5/hdf5.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>
#include <hdf5_hl.h>
#include <limits>
#include <system_error>

namespace hockney::store::hdf5 {
namespace {

/// Errors become exceptions, so HDF5 prints none. All files are closed by their owners; HDF5's own attempt at exit
/// would only try again what has failed, on a full disk for one, and crashes on it (1.10.8).
void prepare_library() {
  [[maybe_unused]] static const herr_t once = H5dont_atexit();
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

/// HDF5 tells a failed system call only in the text of its error stack: "... errno = 28, error message = ...".
int system_error_in(std::string_view text) {
  constexpr std::string_view mark = "errno = ";
  const auto at = text.find(mark);
  int value = 0;
  if (at != std::string_view::npos) {
    std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), value);
  }
  return value;
}

struct StackSummary {
  std::string innermost;
  int system_error = 0;
};

herr_t visit_error(unsigned, const H5E_error2_t* error, void* data) {
  auto& summary = *static_cast<StackSummary*>(data);
  const std::string_view text = error->desc == nullptr ? "" : error->desc;
  if (summary.innermost.empty()) {
    summary.innermost = text;
  }
  if (summary.system_error == 0) {
    summary.system_error = system_error_in(text);
  }
  return 0;
}

Properties properties(hid_t kind) { return Properties(checked(H5Pcreate(kind), "create a property list")); }

Properties file_access(bool lock) {
  Properties access = properties(H5P_FILE_ACCESS);
  checked(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V110, H5F_LIBVER_V110), "choose the file format");
  constexpr std::size_t chunk_cache_slots = 1009;
  constexpr std::size_t chunk_cache_bytes = 8 << 20;  // of a dataset: one row of chunks of 1024 ranks
  checked(H5Pset_cache(access.id(), 0, chunk_cache_slots, chunk_cache_bytes, 0.75), "size the chunk cache");
  // HDF5 doubles its pause, from 1 ns, after every attempt at reading metadata that a writer may be changing; its
  // default of 100 attempts never ends on a damaged file
  constexpr unsigned metadata_read_attempts = 24;
  checked(H5Pset_metadata_read_attempts(access.id(), metadata_read_attempts), "limit attempts at reading");
  // HDF5 would ignore some refusals of locks by itself, and not tell
  checked(H5Pset_file_locking(access.id(), lock, !lock), "choose file locking");
  return access;
}

Type variable_text_type() {
  Type made = cell_type(schema::CellType::text, 1);
  checked(H5Tset_size(made.id(), H5T_VARIABLE), "make a text type");
  return made;
}

// For a few rows a chunk with its index and filters takes more time and room than it saves.
bool fits_header(const Type& cell, std::uint64_t columns, const Storage& storage) {
  constexpr std::uint64_t most_bytes = 2048;
  const std::uint64_t row = H5Tget_size(cell.id()) * std::max<std::uint64_t>(columns, 1);
  return storage.rows > 0 && storage.rows <= most_bytes / row;
}

void choose_chunks(const Properties& creation, const Type& cell, std::uint64_t columns, const Storage& storage,
                   const std::string& what) {
  constexpr std::uint64_t widest_chunk = 16;  // columns: small groups of a wide launch leave the other chunks unwritten
  constexpr unsigned deflate_level = 4;
  const std::array<hsize_t, 2> chunk{
      storage.rows == 0 ? storage.chunk_rows : std::min(storage.rows, storage.chunk_rows),
      std::min(columns, widest_chunk)};
  checked(H5Pset_chunk(creation.id(), columns == 0 ? 1 : 2, chunk.data()), what);
  const bool has_filters = H5Tis_variable_str(cell.id()) == 0;  // HDF5 has none for texts of variable length
  if (storage.rows > 0 && has_filters) {
    checked(H5Pset_shuffle(creation.id()), what);
    checked(H5Pset_deflate(creation.id(), deflate_level), what);
    checked(H5Pset_fletcher32(creation.id()), what);
  }
}

Properties dataset_creation(schema::CellType type) {
  constexpr const char* what = "describe a dataset";
  Properties creation = properties(H5P_DATASET_CREATE);
  checked(H5Pset_obj_track_times(creation.id(), false), what);
  if (type == schema::CellType::f64) {
    const double missing = std::numeric_limits<double>::quiet_NaN();
    checked(H5Pset_fill_value(creation.id(), H5T_NATIVE_DOUBLE, &missing), what);
  }
  return creation;
}

Properties in_header(schema::CellType type) {
  Properties creation = dataset_creation(type);
  checked(H5Pset_layout(creation.id(), H5D_COMPACT), "describe a dataset");
  return creation;
}

// Made once: a file of a few rows has a hundred such datasets, and making a list takes as long as making a dataset.
const Properties& kept_in_header(schema::CellType type) {
  static const auto* const numbers = new Properties(in_header(schema::CellType::f64));
  static const auto* const others = new Properties(in_header(schema::CellType::u8));
  return type == schema::CellType::f64 ? *numbers : *others;
}

// HDF5 clears its buffer for converting texts, of 1 MiB unless it is told how much is needed.
Properties text_transfer(std::uint64_t count) {
  constexpr std::uint64_t bytes_of_reference = 16;
  constexpr std::uint64_t usual_bytes = 1 << 20;
  Properties transfer = properties(H5P_DATASET_XFER);
  checked(H5Pset_buffer(transfer.id(), std::clamp(count * bytes_of_reference, bytes_of_reference, usual_bytes), nullptr,
                        nullptr),
          "size a buffer");
  return transfer;
}

bool locking_switched_off_by_user() {
  const char* setting = std::getenv("HDF5_USE_FILE_LOCKING");
  return setting != nullptr && (std::string_view(setting) == "FALSE" || std::string_view(setting) == "0");
}

/// What flock() answers on file systems without locks; a lock held by someone else (EWOULDBLOCK) is not among them.
bool is_missing_lock_support(int error) {
  return error == ENOLCK || error == ENOSYS || error == EOPNOTSUPP || error == EINVAL;
}

/// Runs open_with(access properties) with locks and, where the file system has none, without.
template <class OpenWith>
std::pair<hid_t, bool> open_with_or_without_locks(OpenWith open_with, std::string_view what) {
  try {
    return {checked(open_with(file_access(true).id()), what), !locking_switched_off_by_user()};
  } catch (const Error& error) {
    if (!is_missing_lock_support(error.system_error())) {
      throw;
    }
    return {checked(open_with(file_access(false).id()), what), false};
  }
}

hobj_ref_t reference_to(hid_t object) {
  hobj_ref_t reference{};
  checked(H5Rcreate(&reference, object, ".", H5R_OBJECT, H5I_INVALID_HID), "refer to an object");
  return reference;
}

void write_list(hid_t owner, const char* name, const Type& entry, const void* entries, hsize_t count) {
  const std::string what = fmt::format("write attribute '{}'", name);
  const Space space(checked(H5Screate_simple(1, &count, nullptr), what));
  const Handle<H5Aclose> attribute(
      checked(H5Acreate2(owner, name, entry.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT), what));
  checked(H5Awrite(attribute.id(), entry.id(), entries), what);
}

H5T_class_t class_of(schema::CellType type) {
  switch (type) {
    case schema::CellType::f64:
      return H5T_FLOAT;
    case schema::CellType::text:
      return H5T_STRING;
    default:
      return H5T_INTEGER;
  }
}

}  // namespace

Error::Error(std::string reason, int system_error, std::source_location where)
    : Failure(reason, where), reason_(std::move(reason)), system_error_(system_error) {}

void fail(std::string_view what, std::source_location where) {
  StackSummary summary;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, visit_error, &summary);
  if (summary.system_error != 0) {
    summary.innermost = std::generic_category().message(summary.system_error);
  }
  throw Error(fmt::format("cannot {}: {}", what, summary.innermost), summary.system_error, where);
}

Type cell_type(schema::CellType type, std::size_t width) {
  const auto base = [&]() -> hid_t {
    switch (type) {
      case schema::CellType::u8:
        return H5T_STD_U8LE;
      case schema::CellType::i32:
        return H5T_STD_I32LE;
      case schema::CellType::u32:
        return H5T_STD_U32LE;
      case schema::CellType::u64:
        return H5T_STD_U64LE;
      case schema::CellType::i64:
        return H5T_STD_I64LE;
      case schema::CellType::f64:
        return H5T_IEEE_F64LE;
      case schema::CellType::text:
        return H5T_C_S1;
    }
    throw Failure("no HDF5 type for this cell");
  }();
  Type made(checked(H5Tcopy(base), "copy a type"));
  if (type == schema::CellType::text) {
    checked(H5Tset_size(made.id(), std::max<std::size_t>(width, 1)), "set the width of a text");
    checked(H5Tset_strpad(made.id(), H5T_STR_NULLPAD), "set the padding of a text");
    checked(H5Tset_cset(made.id(), H5T_CSET_UTF8), "set the character set of a text");
  }
  return made;
}

std::size_t cell_size(schema::CellType type, std::size_t width) {
  switch (type) {
    case schema::CellType::u8:
      return 1;
    case schema::CellType::i32:
    case schema::CellType::u32:
      return 4;
    case schema::CellType::text:
      return std::max<std::size_t>(width, 1);
    default:
      return 8;
  }
}

bool Attributes::has(const std::string& name) const {
  return checked(H5Aexists(owner_, name.c_str()), "look for attribute '" + name + "'") > 0;
}

void Attributes::write(const std::string& name, schema::CellType type, std::size_t width, const void* cells,
                       std::size_t count) {
  const std::string what = "write attribute '" + name + "'";
  const Type cell = cell_type(type, width);
  const hsize_t extent = count;
  const Space space(
      checked(count == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &extent, nullptr), "create a dataspace"));
  const Handle<H5Aclose> attribute(
      checked(H5Acreate2(owner_, name.c_str(), cell.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT), what));
  checked(H5Awrite(attribute.id(), cell.id(), cells), what);
}

void Attributes::write_text(const std::string& name, std::string_view text) {
  const std::string padded = text.empty() ? std::string(1, '\0') : std::string(text);
  write(name, schema::CellType::text, padded.size(), padded.data());
}

std::size_t Attributes::width(const std::string& name) const {
  const std::string what = "read attribute '" + name + "'";
  const Handle<H5Aclose> attribute(checked(H5Aopen(owner_, name.c_str(), H5P_DEFAULT), what));
  const Type stored(checked(H5Aget_type(attribute.id()), what));
  return H5Tget_size(stored.id());
}

void Attributes::read(const std::string& name, schema::CellType type, std::size_t width, void* cell) const {
  const std::string what = "read attribute '" + name + "'";
  const Handle<H5Aclose> attribute(checked(H5Aopen(owner_, name.c_str(), H5P_DEFAULT), what));
  const Space space(checked(H5Aget_space(attribute.id()), what));
  const Type stored(checked(H5Aget_type(attribute.id()), what));
  if (H5Sget_simple_extent_npoints(space.id()) != 1 || H5Tget_class(stored.id()) != class_of(type) ||
      H5Tget_size(stored.id()) != cell_size(type, width) || H5Tis_variable_str(stored.id()) > 0) {
    throw Error(fmt::format("attribute '{}' is not one {}", name, name_of_cell(type)), 0,
                std::source_location::current());
  }
  checked(H5Aread(attribute.id(), cell_type(type, width).id(), cell), what);
}

std::string Attributes::read_text(const std::string& name) const {
  std::string text(width(name), '\0');
  read(name, schema::CellType::text, text.size(), text.data());
  text.resize(std::min(text.find('\0'), text.size()));
  return text;
}

Group Group::open(hid_t parent, const std::string& path) {
  return Group(checked(H5Gopen2(parent, path.c_str(), H5P_DEFAULT), "open group '" + path + "'"));
}

Group Group::create(hid_t parent, const std::string& path) {
  const std::string what = "create group '" + path + "'";
  const Properties creation = properties(H5P_GROUP_CREATE);
  checked(H5Pset_obj_track_times(creation.id(), false), what);
  return Group(checked(H5Gcreate2(parent, path.c_str(), H5P_DEFAULT, creation.id(), H5P_DEFAULT), what));
}

bool Group::has(const std::string& name) const {
  return checked(H5Lexists(id(), name.c_str(), H5P_DEFAULT), "look for '" + name + "'") > 0;
}

std::vector<std::string> Group::members() const {
  H5G_info_t info{};
  checked(H5Gget_info(id(), &info), "list a group");
  std::vector<std::string> names;
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    const auto name_by_index = [&](char* name, std::size_t size) {
      return checked(H5Lget_name_by_idx(id(), ".", H5_INDEX_NAME, H5_ITER_INC, i, name, size, H5P_DEFAULT),
                     "list a group");
    };
    std::string name(static_cast<std::size_t>(name_by_index(nullptr, 0)), '\0');
    name_by_index(name.data(), name.size() + 1);
    names.push_back(std::move(name));
  }
  return names;
}

Dataset Dataset::create(const Group& parent, const std::string& name, schema::CellType type, std::size_t width,
                        std::uint64_t columns, const Storage& storage) {
  const std::string what = "create dataset '" + name + "'";
  Dataset made;
  made.columns_ = columns;
  made.width_ = width;
  made.grows_ = storage.rows == 0;
  made.holds_variable_text_ = type == schema::CellType::text && !made.grows_;
  made.type_ = made.holds_variable_text_ ? variable_text_type() : cell_type(type, width);
  const int rank = columns == 0 ? 1 : 2;
  const std::array<hsize_t, 2> extent{storage.rows, columns};
  const std::array<hsize_t, 2> most{made.grows_ ? H5S_UNLIMITED : extent[0], columns};
  const Space space(checked(H5Screate_simple(rank, extent.data(), most.data()), what));
  const auto create_with = [&](const Properties& creation) {
    made.handle_ = Handle<H5Dclose>(checked(
        H5Dcreate2(parent.id(), name.c_str(), made.type_.id(), space.id(), H5P_DEFAULT, creation.id(), H5P_DEFAULT),
        what));
  };
  if (fits_header(made.type_, columns, storage)) {
    create_with(kept_in_header(type));
  } else {
    const Properties creation = dataset_creation(type);
    choose_chunks(creation, made.type_, columns, storage, what);
    create_with(creation);
  }
  return made;
}

Dataset Dataset::open(const Group& parent, const std::string& name, schema::CellType type, std::uint64_t columns) {
  const std::string what = "open dataset '" + name + "'";
  Dataset opened;
  opened.handle_ = Handle<H5Dclose>(checked(H5Dopen2(parent.id(), name.c_str(), H5P_DEFAULT), what));
  const Type stored(checked(H5Dget_type(opened.handle_.id()), what));
  const Space space(checked(H5Dget_space(opened.handle_.id()), what));
  opened.holds_variable_text_ = type == schema::CellType::text && H5Tis_variable_str(stored.id()) > 0;
  opened.width_ = type == schema::CellType::text ? H5Tget_size(stored.id()) : 0;
  opened.type_ = opened.holds_variable_text_ ? variable_text_type() : cell_type(type, opened.width_);
  const int rank = columns == 0 ? 1 : 2;
  if (H5Tequal(stored.id(), opened.type_.id()) <= 0 || H5Sget_simple_extent_ndims(space.id()) != rank) {
    throw Error(fmt::format("dataset '{}' is not a column of {}", name, name_of_cell(type)), 0,
                std::source_location::current());
  }
  std::array<hsize_t, 2> extent{};
  checked(H5Sget_simple_extent_dims(space.id(), extent.data(), nullptr), what);
  opened.rows_ = extent[0];
  opened.columns_ = extent[1];
  if (opened.holds_variable_text_) {
    opened.require_stored(static_cast<double>(opened.rows_));
    opened.width_ = 1;
    opened.visit_texts(0, opened.rows_, [&](std::uint64_t, std::string_view text) {
      opened.width_ = std::max(opened.width_, text.size());
    });
  }
  return opened;
}

Space Dataset::select(std::uint64_t first, std::uint64_t count, std::uint64_t used) const {
  Space space(checked(H5Dget_space(handle_.id()), "get a dataspace"));
  const std::array<hsize_t, 2> start{first, 0};
  const std::array<hsize_t, 2> size{count, used};
  checked(H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr), "select rows");
  return space;
}

void Dataset::extend(std::uint64_t count) {
  rows_ += count;
  if (grows_) {
    const std::array<hsize_t, 2> extent{rows_, columns_};
    checked(H5Dset_extent(handle_.id(), extent.data()), "extend a dataset");
  }
}

Space Dataset::memory(std::uint64_t count, std::uint64_t used) const {
  const std::array<hsize_t, 2> size{count, used};
  return Space(checked(H5Screate_simple(columns_ == 0 ? 1 : 2, size.data(), nullptr), "create a dataspace"));
}

void Dataset::append(std::uint64_t count, const void* cells, std::uint64_t used) {
  if (count == 0) {
    return;
  }
  const std::uint64_t first = rows_;
  extend(count);
  const Space target = select(first, count, used);
  const auto write = [&](const void* values, hid_t transfer) {
    checked(H5Dwrite(handle_.id(), type_.id(), memory(count, used).id(), target.id(), transfer, values), "append rows");
  };
  if (!holds_variable_text_) {
    write(cells, H5P_DEFAULT);
    return;
  }
  std::vector<std::string> texts;
  std::vector<const char*> pointers;
  texts.reserve(count);
  for (std::uint64_t row = 0; row < count; ++row) {
    const char* cell = static_cast<const char*>(cells) + row * width_;
    pointers.push_back(texts.emplace_back(cell, strnlen(cell, width_)).c_str());
  }
  write(pointers.data(), text_transfer(count).id());
}

void Dataset::require_stored(double cells) const {
  constexpr double densest = 1032;  // https://zlib.net/zlib_tech.html
  const Type stored(checked(H5Dget_type(handle_.id()), "get a type"));
  const auto bytes = static_cast<double>(H5Dget_storage_size(handle_.id()));
  if (cells * static_cast<double>(H5Tget_size(stored.id())) > densest * bytes) {
    throw Error(fmt::format("a dataset claims {} values, more than its {} bytes can hold", cells, bytes), 0,
                std::source_location::current());
  }
}

void Dataset::read(std::uint64_t first, std::uint64_t count, void* cells, std::uint64_t used) const {
  if (count == 0) {
    return;
  }
  if (holds_variable_text_) {
    visit_texts(first, count, [&](std::uint64_t row, std::string_view text) {
      char* cell = static_cast<char*>(cells) + row * width_;
      std::memset(cell, 0, width_);
      std::copy(text.begin(), text.end(), cell);
    });
    return;
  }
  checked(
      H5Dread(handle_.id(), type_.id(), memory(count, used).id(), select(first, count, used).id(), H5P_DEFAULT, cells),
      "read rows");
}

void Dataset::visit_texts(std::uint64_t first, std::uint64_t count,
                          const std::function<void(std::uint64_t row, std::string_view text)>& visit) const {
  std::vector<char*> texts(count);
  const Space space = memory(count, 1);
  checked(H5Dread(handle_.id(), type_.id(), space.id(), select(first, count, 1).id(), text_transfer(count).id(),
                  texts.data()),
          "read rows");
  for (std::uint64_t row = 0; row < count; ++row) {
    visit(row, texts[row] == nullptr ? std::string_view{} : std::string_view{texts[row]});
  }
  checked(H5Dvlen_reclaim(type_.id(), space.id(), H5P_DEFAULT, texts.data()), "free texts");
}

void Dataset::flush() { checked(H5Dflush(handle_.id()), "flush rows"); }

Dimension Dimension::create(const Group& group, std::string_view name, const Storage& storage) {
  // netCDF-4's mark of a dimension without values (NC_GLOBAL hdf5internal.h: DIM_WITHOUT_VARIABLE)
  const std::string mark = fmt::format("This is a netCDF dimension but not a netCDF variable.{:10}", 0);
  Dataset scale = Dataset::create(group, std::string(name), schema::CellType::u8, 0, 0, storage);
  checked(H5DSset_scale(scale.handle_.id(), mark.c_str()), fmt::format("make dimension '{}'", name));
  return Dimension(std::move(scale));
}

void Dimension::attach(Dataset& dataset, std::initializer_list<Dimension*> axes) {
  constexpr const char* what = "attach a dimension";
  std::vector<hobj_ref_t> scales;
  for (Dimension* const dimension : axes) {
    dimension->users_.push_back({reference_to(dataset.handle_.id()), static_cast<int>(scales.size())});
    scales.push_back(reference_to(dimension->scale_.handle_.id()));
  }
  std::vector<hvl_t> lists;
  for (hobj_ref_t& scale : scales) {
    lists.push_back({1, &scale});
  }
  const Type list(checked(H5Tvlen_create(H5T_STD_REF_OBJ), what));
  write_list(dataset.handle_.id(), "DIMENSION_LIST", list, lists.data(), lists.size());
}

void Dimension::list_datasets() {
  constexpr const char* what = "list the datasets of a dimension";
  const Type user(checked(H5Tcreate(H5T_COMPOUND, sizeof(User)), what));
  checked(H5Tinsert(user.id(), "dataset", offsetof(User, dataset), H5T_STD_REF_OBJ), what);
  checked(H5Tinsert(user.id(), "dimension", offsetof(User, axis), H5T_NATIVE_INT), what);
  write_list(scale_.handle_.id(), "REFERENCE_LIST", user, users_.data(), users_.size());
}

File File::create(const std::filesystem::path& path, Layout layout) {
  constexpr hsize_t memory_page = 4096;
  prepare_library();
  const Properties creation = properties(H5P_FILE_CREATE);
  checked(H5Pset_obj_track_times(creation.id(), false), "create a file");
  if (layout == Layout::paged) {
    checked(H5Pset_file_space_strategy(creation.id(), H5F_FSPACE_STRATEGY_PAGE, false, 1), "choose the file layout");
    checked(H5Pset_file_space_page_size(creation.id(), memory_page), "choose the file layout");
  }
  const auto [id, locked] = open_with_or_without_locks(
      [&](hid_t access) { return H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.id(), access); }, "create a file");
  return {id, locked};
}

File File::open(const std::filesystem::path& path, Access access) {
  if (!std::filesystem::exists(path)) {
    throw InputError("no such file");
  }
  prepare_library();
  if (!std::filesystem::is_regular_file(path) || H5Fis_hdf5(path.c_str()) <= 0) {
    throw InputError("is no HDF5 file");
  }
  const unsigned flags = access == Access::read ? H5F_ACC_RDONLY : H5F_ACC_RDONLY | H5F_ACC_SWMR_READ;
  const auto [id, locked] = open_with_or_without_locks(
      [&](hid_t properties) { return H5Fopen(path.c_str(), flags, properties); }, "open the file");
  return {id, locked};
}

void File::start_single_writer() { checked(H5Fstart_swmr_write(handle_.id()), "start single-writer mode"); }

void File::close() {
  checked(H5Fflush(handle_.id(), H5F_SCOPE_GLOBAL), "write the file");
  Handle<H5Fclose> closing = std::move(handle_);
  handle_ = {};
}

}  // namespace hockney::store::hdf5
