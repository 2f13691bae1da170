#include "predict/score/known_names.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/shipped.hpp"
#include "base/text.hpp"
#include "workload/model_name.hpp"

namespace hockney::predict {
namespace {

const std::vector<Transformer>& shipped_models() {
  static const std::vector<Transformer> models = read_transformers(shipped_folder() / "models");
  return models;
}

bool names_fused_attention(std::string_view caveat) {
  static constexpr std::array<std::string_view, 5> denials{"no", "not", "non", "without", "o"};  // the last of "w/o"
  std::string before;
  for (const std::string& word : words_in(caveat)) {
    if (word.starts_with("flash") || word == "xformers") {
      return std::find(denials.begin(), denials.end(), before) == denials.end();
    }
    before = word;
  }
  return false;
}

}  // namespace

const std::string& KnownNames::gpu(std::string_view words) {
  return gpu_names_.of(words, [words] { return gpu_meant(words, shipped_names(shipped_folder() / "gpus")); });
}

const Gpu& KnownNames::gpu_file(std::string_view name) {
  return gpus_.of(name, [name] { return find_gpu(std::string(name)); });
}

Precision KnownNames::precision(std::string_view words) {
  return precisions_.of(words, [words] { return parse_precision(words); });
}

const Transformer* KnownNames::model(std::string_view words) {
  return models_.of(words, [words]() -> const Transformer* {
    const std::string file = model_meant(words, shipped_folder() / "models");
    const auto found = std::find_if(shipped_models().begin(), shipped_models().end(),
                                    [&](const Transformer& model) { return model.name == file; });
    return found == shipped_models().end() ? nullptr : &*found;
  });
}

const Transformer* KnownNames::model_of(const Transformer& shape) { return model_of_shape(shipped_models(), shape); }

const RanBy& KnownNames::ran_by(std::string_view source, std::string_view caveat, std::string_view sharding,
                                std::string_view gpu) {
  words_.clear();
  for (const std::string_view part : {source, caveat, sharding, gpu}) {
    words_ += part;
    words_ += '\n';
  }
  return known_stacks_.of(words_, [&] {
    const Stack* named = stack_of(stacks_, fmt::format("{}; {}", source, caveat));
    RanBy ran{named != nullptr ? named : usual_stack(stacks_, sharding, gpu), names_fused_attention(caveat)};
    if (ran.stack == nullptr && ran.names_fused_attention) {
      ran.stack = stack_of(stacks_, fmt::format("attention: fused; gpu: {}", gpu));
    }
    return ran;
  });
}

}  // namespace hockney::predict
