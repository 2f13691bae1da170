#include "predict/network/answerers.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "predict/step/synthetic_model.hpp"

namespace hockney::predict {
namespace {

using synthetic::line;
using synthetic::model_of;

constexpr LineRate stated{BytesPerSecond{25e9}, Seconds{5e-6}};

// What the curves and rates say, without additions.
Answerers answerers(const cost::CostModel& model, std::optional<LineRate> rate = std::nullopt, bool strict = true) {
  NetworkOptions options{{}, {}, strict, {Addition::ring_share, Addition::ring_limit, Addition::host_wait}};
  if (rate) {
    options.line_rate = NicRate{rate->bandwidth.value, rate->latency};
  }
  return {model, StepConstants{}, options};
}

Message ask(Operation operation, std::uint32_t ranks, std::uint32_t ranks_per_node, std::uint32_t stride = 1) {
  Message message;
  message.purpose = "test";
  message.operation = operation;
  message.placed.group.ranks = ranks;
  message.placed.group.ranks_per_node = ranks_per_node;
  message.placed.group.stride = stride;
  message.placed.nodes = message.placed.group.nodes();
  message.payload = mebibytes(1);
  message.count = 1;
  return message;
}

Message all_reduce(std::uint32_t ranks, std::uint32_t ranks_per_node) {
  return ask(Operation::all_reduce, ranks, ranks_per_node);
}

Message transfer(bool crosses_nodes) {
  Message message = ask(Operation::pipeline_forward_backward, 2, crosses_nodes ? 1 : 2, 8);
  message.cause = Cause::pipeline;
  return message;
}

/// The alpha of the curve that answers, in microseconds: curves of these tests are told apart by it.
double alpha_us(const cost::CostModel& model, const Message& message) {
  const Answer answer = answerers(model).answer(message);
  return answer.curves.front().curve->segments.front().alpha_s * 1e6;
}

bool has_remark(const Answer& answer, std::string_view part) {
  return std::any_of(answer.remarks.begin(), answer.remarks.end(),
                     [&](const std::string& remark) { return remark.find(part) != std::string::npos; });
}

std::string refusal(const cost::CostModel& model, const Message& message, bool strict = false,
                    std::optional<LineRate> rate = std::nullopt) {
  try {
    answerers(model, rate, strict).answer(message);
  } catch (const InputError& error) {
    return error.what();
  }
  return "answered";
}

cost::CostCurve curve(std::uint32_t ranks, double alpha_us, Fabric fabric = Fabric::nvswitch,
                      Mode mode = Mode::isolated) {
  return line(Operation::all_reduce, fabric, ranks, ranks, alpha_us * 1e-6, 1e-11, mode);
}

cost::CostCurve across(std::uint32_t ranks, std::uint32_t ranks_per_node, double alpha_us,
                       Fabric fabric = Fabric::infiniband) {
  return line(Operation::all_reduce, fabric, ranks, ranks_per_node, alpha_us * 1e-6, 1e-11);
}

cost::CostCurve sends(Operation operation, Fabric fabric, double alpha_us, std::uint32_t ranks = 2,
                      Mode mode = Mode::stream) {
  const std::uint32_t ranks_per_node = is_inter_node(fabric) ? 1 : ranks;
  return line(operation, fabric, ranks, ranks_per_node, alpha_us * 1e-6, 1e-11, mode);
}

cost::CostModel unplaced_model() {
  return model_of({line(Operation::all_reduce, Fabric::unknown, 16, 0, 20e-6, 1e-11)});
}

TEST(Unplaced, ACurveAnswersNeitherInsideANodeNorBetweenNodes) {
  const cost::CostModel model = unplaced_model();
  for (const std::uint32_t ranks_per_node : {16U, 8U}) {
    const std::string reason = refusal(model, all_reduce(16, ranks_per_node));
    EXPECT_NE(reason.find(model.curves.front().name()), std::string::npos) << reason;
    EXPECT_NE(reason.find("import the log again with --nodes"), std::string::npos) << reason;
  }
}

TEST(Unplaced, ACurveThatCouldNotAnswerIsNamedBesideWhatDoes) {
  cost::CostModel model = unplaced_model();
  model.curves.push_back(line(Operation::all_gather, Fabric::nvswitch, 16, 16, 10e-6, 1e-11));
  const Answer related = answerers(model, std::nullopt, false).answer(all_reduce(16, 16));
  EXPECT_NE(related.remarks.back().find("not used: " + model.curves.front().name()), std::string::npos);
  model.curves.push_back(line(Operation::all_reduce, Fabric::nvswitch, 16, 16, 10e-6, 1e-11));
  const Answer own = answerers(model).answer(all_reduce(16, 16));
  EXPECT_EQ(own.by, Answerer::curve);
  EXPECT_TRUE(own.remarks.empty()) << own.remarks.front();
}

TEST(Answerers, ExactCurveAnswersWithoutRemarks) {
  const cost::CostModel model = model_of({curve(4, 1), curve(8, 2)});
  const Answer answer = answerers(model).answer(all_reduce(8, 8));
  EXPECT_DOUBLE_EQ(answer.estimate.value_s, 2e-6 + 1048576 * 1e-11);
  EXPECT_EQ(answer.estimate.curve, model.curves[1].name());
  ASSERT_EQ(answer.curves.size(), 1U);
  EXPECT_EQ(answer.curves[0].curve, &model.curves[1]);
  EXPECT_TRUE(answer.remarks.empty());
  EXPECT_FALSE(answer.is_substitute());
  EXPECT_FALSE(answer.is_stated());
}

TEST(Answerers, BestFabricOfTheClass) {
  EXPECT_EQ(alpha_us(model_of({curve(8, 1, Fabric::host_memory), curve(8, 2, Fabric::pcie), curve(8, 3, Fabric::nvlink),
                               curve(8, 4, Fabric::nvswitch)}),
                     all_reduce(8, 8)),
            4);
  EXPECT_EQ(alpha_us(model_of({across(8, 1, 1, Fabric::tcp), across(8, 1, 2, Fabric::efa),
                               across(8, 1, 3, Fabric::roce), across(8, 1, 4, Fabric::infiniband)}),
                     all_reduce(8, 1)),
            4);
}

TEST(Answerers, UnknownFabricIsOfTheClassOfItsNodes) {
  const cost::CostModel model = model_of({across(8, 1, 1, Fabric::unknown), curve(8, 2, Fabric::unknown)});
  EXPECT_EQ(alpha_us(model, all_reduce(8, 1)), 1);
  EXPECT_EQ(alpha_us(model, all_reduce(8, 8)), 2);
  EXPECT_EQ(alpha_us(model_of({across(8, 1, 1, Fabric::unknown), across(8, 1, 2, Fabric::tcp)}), all_reduce(8, 1)), 2);
}

TEST(Answerers, SumPlainAndHotFirst) {
  cost::CostCurve plain = curve(8, 1);
  cost::CostCurve most = curve(8, 2);
  most.shape.own = Reduction::max;
  cost::CostCurve registered = curve(8, 3);
  registered.shape.buffers = Buffers::registered;
  cost::CostCurve rotating = curve(8, 4);
  rotating.shape.cache = Cache::rotate;
  EXPECT_EQ(alpha_us(model_of({most, registered, rotating, plain}), all_reduce(8, 8)), 1);
  EXPECT_EQ(alpha_us(model_of({most, registered, rotating}), all_reduce(8, 8)), 4);
  EXPECT_EQ(alpha_us(model_of({most, registered}), all_reduce(8, 8)), 3);
  const std::pair<cost::CostCurve, const char*> remarks[] = {
      {most, "reduction max"}, {registered, "buffers registered"}, {rotating, "rotating buffers"}};
  for (const auto& [only, remark] : remarks) {
    const cost::CostModel model = model_of({only});
    EXPECT_TRUE(has_remark(answerers(model).answer(all_reduce(8, 8)), remark)) << remark;
  }
}

TEST(Answerers, NamesTheSoftwareWhereSeveralCouldAnswer) {
  cost::CostCurve old = curve(8, 1);
  old.shape.software = "nccl:2.9.8";
  cost::CostCurve late = curve(8, 2);
  late.shape.software = "nccl:2.27.3,NCCL_NVLS_ENABLE:1";
  const auto taken = [](const cost::CostModel& model) {
    const Answer answer = answerers(model).answer(all_reduce(8, 8));
    EXPECT_EQ(answer.remarks.size(), model.curves.size() > 1 ? 1U : 0U);
    return answer.remarks.empty() ? std::string{} : answer.remarks.front();
  };
  EXPECT_EQ(taken(model_of({late})), "") << "there is no choice";
  const std::string newest = "measured with nccl:2.27.3,NCCL_NVLS_ENABLE:1, not with nccl:2.9.8";
  EXPECT_EQ(taken(model_of({old, late})), newest);
  EXPECT_EQ(taken(model_of({late, old})), newest) << "in any order of the file";
  old.points.resize(3);
  EXPECT_EQ(taken(model_of({late, old})), "measured with nccl:2.9.8, not with nccl:2.27.3,NCCL_NVLS_ENABLE:1")
      << "more points first";
  cost::CostCurve plain = curve(8, 3);
  plain.shape.software = "nccl:2.27.3";
  EXPECT_EQ(taken(model_of({late, plain})), "measured with none of these, not with NCCL_NVLS_ENABLE:1")
      << "of one version the one without settings";
}

TEST(Answerers, CurvesOfOtherFactorsAreNotInterpolatedTogether) {
  cost::CostCurve small = curve(4, 1);
  small.shape.buffers = Buffers::registered;
  const cost::CostModel model = model_of({small, curve(16, 2)});
  const Answer answer = answerers(model).answer(all_reduce(8, 8));
  EXPECT_EQ(answer.curves.size(), 1U);
  EXPECT_TRUE(answer.estimate.extrapolated);
}

TEST(Answerers, OneRankAloneNeverAnswers) {
  const cost::CostModel model = model_of({curve(1, 1, Fabric::device_memory), curve(1, 1, Fabric::host_memory)});
  EXPECT_NE(refusal(model, all_reduce(8, 8)).find("has no curve"), std::string::npos);
}

TEST(Answerers, BlockingModesFirstForCollectives) {
  const auto graph = curve(8, 1, Fabric::nvswitch, Mode::graph);
  const auto stream = curve(8, 2, Fabric::nvswitch, Mode::stream);
  const auto host = curve(8, 3, Fabric::nvswitch, Mode::host);
  const auto isolated = curve(8, 4, Fabric::nvswitch, Mode::isolated);
  EXPECT_EQ(alpha_us(model_of({stream, graph, host, isolated}), all_reduce(8, 8)), 4);
  EXPECT_EQ(alpha_us(model_of({stream, graph, host}), all_reduce(8, 8)), 3);
  EXPECT_EQ(alpha_us(model_of({stream, graph}), all_reduce(8, 8)), 1);
  const cost::CostModel model = model_of({stream});
  EXPECT_TRUE(has_remark(answerers(model).answer(all_reduce(8, 8)), "stream mode"));
}

TEST(Answerers, StreamModeFirstForTransfers) {
  const auto isolated = sends(Operation::ping_pong, Fabric::infiniband, 1, 2, Mode::isolated);
  const auto host = sends(Operation::ping_pong, Fabric::infiniband, 2, 2, Mode::host);
  const auto stream = sends(Operation::ping_pong, Fabric::infiniband, 3, 2, Mode::stream);
  EXPECT_EQ(alpha_us(model_of({host, isolated, stream}), transfer(true)), 3);
  EXPECT_EQ(alpha_us(model_of({host, isolated}), transfer(true)), 1);
}

TEST(Answerers, TransfersPreferChainsThenStreamsThenPingPong) {
  const auto ping_pong = sends(Operation::ping_pong, Fabric::infiniband, 1);
  const auto one_way = sends(Operation::one_way_stream, Fabric::infiniband, 2);
  const auto forward = sends(Operation::pipeline_forward, Fabric::infiniband, 3, 4);
  const auto both = sends(Operation::pipeline_forward_backward, Fabric::infiniband, 4, 4);
  const auto longer = sends(Operation::pipeline_forward_backward, Fabric::infiniband, 5, 8);
  EXPECT_EQ(alpha_us(model_of({ping_pong, one_way, forward, both, longer}), transfer(true)), 5);
  EXPECT_EQ(alpha_us(model_of({ping_pong, one_way, forward, both}), transfer(true)), 4);
  EXPECT_EQ(alpha_us(model_of({ping_pong, one_way, forward}), transfer(true)), 3);
  EXPECT_EQ(alpha_us(model_of({ping_pong, one_way}), transfer(true)), 2);
  const cost::CostModel last = model_of({ping_pong});
  EXPECT_TRUE(has_remark(answerers(last).answer(transfer(true)), "half a round trip"));
}

TEST(Answerers, RightFabricBeatsBetterOperation) {
  EXPECT_EQ(alpha_us(model_of({sends(Operation::pipeline_forward_backward, Fabric::nvswitch, 1, 4),
                               sends(Operation::ping_pong, Fabric::infiniband, 2)}),
                     transfer(true)),
            2);
}

TEST(Answerers, OutOfPlaceAndUnpinnedFirst) {
  auto in_place = curve(8, 1);
  in_place.shape.in_place = true;
  auto pinned = curve(8, 2);
  pinned.shape.algorithm = "tree";
  EXPECT_EQ(alpha_us(model_of({in_place, pinned, curve(8, 3)}), all_reduce(8, 8)), 3);
  EXPECT_EQ(alpha_us(model_of({in_place, pinned}), all_reduce(8, 8)), 2);
  const cost::CostModel placed = model_of({in_place});
  EXPECT_TRUE(has_remark(answerers(placed).answer(all_reduce(8, 8)), "in place"));
  const cost::CostModel tree = model_of({pinned});
  EXPECT_TRUE(has_remark(answerers(tree).answer(all_reduce(8, 8)), "'tree'"));
}

TEST(Answerers, FewGroupsAtOnceFirst) {
  auto together = curve(8, 1);
  together.shape.group.concurrent = 4;
  EXPECT_EQ(alpha_us(model_of({together, curve(8, 2)}), all_reduce(8, 8)), 2);
  const cost::CostModel model = model_of({together});
  EXPECT_TRUE(has_remark(answerers(model).answer(all_reduce(8, 8)), "4 groups at once"));
}

TEST(Answerers, LoadedCurvesAnswerForGroupsThatShareANode) {
  auto together = curve(8, 1);
  together.shape.group.concurrent = 4;
  Message message = all_reduce(8, 8);
  message.placed.at_once = 4;
  EXPECT_EQ(alpha_us(model_of({curve(8, 2), together}), message), 1);
  EXPECT_EQ(alpha_us(model_of({curve(8, 2)}), message), 2) << "there is no other";
}

/// Transfers between nodes of which each takes `slowdown` times as long as one alone.
cost::CostCurve pairs(std::uint32_t at_once, double slowdown, std::uint32_t stride = 8) {
  cost::CostCurve pairs = line(Operation::ping_pong, Fabric::infiniband, 2, 1, 2e-6, slowdown * 1e-10, Mode::stream);
  pairs.shape.group.concurrent = at_once;
  pairs.shape.group.stride = at_once > 1 ? at_once : stride;
  return pairs;
}

TEST(Answerers, AMeasuredNumberOfGroupsAtOnceWinsAndTheLawOfSharingAnswersForOthers) {
  const cost::CostModel model = model_of({pairs(1, 1, 1), pairs(4, 2), pairs(8, 4)});
  const Answerers chooser = answerers(model);
  Message message = transfer(true);
  for (const std::uint32_t measured : {1, 4, 8}) {
    message.placed.at_once = measured;
    const Answer answer = chooser.answer(message);
    EXPECT_EQ(answer.by, Answerer::curve);
    EXPECT_EQ(answer.curves.front().curve->shape.group.concurrent, measured);
  }
  message.placed.at_once = 6;
  const Answer between = chooser.answer(message);
  EXPECT_EQ(between.by, Answerer::sharing);
  EXPECT_NEAR(between.estimate.value_s, 2e-6 + 3e-10 * 1048576, 1e-12) << "the node's NICs are used up with four";
  EXPECT_FALSE(between.estimate.extrapolated);
  EXPECT_TRUE(has_remark(between, "6 groups at once by the law of sharing, measured with 1, 4, 8"));
  message.placed.at_once = 16;
  const Answer beyond = chooser.answer(message);
  EXPECT_NEAR(beyond.estimate.value_s, 2e-6 + 8e-10 * 1048576, 1e-12);
  EXPECT_TRUE(beyond.estimate.extrapolated);
  EXPECT_EQ(beyond.curves.size(), 3U);
}

TEST(Answerers, WithoutTwoNumbersOfGroupsThereIsNoLawOfSharing) {
  Message message = transfer(true);
  message.placed.at_once = 8;
  const cost::CostModel alone = model_of({pairs(1, 1)});
  EXPECT_EQ(answerers(alone).answer(message).by, Answerer::curve);
  EXPECT_TRUE(has_remark(answerers(alone).answer(message), "measured alone, 8 such groups run at once"));
  const cost::CostModel other_rail = model_of({pairs(1, 1, 9), pairs(4, 2)});
  EXPECT_EQ(answerers(other_rail).answer(message).by, Answerer::curve) << "stride 9 alone crosses rails";
}

TEST(Answerers, AnAllToAllOfMoreNodesSendsMoreOfItsBytesThroughTheNics) {
  const auto all_to_all = [](std::uint32_t ranks, double beta) {
    return line(Operation::all_to_all, Fabric::infiniband, ranks, 8, 0, beta);
  };
  const cost::CostModel model = model_of({all_to_all(32, 1e-11)});
  const Answer answer = answerers(model).answer(ask(Operation::all_to_all, 16, 8));
  EXPECT_EQ(answer.by, Answerer::sharing);
  EXPECT_NEAR(answer.estimate.value_s, 1e-11 * 1048576 * 0.5 / 0.75, 1e-12);
  EXPECT_EQ(answerers(model).answer(ask(Operation::all_to_all, 32, 8)).by, Answerer::curve);
  const cost::CostModel both = model_of({all_to_all(16, 1e-11), all_to_all(64, 2e-11)});
  EXPECT_EQ(answerers(both).answer(ask(Operation::all_to_all, 32, 8)).by, Answerer::neighbours);
}

TEST(Answerers, RanksPerNodeComeBeforeRanks) {
  const cost::CostModel model = model_of({across(16, 8, 1), across(2, 1, 2), across(16, 4, 3)});
  const Answer answer = answerers(model).answer(all_reduce(16, 1));
  EXPECT_EQ(answer.curves.front().curve, &model.curves[1]);
  EXPECT_TRUE(has_remark(answer, "extrapolated from 2 to 16 ranks"));
  const cost::CostModel without = model_of({across(16, 8, 1), across(16, 4, 3)});
  const Answer nearest = answerers(without).answer(all_reduce(16, 1));
  EXPECT_EQ(nearest.curves.front().curve, &without.curves[1]);
  EXPECT_TRUE(has_remark(nearest, "measured with 4 ranks per node"));
}

TEST(Answerers, FewerRanksPerNodeBringFewerNics) {
  const cost::CostModel model = model_of({across(16, 8, 1)});
  const Answerers chooser = answerers(model);
  const double eight = chooser.answer(all_reduce(16, 8)).estimate.value_s;
  const Answer two = chooser.answer(all_reduce(16, 2));
  EXPECT_DOUBLE_EQ(two.estimate.value_s, 1e-6 + 4 * (eight - 1e-6));
  EXPECT_LE(two.estimate.low_s, eight) << "what was measured stays inside";
  EXPECT_TRUE(two.estimate.extrapolated);
  const cost::CostModel all_to_all = model_of({line(Operation::all_to_all, Fabric::infiniband, 16, 8, 1e-6, 1e-11)});
  const Message message = ask(Operation::all_to_all, 16, 4);
  EXPECT_DOUBLE_EQ(answerers(all_to_all).answer(message).estimate.value_s, 1e-6 + 12.0 / 8 * 1e-11 * 1048576);
}

// Only sizes whose time is nearly all bytes: what 8 B take is not in them.
TEST(Answerers, ACurveThatKnowsNoLatencyAnswersLast) {
  cost::CostCurve large = curve(4, 1);
  large.segments[0].from = gibibytes(1);
  cost::CostCurve whole = curve(8, 2);
  whole.source = "another";
  Message message = all_reduce(4, 4);
  EXPECT_EQ(alpha_us(model_of({large, whole}), message), 2);
  EXPECT_TRUE(has_remark(answerers(model_of({large})).answer(message), "1 GiB .. 16 GiB do not tell the latency"));
  message.payload = gibibytes(2);
  EXPECT_EQ(alpha_us(model_of({large, whole}), message), 1);
}

TEST(Answerers, ACurveThatKnowsNoBandwidthAnswersLast) {
  cost::CostCurve small = curve(4, 1);
  small.segments[0].to = kibibytes(2);  // of which 2 % of the time; 1 MiB is far above
  cost::CostCurve whole = curve(8, 2);
  whole.source = "another";
  EXPECT_EQ(alpha_us(model_of({small, whole}), all_reduce(4, 4)), 2);
  small.segments[0].to = mebibytes(1) / 2;  // 0.5 MiB take 5 us of bytes and 1 us of latency
  EXPECT_EQ(alpha_us(model_of({small, whole}), all_reduce(4, 4)), 1);
}

// Times that double with the ranks; ring steps expect hardly more bytes.
TEST(Answerers, ThePowerLawAnswersBeyondWhereItErredLessThanRingSteps) {
  cost::CostModel model = model_of({across(4, 1, 4), across(8, 1, 8), across(16, 1, 16)});
  for (cost::CostCurve& each : model.curves) {
    each.segments.front().beta_s_per_byte *= each.shape.group.ranks;
    each.points.push_back({mebibytes(1), each.segments.front().at(mebibytes(1)).count(), 0.01});
  }
  EXPECT_TRUE(has_remark(answerers(model).answer(all_reduce(32, 1)), "by a power law"));
  EXPECT_EQ(answerers(model).answer(all_reduce(32, 1)).by, Answerer::power_law);
  EXPECT_TRUE(has_remark(answerers(model).answer(all_reduce(2, 1)), "by ring steps"));
  model.curves.erase(model.curves.begin());
  EXPECT_TRUE(has_remark(answerers(model).answer(all_reduce(32, 1)), "by ring steps"))
      << "nothing was tried on two groups";
}

TEST(Answerers, InterpolatesBetweenNeighbours) {
  const cost::CostModel model = model_of({curve(16, 16), curve(2, 2), curve(8, 8), curve(4, 4)});
  const Answer answer = answerers(model).answer(all_reduce(6, 6));
  ASSERT_EQ(answer.curves.size(), 2U);
  EXPECT_EQ(answer.curves[0].curve, &model.curves[3]);
  EXPECT_EQ(answer.curves[1].curve, &model.curves[2]);
  EXPECT_TRUE(has_remark(answer, "interpolated between 4 and 8 ranks"));
  EXPECT_FALSE(answer.estimate.extrapolated);
}

TEST(Answerers, ExtrapolatesFromTheNearest) {
  const cost::CostModel model = model_of({curve(4, 4), curve(8, 8)});
  const Answer up = answerers(model).answer(all_reduce(16, 16));
  EXPECT_TRUE(has_remark(up, "extrapolated from 8 to 16 ranks by ring steps"));
  EXPECT_TRUE(up.estimate.extrapolated);
  const Answer down = answerers(model).answer(all_reduce(2, 2));
  EXPECT_TRUE(has_remark(down, "extrapolated from 4 to 2 ranks by ring steps"));
}

TEST(Answerers, NeverInterpolatesAcrossModes) {
  const cost::CostModel model = model_of({curve(4, 4), curve(8, 8, Fabric::nvswitch, Mode::stream)});
  const Answer answer = answerers(model).answer(all_reduce(6, 6));
  EXPECT_EQ(answer.curves.size(), 1U);
  EXPECT_TRUE(has_remark(answer, "extrapolated from 4 to 6 ranks"));
}

TEST(Answerers, AnswerDoesNotDependOnTheOrderOfTheFile) {
  auto other = curve(8, 1);
  other.machine = "another";
  EXPECT_EQ(alpha_us(model_of({other, curve(8, 2)}), all_reduce(8, 8)),
            alpha_us(model_of({curve(8, 2), other}), all_reduce(8, 8)));
}

TEST(Answerers, InterpolatesCollectivesWhateverTheirOperationsPerSample) {
  cost::CostCurve small = curve(4, 1, Fabric::nvswitch, Mode::stream);
  small.shape.operations_per_sample = 32;
  const cost::CostModel model = model_of({small, curve(8, 2, Fabric::nvswitch, Mode::stream)});
  EXPECT_EQ(answerers(model).answer(all_reduce(6, 6)).curves.size(), 2U);
}

TEST(Answerers, ForcedNetworkWithinANodeComesBehindOthersBetweenNodes) {
  const cost::CostCurve forced = across(8, 8, 1);
  EXPECT_EQ(alpha_us(model_of({forced, across(2, 1, 2)}), all_reduce(8, 1)), 2);
  EXPECT_EQ(alpha_us(model_of({forced, across(2, 1, 2, Fabric::tcp)}), all_reduce(8, 1)), 2);
  const cost::CostModel only = model_of({forced});
  const Answer answer = answerers(only).answer(all_reduce(8, 1));
  EXPECT_TRUE(has_remark(answer, "loopback: measured within one node with the network forced"));
  const cost::CostModel real = model_of({across(8, 1, 1)});
  EXPECT_TRUE(answerers(real).answer(all_reduce(8, 1)).remarks.empty());
}

TEST(Answerers, LineRateAnswersWhereNothingWasMeasured) {
  const cost::CostModel model = model_of({curve(8, 1), sends(Operation::ping_pong, Fabric::nvswitch, 1)});
  const Answerers chooser = answerers(model, stated);
  const Answer sent = chooser.answer(transfer(true));
  EXPECT_TRUE(sent.is_stated());
  EXPECT_TRUE(has_remark(sent, "estimated from line rate, not measured"));
  EXPECT_DOUBLE_EQ(sent.estimate.value_s, 5e-6 + 1048576 / 25e9);
  EXPECT_TRUE(chooser.answer(all_reduce(16, 8)).is_stated());
  EXPECT_FALSE(chooser.answer(all_reduce(8, 8)).is_stated());
}

TEST(Answerers, MeasuredBeatsLineRate) {
  const cost::CostModel model = model_of({across(2, 1, 2)});
  EXPECT_FALSE(answerers(model, stated).answer(all_reduce(2, 1)).is_stated());
}

TEST(Answerers, SubstitutesLoudlyUnlessStrict) {
  const cost::CostModel model = model_of({curve(8, 1)});
  const Answer answer = answerers(model, std::nullopt, false).answer(all_reduce(8, 1));
  EXPECT_TRUE(answer.is_substitute());
  ASSERT_FALSE(answer.remarks.empty());
  EXPECT_EQ(answer.remarks.front(), "SUBSTITUTED: placed between nodes, measured inside a node");
  const std::string message = refusal(model, all_reduce(8, 1), true);
  EXPECT_NE(message.find("--strict"), std::string::npos) << message;
  EXPECT_NE(message.find("no curve of all_reduce between nodes"), std::string::npos) << message;
  EXPECT_NE(message.find(model.curves[0].name()), std::string::npos) << message;
}

TEST(Answerers, NamesWhatIsMissing) {
  const cost::CostModel model = model_of({curve(8, 1)});
  const std::string between = refusal(model, transfer(true));
  for (const char* word : {"'synthetic'", "pipeline", "between nodes", "one_way_stream", "measure ping_pong",
                           "--inter-node-bandwidth", "--inter-node-latency"}) {
    EXPECT_NE(between.find(word), std::string::npos) << between << " lacks " << word;
  }
  const std::string inside = refusal(model, transfer(false), true, stated);
  EXPECT_NE(inside.find("measure ping_pong"), std::string::npos) << inside;
  EXPECT_EQ(inside.find("--inter-node"), std::string::npos) << inside;
  const std::string collective = refusal(model, ask(Operation::all_gather, 8, 8), true);
  EXPECT_NE(collective.find("measure all_gather"), std::string::npos) << collective;
}

TEST(Answerers, SayWhoAnsweredInTheOrderOfTheRules) {
  const cost::CostModel model = model_of({curve(4, 4), curve(8, 8)});
  EXPECT_EQ(answerers(model).answer(all_reduce(8, 8)).by, Answerer::curve);
  EXPECT_EQ(answerers(model).answer(all_reduce(6, 6)).by, Answerer::neighbours);
  EXPECT_EQ(answerers(model).answer(all_reduce(16, 16)).by, Answerer::ring_steps);
  EXPECT_EQ(answerers(model, {}, false).answer(ask(Operation::all_gather, 8, 8)).by, Answerer::related);
  EXPECT_EQ(answerers(model, stated).answer(all_reduce(16, 8)).by, Answerer::line_rate);
  EXPECT_EQ(answerers(model, {}, false).answer(all_reduce(16, 8)).by, Answerer::other_fabric);
  EXPECT_EQ(answerers(model, {}, false).answer(ask(Operation::all_gather, 16, 8)).by, Answerer::other_fabric);
  NetworkOptions options;
  options.nic = NicRate{25e9};
  const cost::CostModel between = model_of({across(16, 8, 1)});
  EXPECT_EQ(Answerers(between, StepConstants{}, options).answer(all_reduce(16, 8)).by, Answerer::node_nics);
}

TEST(Answerers, LimitARingThatTheCurveWasNotMeasuredWith) {
  const cost::CostModel model = model_of({across(16, 8, 1)});
  NetworkOptions options;
  options.ring_limit_bytes_per_s = 1;  // below what any curve reaches
  EXPECT_TRUE(Answerers(model, StepConstants{}, options).answer(all_reduce(16, 8)).additions.empty())
      << "the curve is of this ring";
  const Answer alone = Answerers(model, StepConstants{}, options).answer(all_reduce(16, 1));
  ASSERT_EQ(alone.additions.size(), 1U);
  EXPECT_EQ(alone.additions[0].what, Addition::ring_limit);
  options.ring_limit_bytes_per_s = 1e15;
  EXPECT_TRUE(Answerers(model, StepConstants{}, options).answer(all_reduce(16, 1)).additions.empty());
}

TEST(Answerers, NameWhatTheyAddAndLeaveItOut) {
  const cost::CostModel model = model_of({curve(8, 1)});
  const StepConstants constants;
  NetworkOptions options;
  options.line_rate = NicRate{20e9, Seconds{0}, 8};
  options.ring_limit_bytes_per_s = 10e9;
  const Message ring = all_reduce(2, 1);
  const double whole_s = 1048576 / 20e9;
  const Answer all = Answerers(model, constants, options).answer(ring);
  ASSERT_EQ(all.additions.size(), 2U);
  EXPECT_EQ(all.additions[0].what, Addition::ring_share);
  EXPECT_NEAR(all.additions[0].seconds, whole_s / constants.ring_share - whole_s, 1e-12);
  EXPECT_EQ(all.additions[1].what, Addition::ring_limit);
  EXPECT_NEAR(all.estimate.value_s, 1048576 / 10e9, 1e-12) << "at its limit";
  options.without = {Addition::ring_limit};
  EXPECT_NEAR(Answerers(model, constants, options).answer(ring).estimate.value_s, whole_s / constants.ring_share,
              1e-12);
  options.without = {Addition::ring_limit, Addition::ring_share};
  EXPECT_NEAR(Answerers(model, constants, options).answer(ring).estimate.value_s, whole_s, 1e-12);
  const Answer sent = Answerers(model, constants, options).answer(transfer(true));
  ASSERT_EQ(sent.additions.size(), 1U);
  EXPECT_EQ(sent.additions[0].what, Addition::host_wait);
  EXPECT_NEAR(sent.estimate.value_s, whole_s + constants.transfer_wait_s, 1e-12);
  EXPECT_EQ(describe(sent.additions[0]),
            "800 us of it by host-wait: the host synchronises after a transfer between stages");
}

TEST(Answerers, AMeshMultipliesWhatASwitchTakesBeyondItsLatency) {
  const cost::CostModel model = model_of({curve(2, 5), across(16, 8, 20)});
  NetworkOptions options;
  options.mesh = Mesh({8});
  const Answer behind = answerers(model).answer(all_reduce(2, 2));
  const Answer on_mesh = Answerers(model, StepConstants{}, options).answer(all_reduce(2, 2));
  ASSERT_EQ(on_mesh.additions.size(), 1U);
  EXPECT_EQ(on_mesh.additions[0].what, Addition::mesh);
  EXPECT_NEAR(on_mesh.estimate.value_s, 5e-6 + 2 * (behind.estimate.value_s - 5e-6), 1e-9);
  EXPECT_EQ(Answerers(model, StepConstants{}, options).answer(all_reduce(16, 8)).estimate.value_s,
            Answerers(model, StepConstants{}, {}).answer(all_reduce(16, 8)).estimate.value_s);
  options.without = {Addition::mesh};
  EXPECT_TRUE(Answerers(model, StepConstants{}, options).answer(all_reduce(2, 2)).additions.empty());
}

}  // namespace
}  // namespace hockney::predict
