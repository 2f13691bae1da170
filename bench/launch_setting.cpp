#include "launch_setting.hpp"

#include <cstdlib>
#include <fmt/format.h>

#include "base/error.hpp"
#include "record/software.hpp"

namespace hockney::bench {

LaunchSetting parse_launch_setting(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals + 1 == text.size() || !text.starts_with("NCCL_")) {
    throw InputError(fmt::format("--set '{}': expected NCCL_NAME=VALUE, e.g. NCCL_NVLS_ENABLE=0", text));
  }
  LaunchSetting setting{text.substr(0, equals), text.substr(equals + 1)};
  if (!is_setting(setting.name)) {
    throw InputError(fmt::format(
        "--set {}: it does not change how NCCL communicates, so no curve would tell it; set it in the environment",
        setting.name));
  }
  return setting;
}

void apply(const std::vector<LaunchSetting>& settings) {
  for (const LaunchSetting& setting : settings) {
    ::setenv(setting.name.c_str(), setting.value.c_str(), 1);
  }
}

}  // namespace hockney::bench
