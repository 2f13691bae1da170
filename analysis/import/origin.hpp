#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "import/imported.hpp"

namespace hockney::import {

/// The file's stem and eight digits of a hash of its text: "all_reduce-1a2b3c4d".
std::string name_of_log(const std::filesystem::path& file, std::string_view text);

/// Names the machine of every launch of a file where the user did not (ImportOptions::machine). Launches of one machine
/// are starts of the same thing to a fit, and no two logs are known to be that, even when they name the same host: a
/// GPU may be reached over another fabric, or another library may have run. So the name is that of the log, after the
/// host names where it has them: "gcn90 ... gcn93, all_reduce-1a2b3c4d". Tables of one log with a curve in common are
/// taken for launches of one machine only if all that the log says of them is alike; others get " #2", " #3". Names
/// that come with the figures (reference CSV) stay.
void name_machines(ImportedFile& file, std::string_view log_name);

/// Gives every launch of a file the UUID (RFC 9562, version 8) that its text and place make, so that importing a table
/// again is noticed: the launch's file is there.
void name_launches(ImportedFile& file, std::string_view text);

/// The part of a log that is stored with one of its tables.
struct KeptText {
  std::string text;
  std::string what;  ///< provenance "import.raw_text": "the whole file", "lines 12-80 of the file"
};

/// All of `text`, while the copies for all tables of the file together are at most 64 MiB; else the table's lines and
/// those between it and its neighbours.
KeptText kept_text(const ImportedFile& file, std::size_t table, std::string_view text);

}  // namespace hockney::import
