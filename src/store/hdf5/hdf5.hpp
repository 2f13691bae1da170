#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <hdf5.h>
#include <initializer_list>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/unique_handle.hpp"
#include "store/column.hpp"

/// Thin owners of HDF5's handles: one class per concept of HDF5, nothing about measuring. Private to the store.
namespace hockney::store::hdf5 {

/// A call of HDF5 failed.
class Error : public Failure {
 public:
  Error(std::string reason, int system_error, std::source_location where);

  /// "cannot WHAT: HDF5's innermost message", without the source location of what().
  const std::string& reason() const { return reason_; }

  /// The errno that HDF5 reports, e.g. ENOSPC; 0 when no system call was to blame.
  int system_error() const { return system_error_; }

 private:
  std::string reason_;
  int system_error_;
};

/// Throws the Error that HDF5's error stack describes.
[[noreturn]] void fail(std::string_view what, std::source_location where = std::source_location::current());

/// Passes a result of HDF5 through; throws Error when it is negative. `what` completes "cannot ...".
template <class Result>
Result checked(Result result, std::string_view what, std::source_location where = std::source_location::current()) {
  if (result < 0) {
    fail(what, where);
  }
  return result;
}

template <herr_t (*close)(hid_t)>
struct IdentifierTraits {
  using type = hid_t;
  static type none() noexcept { return H5I_INVALID_HID; }
  static void destroy(type id) noexcept { close(id); }
};

/// Owns one HDF5 identifier.
template <herr_t (*close)(hid_t)>
class Handle : public UniqueHandle<IdentifierTraits<close>> {
 public:
  using UniqueHandle<IdentifierTraits<close>>::UniqueHandle;
  hid_t id() const noexcept { return this->get(); }
};

using Type = Handle<H5Tclose>;
using Space = Handle<H5Sclose>;
using Properties = Handle<H5Pclose>;

/// The type of a cell in a file and, as all of Hockney's platforms are little-endian, in memory. A text has `width`
/// bytes, at least 1.
Type cell_type(schema::CellType type, std::size_t width);

/// Bytes of a cell.
std::size_t cell_size(schema::CellType type, std::size_t width);

/// Attributes of a file's root, a group or a dataset, which must outlive this view.
class Attributes {
 public:
  explicit Attributes(hid_t owner) : owner_(owner) {}

  bool has(const std::string& name) const;
  /// Creates an attribute of one cell, or of `count` cells in one dimension.
  void write(const std::string& name, schema::CellType type, std::size_t width, const void* cells,
             std::size_t count = 0);
  void write_text(const std::string& name, std::string_view text);
  /// Width of a text attribute in bytes.
  std::size_t width(const std::string& name) const;
  /// Reads one cell. Throws Error when there is no such attribute, it has another width or holds several cells.
  void read(const std::string& name, schema::CellType type, std::size_t width, void* cell) const;
  std::string read_text(const std::string& name) const;

 private:
  hid_t owner_;
};

/// A group; the root is one too.
class Group {
 public:
  static Group open(hid_t parent, const std::string& path);
  static Group create(hid_t parent, const std::string& path);

  hid_t id() const { return handle_.id(); }
  Attributes attributes() const { return Attributes(id()); }
  bool has(const std::string& name) const;
  std::vector<std::string> members() const;  ///< names, in alphabetic order

 private:
  explicit Group(hid_t id) : handle_(id) {}
  Handle<H5Gclose> handle_;
};

/// How a dataset's rows are kept.
struct Storage {
  /// Rows, when they are known beforehand: up to 2 KiB of them lie in the dataset's header, which HDF5 checks; more in
  /// chunks that are compressed (shuffle, deflate) and checked (fletcher32).
  /// 0: the dataset grows and is neither, so that appending to a chunk writes in place and never tears a checksum.
  std::uint64_t rows = 0;
  std::uint64_t chunk_rows = 256;
};

/// A dataset of rows, 1-D or with a fixed number of columns. Rows are appended at the end. Texts come and go in cells
/// of fixed width; in the file they are of fixed length while it grows, which single-writer mode demands, and of
/// variable length when it is written once, because netCDF-C 4.9 crashes on values of fixed length.
class Dataset {
 public:
  /// `columns` is 0 for a 1-D dataset. Cells that are never written read as NaN (f64) or zero.
  static Dataset create(const Group& parent, const std::string& name, schema::CellType type, std::size_t width,
                        std::uint64_t columns, const Storage& storage);
  /// Throws Error unless the dataset has this kind of cell and number of dimensions; a text's width is that of the
  /// longest.
  static Dataset open(const Group& parent, const std::string& name, schema::CellType type, std::uint64_t columns);

