#pragma once

#include <string>
#include <vector>

namespace hockney::bench {

/// A variable of NCCL that a whole launch is measured with: a factor of the launch, as algorithms and buffers are
/// factors of a point. NCCL reads most of its variables once per process, so NVLS, SHARP and the number of CTAs cannot
/// change between the points of one launch. Its software (software_of()) tells the launch's curves from others.
struct LaunchSetting {
  std::string name;
  std::string value;
};

/// "NCCL_NVLS_ENABLE=0". Throws InputError for other than NCCL_*, for variables that change nothing that is measured
/// (is_setting()), and for a missing value.
LaunchSetting parse_launch_setting(const std::string& text);

/// Puts them into the environment of this process, over what the launcher gave. To be called before NCCL's first call.
void apply(const std::vector<LaunchSetting>& settings);

}  // namespace hockney::bench
