#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace hockney::inline workload {

/// The name of the model file in `shipped` that `words` begin with, or one of the names it is also known by (`also` of
/// the file): "Llama-3.1-405B", "meta-llama/Llama 3 70B bf16", "gpt3-175b 64 nodes". Empty where there is none.
std::string model_meant(std::string_view words, const std::filesystem::path& shipped);

}  // namespace hockney::inline workload
