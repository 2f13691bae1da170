#include "render/forms.hpp"

#include "base/bytes.hpp"
#include "base/number.hpp"

namespace hockney::render {
namespace {

constexpr double micro = 1e6;
constexpr double milli = 1e3;
constexpr double per_giga = 1e-9;
constexpr double per_tera = 1e-12;
constexpr double per_gibi = 0x1p-30;

}  // namespace

std::string bytes(double value) { return to_string(Bytes{static_cast<std::uint64_t>(value)}); }
std::string microseconds(double seconds) { return significant(seconds * micro); }
std::string milliseconds(double seconds) { return significant(seconds * milli); }
std::string gigabytes_per_second(double rate) { return significant(rate * per_giga); }
std::string tera(double value) { return significant(value * per_tera); }
std::string gibibytes(double bytes) { return significant(bytes * per_gibi, 3); }
std::string percentage(double fraction) { return percent(fraction, 1); }
std::string fine_percentage(double fraction) { return percent(fraction, 2); }

}  // namespace hockney::render
