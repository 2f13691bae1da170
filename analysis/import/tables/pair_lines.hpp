#pragma once

#include <map>
#include <optional>
#include <string>

#include "import/tables/sheet.hpp"
#include "import/tables/text_above.hpp"

namespace hockney::import {

/// Lines of "key: value" as a table whose headings are the keys: "algbw: 11.396 GBps (91.2 Gbps)", "size: 1 MB, time:
/// 45.3 us", 'time_us{op="all_reduce",bytes="1024"} 14.5' of Prometheus. A key that comes again begins the next row.
class PairLines {
 public:
  /// Takes a line; whether it is one. Quantiles of Prometheus beside the median, and its buckets, are left aside.
  bool take(std::size_t number, const std::string& text);
  bool is_empty() const { return sheet_.rows.empty(); }
  /// The lines since the last call, if they are a table; their size may be the payload of the text above.
  std::optional<Sheet> close(const TextAbove& above);

 private:
  Sheet sheet_;
  std::map<std::string, std::size_t> column_of_key_;
};

}  // namespace hockney::import
