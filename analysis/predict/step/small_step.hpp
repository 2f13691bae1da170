#pragma once

#include "predict/compute/synthetic_gpu.hpp"
#include "predict/step/step_model.hpp"
#include "predict/step/synthetic_model.hpp"

/// A small model on a GPU with round numbers, for the tests of this folder.
namespace hockney::predict::synthetic {

inline Transformer small_transformer() {
  Transformer model;
  model.name = "small";
  model.layers = 8;
  model.hidden = 1024;
  model.heads = 8;
  model.key_value_heads = 8;
  model.feed_forward = 4096;
  model.sequence = 512;
  model.vocabulary = 4096;
  return model;
}

/// Every collective of 8 ranks inside a node: 10 us, 1/200 ns per byte.
inline cost::CostModel whole_node() {
  const auto curve = [](Operation operation) { return line(operation, Fabric::nvswitch, 8, 8, 10e-6, 1 / 200e9); };
  return model_of({curve(Operation::all_reduce), curve(Operation::all_gather), curve(Operation::reduce_scatter),
                   curve(Operation::all_to_all)});
}

/// A step model, and the network of nodes whose GPUs have 25 GB/s each.
struct SmallStep {
  StepConstants constants;
  cost::CostModel cost = whole_node();
  StepModel step{round_gpu(), constants, 0.9};
  StepNetwork network{cost, constants, {NicRate{25e9, Seconds{5e-6}}, {}, false, {}}};
  Transformer model = small_transformer();
};

}  // namespace hockney::predict::synthetic
