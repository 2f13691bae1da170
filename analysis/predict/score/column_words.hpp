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

/// Other names of the columns of a table of training steps: those of Megatron-LM's and DeepSpeed's arguments, of
/// config.json files and of published tables; and the gist of every column that is no switch, as a switch has no size.
std::span<const ColumnAlias> step_column_aliases();

}  // namespace hockney::predict
