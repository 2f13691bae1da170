#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hockney::inline base {

/// The folder of the files that come with Hockney (plans/, models/): `../share/hockney` seen from the running
/// program, in the build tree as well as after an install or in a relocated bundle.
std::filesystem::path shipped_folder();

/// Whether the word is a path, not the name of a shipped file: it ends in ".toml" or holds a '/'.
bool names_a_file(std::string_view word);

/// The TOML file that `name_or_file` means: a path when it names_a_file(), else NAME.toml in `folder`.
/// `what` ("plan", "model") is for the message. Throws InputError naming the nearest shipped name.
std::filesystem::path find_shipped_toml(std::string_view what, const std::string& name_or_file,
                                        const std::filesystem::path& folder);

/// The names that find_shipped_toml() knows in `folder`, in order.
std::vector<std::string> shipped_names(const std::filesystem::path& folder);

/// A whole text file. Throws InputError, naming the file, when it cannot be read.
std::string read_text_file(const std::filesystem::path& file);

}  // namespace hockney::inline base
