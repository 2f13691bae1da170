#include "workload/mapping.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/field_text.hpp"
#include "workload/mapping_fields.hpp"
#include "workload/synthetic_transformer.hpp"

namespace hockney::inline workload {
namespace {

Mapping gpt3_mapping() {
  Mapping mapping;
  mapping.tensor = 8;
  mapping.pipeline = 8;
  mapping.global_batch = 64;
  return mapping;
}

std::string refusal(const Mapping& mapping, const Transformer& model = synthetic::gpt3()) {
  try {
    check(mapping, model);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

void expect_refused(const Mapping& mapping, std::initializer_list<std::string_view> words) {
  const std::string message = refusal(mapping);
  EXPECT_EQ(message.find('\n'), std::string::npos);
  for (const std::string_view word : words) {
    EXPECT_NE(message.find(word), std::string::npos) << message << " lacks " << word;
  }
}

TEST(Mapping, CountsGpusNodesAndMicroBatches) {
  Mapping mapping = gpt3_mapping();
  mapping.data = 3;
  mapping.micro_batch = 2;
  mapping.global_batch = 96;
  mapping.gpus_per_node = 5;
  EXPECT_EQ(mapping.gpus(), 192U);
  EXPECT_EQ(mapping.nodes(), 39U);
  EXPECT_EQ(mapping.micro_batches(), 16U);
}

TEST(Mapping, BubbleFractions) {
  Mapping mapping = gpt3_mapping();
  EXPECT_DOUBLE_EQ(mapping.bubble_over_ideal(), 7.0 / 64);
  EXPECT_DOUBLE_EQ(mapping.bubble_over_total(), 7.0 / 71);
  mapping.virtual_stages = 3;
  EXPECT_DOUBLE_EQ(mapping.bubble_over_ideal(), 7.0 / 192);
  EXPECT_DOUBLE_EQ(mapping.bubble_over_total(), 7.0 / 199);
}

TEST(Mapping, AcceptsWhatFits) {
  Mapping mapping = gpt3_mapping();
  EXPECT_EQ(refusal(mapping), "accepted");
  mapping.virtual_stages = 3;
  EXPECT_EQ(refusal(mapping), "accepted");
}

TEST(Mapping, RefusesZeros) {
  const std::pair<std::uint64_t Mapping::*, std::string_view> sizes[] = {{&Mapping::tensor, "--tp"},
                                                                         {&Mapping::pipeline, "--pp"},
                                                                         {&Mapping::data, "--dp"},
                                                                         {&Mapping::virtual_stages, "--virtual-stages"},
                                                                         {&Mapping::micro_batch, "--mbs"},
                                                                         {&Mapping::global_batch, "--gbs"},
                                                                         {&Mapping::gpus_per_node, "--gpus-per-node"}};
  for (const auto& [member, flag] : sizes) {
    Mapping mapping = gpt3_mapping();
    mapping.*member = 0;
    expect_refused(mapping, {flag, "0 given", "expected 1"});
  }
}

TEST(Mapping, StagesMayBeUneven) {
  Mapping mapping = gpt3_mapping();
  mapping.pipeline = 7;
  EXPECT_EQ(refusal(mapping), "accepted");
  EXPECT_EQ(layers_of_fullest_stage(mapping, synthetic::gpt3()), 14U);
  mapping.pipeline = 97;
  expect_refused(mapping, {"--pp", "97 given", "at most the 96 layers"});
}

TEST(Mapping, RefusesExpertsThatAreNotThere) {
  Mapping mapping = gpt3_mapping();
  mapping.data = 2;
  mapping.expert = 2;
  expect_refused(mapping, {"--ep", "2 given", "no experts"});
  Transformer model = synthetic::gpt3();
  model.experts = 3;
  EXPECT_NE(refusal(mapping, model).find("experts of gpt3-175b: 3 given"), std::string::npos);
}

TEST(Mapping, RefusesSequencesThatPartsDoNotDivide) {
  Mapping mapping = gpt3_mapping();
  mapping.context = 3;
  expect_refused(mapping, {"sequence", "2048 given", "--cp", "3"});
}

TEST(Mapping, FitsAgreesWithCheck) {
  const Transformer model = synthetic::gpt3();
  int accepted = 0;
  for (const std::uint64_t tensor : {1, 2, 3, 5, 8}) {
    for (const std::uint64_t pipeline : {1, 4, 7, 96, 97}) {
      for (const std::uint64_t virtual_stages : {1, 2, 5}) {
        for (const std::uint64_t micro_batch : {1, 3, 64}) {
          Mapping mapping = gpt3_mapping();
          mapping.tensor = tensor;
          mapping.pipeline = pipeline;
          mapping.virtual_stages = virtual_stages;
          mapping.micro_batch = micro_batch;
          EXPECT_EQ(fits(mapping, model), refusal(mapping) == "accepted") << refusal(mapping);
          accepted += fits(mapping, model) ? 1 : 0;
        }
      }
    }
  }
  EXPECT_GT(accepted, 10);
}

// MLPerf's 405B: 126 layers on 8 stages of 8 chunks.
TEST(Mapping, ChunksMayBeUneven) {
  Mapping mapping = gpt3_mapping();
  mapping.virtual_stages = 5;
  EXPECT_EQ(refusal(mapping), "accepted");
  mapping.virtual_stages = 13;
  expect_refused(mapping, {"--virtual-stages", "13 given", "at most 12"});
}

TEST(Mapping, KnowsTheLayersOfAStageByKind) {
  Transformer model = synthetic::gpt3();
  model.layers = 61;
  model.experts = 8;
  model.dense_layers = 3;
  Mapping mapping;
  mapping.pipeline = 16;
  const auto counts = [&](std::uint64_t stage) { return layers_of_stage(mapping, model, stage); };
  EXPECT_EQ(counts(0).dense, 3U);
  EXPECT_EQ(counts(0).experts, 1U);
  EXPECT_EQ(counts(1).experts, 4U);
  EXPECT_EQ(counts(15).all(), 3U);
  mapping.pipeline = 1;
  EXPECT_EQ(counts(0).dense, model.layer_counts().dense);
  model.dense_layers = 0;
  model.layers = 48;
  model.expert_interval = 2;
  mapping.pipeline = 4;
  EXPECT_EQ(counts(3).experts, 6U) << "every second layer of twelve";
}

// DeepSeek-V3 on 2048 GPUs: ep 64 over tp 2 x dp 64 ranks of a stage.
TEST(Mapping, ExpertsMaySpreadOverTensorRanks) {
  Transformer model = synthetic::gpt3();
  model.experts = 256;
  Mapping mapping;
  mapping.tensor = 2;
  mapping.data = 64;
  mapping.global_batch = 64;
  mapping.expert = 64;
  EXPECT_EQ(mapping.tensor_of_experts(), 2U) << "each expert cut as the rest, where all divides";
  EXPECT_EQ(mapping.expert_replicas(), 1U);
  mapping.expert = 128;
  EXPECT_EQ(mapping.tensor_of_experts(), 1U);
  EXPECT_EQ(refusal(mapping, model), "accepted");
  mapping.expert = 32;
  mapping.expert_tensor = 1;
  EXPECT_EQ(mapping.expert_replicas(), 4U);
  EXPECT_EQ(refusal(mapping, model), "accepted");
  mapping.expert = 256;
  EXPECT_NE(refusal(mapping, model).find("--tp times --cp times --dp: 128 given"), std::string::npos);
}

TEST(Mapping, KeyValueHeadsAreSharedByTensorRanks) {
  Transformer model = synthetic::gpt3();
  model.key_value_heads = 4;
  EXPECT_EQ(refusal(gpt3_mapping(), model), "accepted");
  EXPECT_EQ(key_value_heads_per_gpu(gpt3_mapping(), model), 1U);
  model.key_value_heads = 3;
  EXPECT_NE(refusal(gpt3_mapping(), model).find("3 given, expected a multiple or a divisor of --tp = 8"),
            std::string::npos);
}

TEST(Mapping, RefusesHeadsThatTensorRanksDoNotDivide) {
  Mapping mapping = gpt3_mapping();
  mapping.tensor = 5;
  expect_refused(mapping, {"heads", "96 given", "--tp", "5"});
}

TEST(Mapping, RefusesHiddenThatTensorRanksDoNotDivide) {
  Transformer model = synthetic::gpt3();
  model.hidden = 12290;
  const std::string message = refusal(gpt3_mapping(), model);
  EXPECT_NE(message.find("hidden"), std::string::npos) << message;
  EXPECT_NE(message.find("12290 given"), std::string::npos) << message;
}

TEST(Mapping, BatchesNeedNotDivide) {
  Mapping mapping = gpt3_mapping();
  mapping.data = 3;
  EXPECT_EQ(refusal(mapping), "accepted");
  EXPECT_EQ(mapping.micro_batches(), 22U) << "of the replica with the most";
  mapping.data = 65;
  expect_refused(mapping, {"--gbs", "64 given", "--dp 65"});
  mapping.data = 1;
  mapping.micro_batch = 128;
  expect_refused(mapping, {"--mbs", "128 given", "at most the 64"});
}

TEST(Mapping, MicroBatchesNeedNotFillRoundsOfInterleaving) {
  Mapping mapping = gpt3_mapping();
  mapping.virtual_stages = 2;
  mapping.global_batch = 60;
  EXPECT_EQ(refusal(mapping), "accepted");
}

TEST(Mapping, RefusesInterleavingWithoutPipeline) {
  Mapping mapping = gpt3_mapping();
  mapping.pipeline = 1;
  mapping.virtual_stages = 2;
  expect_refused(mapping, {"--virtual-stages", "2 given", "expected 1"});
}

TEST(Mapping, RefusesOddWidths) {
  Mapping mapping = gpt3_mapping();
  mapping.bytes_per_element = 3;
  expect_refused(mapping, {"--bytes-per-element", "3 given", "1, 2 or 4"});
  mapping.bytes_per_element = 2;
  mapping.gradient_bytes = 8;
  expect_refused(mapping, {"--gradient-bytes", "8 given", "2 or 4"});
}

TEST(Mapping, RefusesMoreThanCanBeCounted) {
  Mapping mapping = gpt3_mapping();
  mapping.data = 1ULL << 22;
  expect_refused(mapping, {"--dp 4194304", "at most 16777216 GPUs"});
  mapping.data = 1;
  mapping.micro_batch = 1ULL << 30;
  mapping.global_batch = 1ULL << 30;
  expect_refused(mapping, {"--mbs", "2^53"});
}

TEST(Mapping, CountsRecomputedLayersByChunk) {
  Mapping mapping = gpt3_mapping();
  mapping.recompute = Recompute::full;
  EXPECT_EQ(recomputed_layers(mapping, synthetic::gpt3()), 1);
  mapping.pipeline = 8;
  mapping.recompute_layers = 3;
  EXPECT_EQ(recomputed_layers(mapping, synthetic::gpt3()), 3.0 / 12);
  mapping.virtual_stages = 2;
  EXPECT_EQ(recomputed_layers(mapping, synthetic::gpt3()), 3.0 / 6);
  mapping.recompute_layers = 100;
  EXPECT_EQ(recomputed_layers(mapping, synthetic::gpt3()), 1);
  mapping.recompute = Recompute::none;
  EXPECT_EQ(recomputed_layers(mapping, synthetic::gpt3()), 0);
  expect_refused(mapping, {"--recompute-layers", "--recompute full"});
}

TEST(MappingFields, TellEveryMemberByItsKeyOrItsWord) {
  Mapping mapping;
  const auto set = [&](std::string_view word, std::string_view value) {
    return visit_field(mapping_fields, word, [&](const auto& each) { read_text(value, each.in(mapping)); });
  };
  EXPECT_TRUE(set("tp", "8") && set("pipeline", "4") && set("bytes_per_element", "4") && set("sp", "1") &&
              set("recompute", "full") && set("routing_skew", "0.5") && set("virtual_stages", "2"));
  EXPECT_EQ(mapping.tensor, 8U);
  EXPECT_EQ(mapping.pipeline, 4U);
  EXPECT_EQ(mapping.bytes_per_element, 4U);
  EXPECT_EQ(mapping.virtual_stages, 2U);
  EXPECT_TRUE(mapping.sequence_parallel);
  EXPECT_EQ(mapping.recompute, Recompute::full);
  EXPECT_EQ(mapping.routing_skew, 0.5);
  EXPECT_FALSE(set("t", "8"));
}

}  // namespace
}  // namespace hockney::inline workload
