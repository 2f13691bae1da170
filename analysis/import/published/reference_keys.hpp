#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "plan/case.hpp"
#include "record/launch.hpp"
#include "record/stated_line_rate.hpp"

namespace hockney::import {

/// The lines "# key: value" above the columns of a reference CSV (results/reference/README.md has the table of keys).
/// A file holds measured points, or it states a line rate ("estimated: line rate") and holds none.
class ReferenceKeys {
 public:
  /// Takes what follows the '#' of a line. Throws InputError for anything but "key: value", for an unknown key (naming
  /// the nearest known one), for a missing value, and for a key that is there already; `caveats` and `environment` may
  /// repeat.
  void take(std::string_view line);

  /// Throws InputError when a key is missing that this kind of file needs, when one is there that it must not have, and
  /// for values that cannot be.
  void check() const;

  bool states_line_rate() const { return keys_.contains("estimated"); }

  /// The value of a key that check() has found to be there.
  const std::string& at(const char* key) const { return keys_.at(key); }

  /// Fabric, mode and transport of every point; the rest as in Case{}.
  Case shape() const;
  Statistic statistic() const;
  std::uint32_t iterations() const;

  /// Of a file that states a line rate; machine and source are left empty.
  StatedLineRate line_rate() const;

  /// The first day that `date` ("2023", "2023-06" or "2023-06-29") covers, in ns since 1970-01-01; 0 without a date.
  std::int64_t date_utc_ns() const;

  /// All keys as provenance "reference.KEY", values of repeated ones joined by "; ". What tells software apart
  /// (software_of()) stands where imported logs have it, too: `nccl` as "nccl.version", `environment` as "env.NAME".
  Provenance provenance() const;

 private:
  void take_setting(std::string_view value);

  std::map<std::string, std::string, std::less<>> keys_;
  std::map<std::string, std::string> environment_;  // of the settings that the publisher made
};

}  // namespace hockney::import
