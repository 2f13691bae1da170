#pragma once

#include <string>
#include <string_view>

namespace hockney::import {

/// The same text in UTF-8 without a byte order mark. UTF-16 is known by its mark, or by NUL bytes at every other place.
/// Bytes that are neither stay.
std::string decode_text(std::string_view bytes);

/// Whether the text was UTF-16.
bool is_utf16(std::string_view bytes);

/// Printable ASCII and tabs for a line in UTF-8: "µ" is 'u', blanks of any width are ' ', dashes '-', bars of box
/// drawing '|', quotation marks '"' or '\''; what has no width goes, all else is '?'.
std::string plain_ascii(std::string_view utf8);

}  // namespace hockney::import
