#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "store/hdf5/hdf5.hpp"
#include "store/launch_group.hpp"

namespace hockney::store {

/// Runs `read` and turns what goes wrong into an InputError that begins with the file's name.
template <class Read>
auto reading(const std::filesystem::path& path, Read&& read) {
  try {
    return std::forward<Read>(read)();
  } catch (const hdf5::Error& error) {
    throw InputError(path.string() + ": is damaged or no Hockney launch: " + error.reason());
  } catch (const InputError& error) {
    throw InputError(path.string() + ": " + error.what());
  }
}

/// An open launch or campaign file and the launches in it. Use within reading().
class LaunchFile {
 public:
  explicit LaunchFile(const std::filesystem::path& path);

  const std::vector<LaunchGroup>& launches() const { return launches_; }
  bool is_campaign() const { return is_campaign_; }

 private:
  hdf5::File file_;
  bool is_campaign_ = false;
  std::vector<LaunchGroup> launches_;
};

/// Visits every launch of launch files, campaign files and folders of both (see launch_files()). Throws InputError,
/// beginning with the file's name, when one cannot be read or a launch is met twice.
void for_each_launch(std::span<const std::filesystem::path> files_or_folders,
                     const std::function<void(const LaunchGroup&)>& visit);

/// Copies the committed part of a launch into an empty group that is written once. Root attributes are those of
/// `root`, with the counts of what was copied. Throws InputError when the launch has a newer minor schema version,
/// because its additional columns would be lost.
void copy_launch(const LaunchGroup& from, hdf5::Group to, schema::Root root);

/// Makes `path` in one step with what `fill` puts into the root of a new file. Throws InputError when the folder
/// cannot be written or the disk is full, Failure for anything else; `path` is then untouched.
void write_file_once(const std::filesystem::path& path, const std::function<void(hdf5::Group root)>& fill);

}  // namespace hockney::store
