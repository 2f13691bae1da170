#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hockney::import {

/// One line of a log, freed of what launchers, log collectors, terminals and web pages put around or into it.
struct LogLine {
  std::size_t number = 0;  ///< of the file's line, from 1; lines that lay in one line of the file share its number
  /// In UTF-8, without its prefix, tags and diagnostic; bars, commas, tabs and blanks of all kinds stand as they were.
  std::string raw;
  /// The same for readers of words: printable ASCII and tabs (plain_ascii()), since host names and commands go into
  /// files and onto terminals; without bars and bold marks of Markdown rows and without blanks at either end.
  std::string text;
  std::string diagnostic;  ///< the NCCL_DEBUG message that the line holds or was cut by; empty without one
};

/// A file as every reader of text gets it.
struct LogText {
  std::vector<LogLine> lines;      ///< also those of which nothing remains
  std::string decoded;             ///< the whole file in UTF-8, for formats that are not lines (JSON)
  std::vector<std::string> notes;  ///< what was taken off: "prefix '2024-05-01T12:00:00.0Z ' of 117 lines removed"
};

/// Turns a file's bytes into lines, in this order: UTF-16 and byte order marks become UTF-8 (decode_text()); CR, LF and
/// CRLF end lines, numbered as an editor does; texts inside JSON strings are taken out (unwrap_lines()); terminal codes
/// and HTML go (plain_lines()); then prefixes that repeat (remove_prefixes()); at last tags in mid-line, Markdown and
/// NCCL_DEBUG messages. A command that goes on behind a backslash is one line. Where several sources print whole tables
/// at the same time, the lines of each stand together. Throws InputError, whose message is the reason, for what no
/// importer reads: empty texts, binary data (NUL bytes) and more than 2 million lines. Linear in the text.
LogText text_of(std::string_view bytes);

}  // namespace hockney::import
