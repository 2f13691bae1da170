#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace hockney::predict {

/// Another name of a column, as written_name() or gist_of() tell it, and the one that is known.
using ColumnAlias = std::pair<std::string, std::string_view>;

/// A heading in lower case, its words joined by '_': "Hidden size (h)": hidden_size_h.
std::string written_name(std::string_view heading);

/// What is left of written_name() without words that change nothing ("size", "per", "model" ...) and in one spelling
/// ("tok": tokens, "seq": sequence): "Hidden size": hidden; "tok/sec": tokens_s. What is counted is in the plural:
/// "n_layer": layers; "GPU count": gpus.
std::string gist_of(std::string_view heading);

/// The known column that a heading names, and what its numbers are to be multiplied with.
struct NamedColumn {
  std::string_view name{};  ///< empty: none that is known
  double factor = 1;        ///< "Step time (min)": 60 of measured_s
  bool is_strange = false;  ///< the unit in its brackets is none of this column: "GBS (tokens)"
};

/// How a heading is read: as it is; by its written_name(); by its gist_of(), in other units too ("Step time (min)",
/// "PFLOP/s per GPU", "Throughput (k tokens/s)"); up to its bracket ("Hidden size (h)"), by either.
enum class HeadingReading { as_it_is, written, gist, other_unit, written_before_bracket, gist_before_bracket };

/// The known column that a heading means.
NamedColumn column_meant(std::string_view heading, HeadingReading reading, std::span<const std::string_view> known,
                         std::span<const ColumnAlias> aliases);

/// Whether "(min)" in a heading is the least of several and not minutes: a heading beside it has "(max)" or "(avg)".
bool are_extremes(std::span<const std::string_view> headings);

/// What stands in the first bracket of a heading; empty without one.
std::string_view in_brackets(std::string_view heading);

/// Other names of the columns of a table of training steps: those of Megatron-LM's and DeepSpeed's arguments, of
/// config.json files and of published tables; and the gist of every column that is no switch, as a switch has no size.
std::span<const ColumnAlias> step_column_aliases();

}  // namespace hockney::predict
