#pragma once

#include "workload/transformer.hpp"

/// Transformers with known numbers, for tests.
namespace hockney::inline workload::synthetic {

/// GPT-3 175B: Brown et al., arXiv 2005.14165, Table 2.1; V = 51200 as in arXiv 2104.04473.
inline Transformer gpt3() {
  Transformer model;
  model.name = "gpt3-175b";
  model.layers = 96;
  model.hidden = 12288;
  model.heads = 96;
  model.key_value_heads = 96;
  model.feed_forward = 4 * model.hidden;
  model.sequence = 2048;
  model.vocabulary = 51200;
  return model;
}

}  // namespace hockney::inline workload::synthetic
