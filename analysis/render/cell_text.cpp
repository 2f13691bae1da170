#include "render/cell_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/number.hpp"

namespace hockney::render {
namespace {

struct AsText {
  Form form;

  std::string operator()(std::monostate) const { return "-"; }
  std::string operator()(bool value) const { return value ? "yes" : "no"; }
  std::string operator()(std::int64_t value) const {
    return form == nullptr ? std::to_string(value) : form(static_cast<double>(value));
  }
  std::string operator()(double value) const { return form == nullptr ? significant(value) : form(value); }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const std::vector<std::string>& values) const {
    return fmt::format("{}", fmt::join(values, ", "));
  }
  std::string operator()(const std::shared_ptr<const Table>&) const { return {}; }
};

}  // namespace

std::string text_of(const Cell& cell, Form form) {
  return cell.text() ? *cell.text() : std::visit(AsText{form}, cell.value());
}

}  // namespace hockney::render
