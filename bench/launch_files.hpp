#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
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

  /// Goes on with the launch that `part` holds, which has been read as `begun`, and with the other of the same start,
  /// if there is one: it may be unfinished, finished or not begun.
  static LaunchFiles resume(const Common& common, const std::filesystem::path& part, const Launch& begun);

  bool is_finished(const Case& point, std::uint32_t pass) const;
  void append(const Measurement& visit) { writer_of(visit.point).append(visit); }
  void append(const Skipped& skipped) { writer_of(skipped.point).append(skipped); }

  /// Ends all launches; the finished files.
  std::vector<std::filesystem::path> finish();

 private:
  enum class Part { curves, steps };

  explicit LaunchFiles(bool two_parts) : two_parts_(two_parts) {}
  static const char* name_of_part(Part part);
  Part part_of(const Case& point) const;
  store::LaunchWriter& writer_of(const Case& point);
  void begin_part(const Common& common, Part part, const std::string& start);
  void resume_other(const Common& common, Part part, const std::string& start);

  bool two_parts_;
  std::map<Part, std::unique_ptr<store::LaunchWriter>> writers_;  ///< null: that part is finished already
};

}  // namespace hockney::bench
