#include "base/error.hpp"

#include <fmt/format.h>
#include <string_view>

namespace hockney::inline base {
namespace {

std::string_view base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

Failure::Failure(const std::string& what, std::source_location where)
    : std::runtime_error(fmt::format("{} [{}:{}]", what, base_name(where.file_name()), where.line())) {}

}  // namespace hockney::inline base