  std::uint64_t rows() const { return rows_; }        ///< as of opening, plus what was appended
  std::uint64_t columns() const { return columns_; }  ///< 0 for a 1-D dataset
  std::size_t width() const { return width_; }        ///< of a text, bytes

  /// Throws Error when the dataset's bytes cannot hold `cells` cells: deflate packs at most 1032 to 1. A damaged file
  /// may claim any number of rows; call this before making room for what it claims.
  void require_stored(double cells) const;

  /// Appends `count` rows of `used` cells each; the other columns of these rows are left unwritten.
  void append(std::uint64_t count, const void* cells, std::uint64_t used = 1);
  /// Makes room for `count` rows without writing them.
  void extend(std::uint64_t count);
  /// Reads `used` cells each of `count` rows from row `first`.
  void read(std::uint64_t first, std::uint64_t count, void* cells, std::uint64_t used = 1) const;
  void flush();

  Attributes attributes() const { return Attributes(handle_.id()); }

 private:
  friend class Dimension;
  Dataset() = default;
  Space select(std::uint64_t first, std::uint64_t count, std::uint64_t used) const;
  Space memory(std::uint64_t count, std::uint64_t used) const;
  void visit_texts(std::uint64_t first, std::uint64_t count,
                   const std::function<void(std::uint64_t row, std::string_view text)>& visit) const;

  Handle<H5Dclose> handle_;
  Type type_;
  std::uint64_t rows_ = 0;
  std::uint64_t columns_ = 0;
  std::size_t width_ = 0;
  bool grows_ = false;
  bool holds_variable_text_ = false;
};

/// A dimension scale without values of its own, as netCDF-4 marks one, and the datasets along it. The attributes are
/// those of HDF5's "Dimension Scale Specification"; its own H5DSattach_scale() writes a dimension's list of datasets
/// anew for each of them, which took a third of the time of a launch file.
class Dimension {
 public:
  static Dimension create(const Group& group, std::string_view name, const Storage& storage);

  /// Says along which dimensions the axes of a dataset lie, one for each.
  static void attach(Dataset& dataset, std::initializer_list<Dimension*> axes);
  /// Writes the list of datasets that were attached; to be called once.
  void list_datasets();

  void extend(std::uint64_t count) { scale_.extend(count); }
  void flush() { scale_.flush(); }

 private:
  /// As H5DSattach_scale() writes them.
  struct User {
    hobj_ref_t dataset;
    int axis;
  };

  explicit Dimension(Dataset scale) : scale_(std::move(scale)) {}

  Dataset scale_;
  std::vector<User> users_;
};

enum class Access {
  read,             ///< a file that nobody writes
  read_while_open,  ///< SWMR: a file whose writer runs or was killed
};

/// How metadata lies in a file.
enum class Layout {
  compact,  ///< packed
  paged,    ///< nothing smaller than a memory page lies across two of them. A kill may stop a write at the end of a
            ///< page, and a torn object header would make its whole dataset unreadable
};

/// An open file. Locks are HDF5's own; where the file system refuses them, they are switched off and locked() says so.
class File {
 public:
  /// Truncates what is there. Format of HDF5 1.10, which SWMR needs and every later library reads.
  static File create(const std::filesystem::path& path, Layout layout = Layout::compact);
  /// Throws InputError unless the file exists and is HDF5; Error when it is damaged.
  static File open(const std::filesystem::path& path, Access access);

  Group root() const { return Group::open(handle_.id(), "/"); }
  bool locked() const { return locked_; }
  void start_single_writer();  ///< SWMR: from here on no new objects or attributes
  /// Writes everything and closes; every group and dataset must be closed before. Throws Error, unlike the destructor.
  void close();

 private:
  File(hid_t id, bool locked) : handle_(id), locked_(locked) {}
  Handle<H5Fclose> handle_;
  bool locked_;
};

}  // namespace hockney::store::hdf5
