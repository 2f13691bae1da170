#pragma once

#include <string>
#include <vector>

#include "import/text/prefix_tokens.hpp"
#include "import/text/text_line.hpp"

namespace hockney::import {

/// What tells who printed a line: the words and groups of its prefix and the task that begins it ("3: "), without time
/// stamps and other numbers.
std::string source_of(const std::vector<PrefixToken>& tokens, std::size_t count);

/// Puts lines together by source (one a line, empty for lines without a prefix, which come first), in the order in
/// which sources appear, where a source's table, from its header on, has lines of another source's table in it. Returns
/// whether it did.
bool order_by_source(std::vector<TextLine>& lines, const std::vector<std::string>& sources);

}  // namespace hockney::import
