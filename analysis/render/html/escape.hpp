#pragma once

#include <string>
#include <string_view>

namespace hockney::render {

/// A text as HTML shows it, also within an attribute: & < > " ' as references, control characters but line
/// breaks as blanks, bytes that
/// are not UTF-8 as U+FFFD.
std::string escaped(std::string_view text);

/// A text as a JSON string that may stand within a script element: ASCII alone, '<' and '&' as escapes.
std::string script_string(std::string_view text);

}  // namespace hockney::render
