#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <vector>

#include "record/launch.hpp"
#include "store/launch_writer.hpp"

namespace hockney::bench {

/// The launch files that one start of hockney-bench writes; on rank 0 only. A start that measures both curves and
/// replayed steps writes two launches, a file each, so that a step is never predicted from curves of its own launch;
/// they have the provenance entry launch.start in common, and launch.part tells "curves" from "steps". Any other start
/// writes one.
class LaunchFiles {
 public:
  /// What every launch of this start has in common; `info` without run_uuid.
  struct Common {
    std::filesystem::path folder;
    LaunchInfo info;
    Provenance facts;
    std::vector<Placement> placements;
    std::vector<Skipped> skipped;
  };

  /// Begins anew; `two_parts`: curves and steps. Throws InputError as LaunchWriter does.
  static LaunchFiles begin(const Common& common, bool two_parts);

  /// Goes on with the unfinished launch of `now.folder` that was written last, and with the other of the same start, if
  /// there is one: it may be unfinished, finished or not begun. Throws InputError when there is none, and when it was
  /// begun on another machine, with another number of ranks, at other places, with other libraries or with another text
  /// of the plan, whose name is `plan`.
  static LaunchFiles resume(const Common& now, const std::string& plan);

  /// Of the launch, which a resumed one keeps.
  std::uint64_t seed() const { return seed_; }

  bool is_finished(const Case& point, std::uint32_t pass) const;
  /// Whether the file that the point belongs to is still being written.
  bool takes(const Case& point) const { return writers_.at(part_of(point)) != nullptr; }
  /// Whether a launch is one of these.
  bool holds(const std::string& run_uuid) const;
  void append(const Measured& measured) { writer_of(measured.visit.point).append(measured); }
  void append(const Skipped& skipped) { writer_of(skipped.point).append(skipped); }

  /// Ends all launches; the finished files.
  std::vector<std::filesystem::path> finish();

 private:
  enum class Part { curves, steps };

  LaunchFiles(bool two_parts, std::uint64_t seed) : two_parts_(two_parts), seed_(seed) {}
  static const char* name_of_part(Part part);
  Part part_of(const Case& point) const;
  store::LaunchWriter& writer_of(const Case& point);
  void begin_part(const Common& common, Part part, const std::string& start);
  void resume_other(const Common& common, Part part, const std::string& start);

  bool two_parts_;
  std::uint64_t seed_;
  std::map<Part, std::unique_ptr<store::LaunchWriter>> writers_;  ///< null: that part is finished already
};

/// Throws InputError when the launch that was begun in `part` cannot go on as `now` is; see LaunchFiles::resume().
void require_same_launch(const std::filesystem::path& part, const Launch& begun, const LaunchFiles::Common& now,
                         const std::string& plan);

}  // namespace hockney::bench
