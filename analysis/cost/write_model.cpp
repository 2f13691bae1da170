#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <system_error>
#include <unistd.h>

#include "base/error.hpp"
#include "cost/model_fields.hpp"

namespace hockney {

nlohmann::ordered_json json_of(const StatedLineRate& rate) {
  nlohmann::ordered_json json{{"fabric", name_of(rate.fabric)}, {"basis", name_of(cost::IntervalBasis::line_rate)}};
  write_fields(json, rate, fields_of(rate));
  return json;
}

}  // namespace hockney

namespace hockney::cost {
namespace {

[[noreturn]] void refuse_writing(const std::filesystem::path& file) {
  throw InputError(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(errno)));
}

}  // namespace

nlohmann::ordered_json json_of(const CostCurve& curve) {
  nlohmann::ordered_json json{{"name", curve.name()}};
  write_fields(json, curve, fields_of(curve));
  return json;
}

std::string CostModel::json() const {
  nlohmann::ordered_json model{{"schema", schema::name}, {"version", schema::version}};
  write_fields(model, *this, model_fields);
  write_fields(model, *this, later_model_fields);
  return model.dump(2) + "\n";
}

void CostModel::write(const std::filesystem::path& file) const {
  const std::string text = json();
  const std::filesystem::path temporary = fmt::format("{}.tmp.{}", file.string(), ::getpid());
  std::ofstream out(temporary, std::ios::binary);
  if (!out) {
    refuse_writing(file);
  }
  out << text;
  out.close();
  if (!out) {
    const int reason = errno;
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    errno = reason;
    refuse_writing(file);
  }
  std::error_code error;
  if (std::filesystem::exists(file, error) && !std::filesystem::is_regular_file(file, error)) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw InputError(fmt::format("{}: is no regular file; expected a new or an existing *.cost.json", file.string()));
  }
  std::filesystem::rename(temporary, file, error);
  if (error) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw InputError(fmt::format("{}: cannot be written: {}", file.string(), error.message()));
  }
}

}  // namespace hockney::cost
