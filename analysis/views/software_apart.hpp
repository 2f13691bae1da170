#pragma once

#include <map>
#include <set>
#include <string>

#include "render/view.hpp"

namespace hockney::views {

/// What tells launches or curves on different software apart on a screen: of each what not all of them have
/// (differences()), "NCCL_NVLS_ENABLE:0". Programs get the whole text.
class SoftwareApart {
 public:
  /// `software`: the different texts of software_of().
  explicit SoftwareApart(const std::set<std::string>& software);

  /// Whether there is more than one software.
  bool is_needed() const { return told_.size() > 1; }
  /// "software"; a terminal shows it where it is needed.
  render::Column column() const;
  render::Cell cell(const std::string& software) const;
  /// "NCCL_NVLS_ENABLE:0", or "none of these".
  const std::string& told(const std::string& software) const { return told_.at(software); }

 private:
  std::map<std::string, std::string> told_;
};

}  // namespace hockney::views
