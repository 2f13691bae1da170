#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hockney::inline base {

/// The words of a text as people vary them: runs of letters and digits, in lower case. "Llama-3.1 70B": llama, 3, 1,
/// 70b.
std::vector<std::string> words_of(std::string_view text);

/// The same in one: "llama3170b".
std::string squashed(std::string_view text);

}  // namespace hockney::inline base
