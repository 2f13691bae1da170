#include "exports/writers.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "base/error.hpp"
#include "exports/synthetic_cluster.hpp"

// Each file is read back by its planner's own rules, retyped here with their source, and asked a time that the cost
// curves also give.
namespace hockney::exports {
namespace {

using Json = nlohmann::json;
using Rows = std::vector<std::vector<std::string>>;

const std::string& text_of(const Exported& made, const std::string& name) {
  for (const File& file : made.files) {
    if (file.name == name) {
      return file.text;
    }
  }
  throw std::out_of_range(name);
}

Json json_of(const Exported& made, const std::string& name = "") { return Json::parse(text_of(made, name)); }

std::string refusal(const Format& format, const Cluster& cluster) {
  try {
    format.write(cluster);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

double time(const Cluster& cluster, Operation operation, const Group& group, Bytes payload) {
  return cluster.ask(operation, group, payload);
}

// Lines without comments, cut at commas; an empty last cell counts.
Rows rows_of(const std::string& text) {
  Rows rows;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.empty() || line.front() == '#') {
      continue;
    }
    rows.emplace_back();
    std::istringstream cells(line + ",");
    for (std::string cell; std::getline(cells, cell, ',');) {
      rows.back().push_back(cell);
    }
  }
  return rows;
}

bool any_says(const Notes& notes, std::string_view words) {
  return std::any_of(notes.begin(), notes.end(),
                     [&](const std::string& note) { return note.find(words) != std::string::npos; });
}

// A cluster where an operation takes less time from some payload on.
Cluster falling(Operation operation, Bytes from, double time_s) {
  Cluster cluster = cluster_on_paper(1, 8);
  cluster.ask = [ask = cluster.ask, operation, from, time_s](Operation asked, const Group& group, Bytes payload) {
    return asked == operation && payload >= from ? time_s : ask(asked, group, payload);
  };
  return cluster;
}

void expect_near(double answer, double truth, double share = 1e-4) { EXPECT_NEAR(answer / truth, 1, share); }

const Bytes reference = mebibytes(64);
constexpr double reference_bytes = 64.0 * 1024 * 1024;

// calculon/network.py, Network.time(): latency + size scalar (1 + offset / n) / (bandwidth 1e9 efficiency)
double calculon_time(const Json& network, const char* op, double bytes, double ranks) {
  const Json& law = network.at("ops").at(op);
  const double offset = law[1].is_null() ? 0 : law[1].get<double>();
  return network.at("latency").get<double>() +
         bytes * law[0].get<double>() * (1 + offset / ranks) /
             (network.at("bandwidth").get<double>() * 1e9 * network.at("efficiency").get<double>());
}

TEST(Calculon, AnswersAsTheCurvesAtTheReference) {
  const Cluster cluster = cluster_on_paper(4, 8);
  const Json system = json_of(calculon.write(cluster));
  const std::map<std::string, Operation> operations{{"all_reduce", Operation::all_reduce},
                                                    {"all_gather", Operation::all_gather},
                                                    {"reduce_scatter", Operation::reduce_scatter}};
  for (const auto& [name, operation] : operations) {
    expect_near(calculon_time(system["networks"][0], name.c_str(), reference_bytes, 8),
                time(cluster, operation, neighbours(cluster, 8), reference));
    expect_near(calculon_time(system["networks"][1], name.c_str(), reference_bytes, 32),
                time(cluster, operation, neighbours(cluster, 32), reference));
  }
  expect_near(calculon_time(system["networks"][1], "p2p", reference_bytes, 2),
              time(cluster, Operation::ping_pong, pair_across(), reference));
  expect_near(calculon_time(system["networks"][0], "all_reduce", 1024, 8),
              time(cluster, Operation::all_reduce, neighbours(cluster, 8), smallest_payload));
}

TEST(Calculon, HasTheKeysThatItsReaderInsistsOn) {
  const Json system = json_of(calculon.write(cluster_on_paper(2, 8)));
  ASSERT_EQ(system["networks"].size(), 2U);
  for (const Json& network : system["networks"]) {
    EXPECT_EQ(network.size(), 7U);  // set equality is asserted: network.py
    for (const char* key : {"bandwidth", "efficiency", "size", "latency", "ops", "must_be_filled", "processor_usage"}) {
      EXPECT_TRUE(network.contains(key)) << key;
    }
    EXPECT_TRUE(network["ops"]["p2p"][1].is_null());
    EXPECT_EQ(network["ops"].size(), 4U);
    EXPECT_LT(network["processor_usage"].get<double>(), 1);
  }
  EXPECT_EQ(system["mem1"]["GiB"].get<double>(), 80);
}

TEST(Calculon, RefusesNodesOfOneGpu) {
  EXPECT_EQ(refusal(calculon, cluster_on_paper(4, 1)),
            "calculon: a node of one GPU cannot be expressed; expected --ranks-per-node 2 or more");
}

std::vector<double> yaml_list(const std::string& text, const std::string& key) {
  std::smatch match;
  EXPECT_TRUE(std::regex_search(text, match, std::regex(key + R"(: \[ ([^\]]*) \])")));
  std::vector<double> values;
  const Rows rows = rows_of(match[1].str());
  for (const std::string& cell : rows.at(0)) {
    values.push_back(std::stod(cell));
  }
  return values;
}

// astra-network-analytical: delay = hops latency + bytes / bandwidth, with bw GB/s = bw 2^30 / 1e9 B/ns
// (common/NetworkFunction.cpp bw_GBps_to_Bpns) and two hops in a Switch
double astra_sim_time(double gb_per_s, double latency_ns, double bytes) {
  return (2 * latency_ns + bytes / (gb_per_s * 1073741824.0 / 1e9)) * 1e-9;
}

TEST(AstraSim, AnswersATransferInItsGigabytesAndHalfLatencies) {
  const Cluster cluster = cluster_on_paper(4, 8);
  const std::string text = text_of(astra_sim.write(cluster), "");
  EXPECT_NE(text.find("topology: [ Switch, Switch ]\nnpus_count: [ 8, 4 ]\n"), std::string::npos) << text;
  const auto rates = yaml_list(text, "bandwidth");
  const auto latencies = yaml_list(text, "latency");
  const std::array<Group, 2> pairs{pair_inside(), pair_across()};
  for (std::size_t d = 0; d < pairs.size(); ++d) {
    for (const Bytes payload : {smallest_payload, reference}) {
      expect_near(astra_sim_time(rates.at(d), latencies.at(d), static_cast<double>(payload.count)),
                  time(cluster, Operation::ping_pong, pairs.at(d), payload));
    }
  }
}

TEST(AstraSim, LeavesOutDimensionsOfOne) {
  EXPECT_EQ(yaml_list(text_of(astra_sim.write(cluster_on_paper(1, 8)), ""), "npus_count"), std::vector<double>{8});
  EXPECT_EQ(yaml_list(text_of(astra_sim.write(cluster_on_paper(4, 1)), ""), "npus_count"), std::vector<double>{4});
  EXPECT_NE(refusal(astra_sim, cluster_on_paper(1, 1)).find("one GPU communicates with nobody"), std::string::npos);
}

// galvatron/core/cost_model: time_ms = 2 (n - 1) / n MiB coefficient, coefficient = 1 / value; a transfer MiB / value
TEST(Galvatron, RatesAreInMebibytesPerMillisecond) {
  const Cluster cluster = cluster_on_paper(2, 8);
  const Exported made = galvatron.write(cluster);
  const Json rates = json_of(made, "allreduce_bandwidth_2nodes_8gpus_per_node.json");
  for (const std::uint32_t n : {2U, 4U, 8U, 16U}) {
    const double value = rates.at("allreduce_size_" + std::to_string(n) + "_consec_1").get<double>();
    expect_near(2.0 * (n - 1) / n * 32 / value * 1e-3,
                time(cluster, Operation::all_reduce, neighbours(cluster, n), mebibytes(32)));
  }
  for (const std::uint32_t n : {2U, 4U, 8U}) {  // strided over both nodes
    const double value = rates.at("allreduce_size_" + std::to_string(n) + "_consec_0").get<double>();
    expect_near(2.0 * (n - 1) / n * 32 / value * 1e-3,
                time(cluster, Operation::all_reduce, {.ranks = n, .ranks_per_node = n / 2}, mebibytes(32)));
  }
  EXPECT_FALSE(rates.contains("allreduce_size_16_consec_0"));
  const Json transfers = json_of(made, "p2p_bandwidth_2nodes_8gpus_per_node.json");
  expect_near(32 / transfers.at("pp_size_2").get<double>() * 1e-3,
              time(cluster, Operation::ping_pong, pair_across(), mebibytes(32)));
  EXPECT_NEAR(json_of(made, "overlap_coefficient.json").at("overlap_coe").get<double>(), 1.25, 1e-12);
}

TEST(Galvatron, TimesAreInMillisecondsAtElevenSizes) {
  const Cluster cluster = cluster_on_paper(2, 4);
  const Json times = json_of(galvatron.write(cluster), "sp_time_2nodes_4gpus_per_node.json");
  EXPECT_EQ(times.size(), 3U * 2 * 11);  // groups of 8, 4, 2; its reader asserts 8 sizes or more
  expect_near(times.at("allreduce_size_4_16MB_time").get<double>() * 1e-3,
              time(cluster, Operation::all_reduce, neighbours(cluster, 4), mebibytes(16)));
  expect_near(times.at("all2all_size_8_1024MB_time").get<double>() * 1e-3,
              time(cluster, Operation::all_to_all, neighbours(cluster, 8), gibibytes(1)));
}

TEST(Galvatron, RefusesWhatItsFilesCannotHold) {
  EXPECT_NE(refusal(galvatron, cluster_on_paper(3, 8)).find("a power of two"), std::string::npos);
  EXPECT_EQ(refusal(galvatron, without_all_to_all(cluster_on_paper(2, 8))), "all_to_all: no curve");
}

// alpa/mesh_profiling.py: linear interpolation between (elements, s), less the time of size 0
TEST(Alpa, AnswersTimesLessThatOfSizeZero) {
  const Cluster cluster = cluster_on_paper(2, 8);
  const Json meshes = json_of(alpa.write(cluster), "times.json").at("meshes");
  ASSERT_EQ(meshes.size(), 4U);  // (1, 2), (1, 4), (1, 8), (2, 8)
  const Json& mesh = meshes[3];
  EXPECT_EQ(mesh.at("shape"), Json({2, 8}));
  const Json& half = mesh.at("times").at("all_reduce_cost_dict")[0];
  EXPECT_EQ(half.at("dtype"), "f16");
  EXPECT_EQ(half.at("replica_groups")[0].size(), 16U);
  std::map<std::uint64_t, double> points;
  for (const Json& point : half.at("points")) {
    points[point[0].get<std::uint64_t>()] = point[1].get<double>();
  }
  const Group all = neighbours(cluster, 16);
  expect_near(points.at(reference.count / 2) - points.at(0),
              time(cluster, Operation::all_reduce, all, reference) -
                  time(cluster, Operation::all_reduce, all, smallest_payload));
}

// colossalai/device/alpha_beta_profiler.py: {(i, j): (s, s/B)}; device_mesh.py: alpha + 2 beta (n - 1) / n S + 0.01
TEST(ColossalAi, HoldsEveryPairInBothOrders) {
  const Cluster cluster = cluster_on_paper(2, 4);
  const std::string text = text_of(colossalai.write(cluster), "");
  const std::regex entry(R"(\((\d+), (\d+)\): \(([^,]+), ([^)]+)\))");
  std::map<std::pair<int, int>, std::pair<double, double>> pairs;
  for (std::sregex_iterator at(text.begin(), text.end(), entry), end; at != end; ++at) {
    pairs[{std::stoi((*at)[1]), std::stoi((*at)[2])}] = {std::stod((*at)[3]), std::stod((*at)[4])};
  }
  ASSERT_EQ(pairs.size(), 8U * 7);
  EXPECT_EQ(pairs.at({0, 5}), pairs.at({5, 0}));
  expect_near(pairs.at({0, 1}).first + pairs.at({0, 1}).second * reference_bytes,
              time(cluster, Operation::all_reduce, pair_inside(), reference));
  expect_near(pairs.at({0, 5}).first + pairs.at({0, 5}).second * reference_bytes,
              time(cluster, Operation::all_reduce, pair_across(), reference));
}

TEST(ColossalAi, AnswersAnAllReduceAlongEachAxis) {
  const Cluster cluster = cluster_on_paper(2, 4);
  const std::string text = text_of(colossalai.write(cluster), "");
  std::smatch alphas, betas;
  ASSERT_TRUE(std::regex_search(text, alphas, std::regex(R"(mesh_alpha = \[([^,]+), ([^\]]+)\])")));
  ASSERT_TRUE(std::regex_search(text, betas, std::regex(R"(mesh_beta = \[([^,]+), ([^\]]+)\])")));
  expect_near(std::stod(alphas[2]) + 2 * std::stod(betas[2]) * 3 / 4 * reference_bytes,
              time(cluster, Operation::all_reduce, neighbours(cluster, 4), reference));
  expect_near(std::stod(alphas[1]) + 2 * std::stod(betas[1]) * 1 / 2 * reference_bytes,
              time(cluster, Operation::all_reduce, spread(cluster, 2, 1), reference));
  EXPECT_NE(refusal(colossalai, cluster_on_paper(128, 8)).find("too long"), std::string::npos);
}

// vTrain src: keys by size // 2^20, takes the last two columns (ns, GB/s)
TEST(VTrain, TablesAnswerByTheirLastColumns) {
  const Cluster cluster = cluster_on_paper(2, 8);
  const Exported made = vtrain.write(cluster);
  for (const std::uint32_t n : {2U, 5U, 8U}) {
    const Rows rows = rows_of(text_of(made, "AR_GPU" + std::to_string(n) + "_1M_1024M_LUT"));
    ASSERT_EQ(rows.size(), 1U + 1024);
    const auto& row = rows.at(64);
    EXPECT_EQ(std::stoull(row.at(0)) >> 20U, 64U);
    expect_near(std::stod(row.at(5)) * 1e-9, time(cluster, Operation::all_reduce, neighbours(cluster, n), reference));
    expect_near(2.0 * (n - 1) / n * reference_bytes / (std::stod(row.at(6)) * 1e9), std::stod(row.at(5)) * 1e-9, 1e-3);
  }
}

// vTrain: a transfer takes bytes / ((bw 2^30 / 8) / 4)
TEST(VTrain, TransfersUndoItsDivisionByFour) {
  const Cluster cluster = cluster_on_paper(2, 8);
  const Json keys = json_of(vtrain.write(cluster), "network_keys.json");
  const double bandwidth = keys.at("inter_node_bandwidth").get<double>();
  expect_near(reference_bytes / ((bandwidth * 1073741824.0 / 8) / 4),
              time(cluster, Operation::ping_pong, pair_across(), reference));
  expect_near(reference_bytes / (keys.at("intra_node_bandwidth").get<double>() * 1073741824.0),
              time(cluster, Operation::all_reduce, neighbours(cluster, 16), reference));
}

// aiconfigurator: message_size in elements of 2 bytes, latency in ms; a transfer (bytes / inter_node_bw + p2p_latency)
TEST(AiConfigurator, SizesAreElementsAndTimesMilliseconds) {
  const Cluster cluster = cluster_on_paper(2, 8);
  const Exported made = aiconfigurator.write(cluster);
  const Rows rows = rows_of(text_of(made, "nccl_perf.txt"));
  EXPECT_EQ(rows.size(), 1U + 4 * 3 * 21);
  const auto row = std::find_if(rows.begin(), rows.end(), [](const auto& each) {
    return each.at(3) == "alltoall" && each.at(6) == "4" && each.at(7) == std::to_string(reference.count / 2);
  });
  ASSERT_NE(row, rows.end());
  expect_near(std::stod(row->at(8)) * 1e-3, time(cluster, Operation::all_to_all, neighbours(cluster, 4), reference));
  std::smatch rate, latency;
  const std::string& node = text_of(made, "node.yaml");
  ASSERT_TRUE(std::regex_search(node, rate, std::regex("inter_node_bw: (.*)")));
  ASSERT_TRUE(std::regex_search(node, latency, std::regex("p2p_latency: (.*)")));
  expect_near(reference_bytes / std::stod(rate[1]) + std::stod(latency[1]),
              time(cluster, Operation::ping_pong, pair_across(), reference));
}

TEST(AiConfigurator, SaysWhichOperationsItLacks) {
  const Exported made = aiconfigurator.write(without_all_to_all(cluster_on_paper(1, 2)));
  EXPECT_EQ(made.notes.at(0), "no rows of alltoall on 2 GPUs: nothing measured can answer");
  EXPECT_EQ(text_of(made, "nccl_perf.txt").find("alltoall"), std::string::npos);
}

// SimAI calbusbw.cc getValue(): interpolated cell over the last cell of its column, empty cells are 1
double simai_ratio(const Rows& rows, std::size_t column, double bytes) {
  const auto value = [&](std::size_t row) {
    return rows.at(row).at(column).empty() ? 1 : std::stod(rows.at(row).at(column));
  };
  for (std::size_t i = 1; i + 1 < rows.size(); ++i) {
    const double from = std::stod(rows[i][0]), to = std::stod(rows[i + 1][0]);
    if (bytes >= from && bytes <= to) {
      return (value(i) + (value(i + 1) - value(i)) * (bytes - from) / (to - from)) / value(rows.size() - 1);
    }
  }
  throw std::out_of_range("size");
}

double flag(const std::string& text, const std::string& name) {
  std::smatch match;
  EXPECT_TRUE(std::regex_search(text, match, std::regex(name + " ([^ \n]+)")));
  return std::stod(match[1]);
}

TEST(SimAi, AnswersGathersByRatioAndRate) {
  const Cluster cluster = cluster_on_paper(4, 8);
  const Exported made = simai.write(cluster);
  const std::string& flags = text_of(made, "flags.txt");
  const double inside =
      flag(flags, "-nv") * 1e9 * simai_ratio(rows_of(text_of(made, "nvlink_ratio.csv")), 1, reference_bytes);
  expect_near(7.0 / 8 * reference_bytes / inside,
              time(cluster, Operation::all_gather, neighbours(cluster, 8), reference));
  const double bottleneck = std::min(flag(flags, "-nv"), flag(flags, "-nic") * flag(flags, "-n_p_s")) * 1e9;
  const double across = bottleneck * simai_ratio(rows_of(text_of(made, "nic_ratio.csv")), 3, reference_bytes);
  expect_near(31.0 / 32 * reference_bytes / across,
              time(cluster, Operation::all_gather, neighbours(cluster, 32), reference));
  EXPECT_EQ(simai_ratio(rows_of(text_of(made, "ata_ratio.csv")), 8, reference_bytes), 1);  // 128 nodes: not known
}

// llm_analysis/analysis.py: max(2 (n - 1) / n S / (bandwidth 1e9), smallest latency)
TEST(LlmAnalysis, AnswersAnAllReduceInsideANode) {
  const Cluster cluster = cluster_on_paper(2, 8);
  const Json gpu = json_of(llm_analysis.write(cluster));
  const auto answer = [&](double bytes) {
    return std::max(2 * 7.0 / 8 * bytes / (gpu.at("intra_node_bandwidth_in_GB_per_sec").get<double>() * 1e9),
                    gpu.at("intra_node_min_message_latency").get<double>());
  };
  const Group node = neighbours(cluster, 8);
  expect_near(answer(reference_bytes), time(cluster, Operation::all_reduce, node, reference));
  expect_near(answer(1024), time(cluster, Operation::all_reduce, node, smallest_payload));
  expect_near(15.0 / 16 * reference_bytes / (gpu.at("inter_node_bandwidth_in_GB_per_sec").get<double>() * 1e9),
              time(cluster, Operation::all_gather, neighbours(cluster, 16), reference));
}

// FlexFlow machine_model.cc: words 1 and 3 of a line; latency in ms, 1 GB/s = 1024 x 1024 B/ms
TEST(FlexFlow, AnswersTransfersInItsUnits) {
  const Cluster cluster = cluster_on_paper(2, 8);
  std::map<std::string, std::string> words;
  std::istringstream stream(text_of(flexflow.write(cluster), ""));
  for (std::string line; std::getline(stream, line);) {
    std::istringstream cut(line);
    std::string key, equals, value;
    cut >> key >> equals >> value;
    words[key] = value;
  }
  const auto answer = [&](const std::string& device) {
    return std::stod(words.at(device + "_latency")) * 1e-3 +
           reference_bytes / (std::stod(words.at(device + "_bandwidth")) * 1024 * 1024) * 1e-3;
  };
  EXPECT_EQ(words.at("inter_node_gpu_fb_mem_to_gpu_fb_mem"), "nic");
  expect_near(answer("nic"), time(cluster, Operation::ping_pong, pair_across(), reference));
  expect_near(answer("nvlink"), time(cluster, Operation::ping_pong, pair_inside(), reference));
}

// taccl/topologies: invbw = alpha + beta, in (scaled) microseconds for the whole input
TEST(Taccl, CostsAreForOneSizeAndScaledUp) {
  const Cluster cluster = cluster_on_paper(2, 8);
  const Exported made = taccl.write(cluster);
  const Json topology = json_of(made);
  double scale = 0;
  ASSERT_EQ(std::sscanf(made.notes.back().c_str(), "all costs are microseconds times %lf", &scale), 1);
  expect_near(topology.at("node_invbws_list")[0].get<double>() / scale * 1e-6,
              time(cluster, Operation::ping_pong, pair_inside(), reference));
  expect_near(topology.at("remote_invbw").get<double>() / scale * 1e-6,
              time(cluster, Operation::ping_pong, pair_across(), reference));
  EXPECT_GE(topology.at("node_betas_list")[0].get<double>(), 10);
  EXPECT_FALSE(json_of(taccl.write(cluster_on_paper(1, 8))).contains("nics_per_node"));
}

// smpi/lat-factor and smpi/bw-factor, "from:factor" with ';' between: factor latency + bytes / (factor bandwidth)
TEST(SimGrid, FactorsAreExactAndAboveZeroEvenWhereTimesFall) {
  for (const double time_s : {1e-9, 1e-6, 1e-3}) {
    const Cluster cluster = falling(Operation::ping_pong, mebibytes(1), time_s);
    Cluster known = cluster;
    known.ask = [ask = cluster.ask](Operation operation, const Group& group, Bytes payload) {
      return payload == reference ? 2e-3 : ask(operation, group, payload);
    };
    Notes notes;
    const Line line = line_through(known, Operation::ping_pong, pair_inside(), notes);
    const std::string text = text_of(simgrid.write(known), "factors.txt");
    const auto factor = [&](const char* flag) {
      const std::string list = text.substr(text.find(flag));
      return std::stod(list.substr(list.find(";1048576:") + 9));
    };
    EXPECT_GT(factor("lat-factor"), 0);
    EXPECT_GT(factor("bw-factor"), 0);
    expect_near(factor("lat-factor") * line.alpha_s + 1048576 * line.beta_s_per_byte / factor("bw-factor"), time_s);
  }
}

// nnScaler AutoDist: lists of MB and seconds
TEST(NnScaler, ListsAreMebibytesAndSeconds) {
  const Cluster cluster = cluster_on_paper(2, 8);
  const Exported made = nnscaler.write(cluster);
  ASSERT_EQ(made.files.size(), 4U);
  const Json lists = json_of(made, "intra_16.json").at("reduce scatter");
  ASSERT_EQ(lists[0].size(), 12U);
  EXPECT_EQ(lists[0][0], 0.25);
  EXPECT_EQ(lists[0][8], 64);
  expect_near(lists[1][8].get<double>(), time(cluster, Operation::reduce_scatter, neighbours(cluster, 16), reference));
}

// autoparallel fit_profile.py runtime_prediction(): latency_us + bytes / (1000 bandwidth ramp(log2(bytes per rank /
// 64)))
TEST(AutoParallel, RampsAreExactAtPowersOfTwoPerRank) {
  const Cluster cluster = cluster_on_paper(2, 4);
  const std::string text = text_of(autoparallel.write(cluster), "");
  const std::string reduce = text.substr(text.find("\"all_reduce\""));
  std::smatch rate;
  ASSERT_TRUE(std::regex_search(reduce, rate, std::regex(R"(\(2, 4\): \(([\d.]+), ([\d.]+)\))")));
  const std::string ramps = text.substr(text.find("RUNTIME_RAMPS"));
  const std::string all_reduce = ramps.substr(ramps.find("\"all_reduce\""));
  std::istringstream values(all_reduce.substr(all_reduce.find("(2, 4): (\n") + 10));
  std::vector<double> ramp;
  for (std::string line; ramp.size() < 24 && std::getline(values, line);) {
    ramp.push_back(std::stod(line));
  }
  for (const std::size_t x : {12U, 17U, 23U}) {
    const Bytes payload{(std::uint64_t{64} << x) * 8};
    const double answer =
        std::stod(rate[1]) + static_cast<double>(payload.count) / (1000 * std::stod(rate[2]) * ramp.at(x));
    expect_near(answer * 1e-6, time(cluster, Operation::all_reduce, neighbours(cluster, 8), payload), 1e-3);
  }
}

cost::CostModel labelled_model() {
  cost::CostCurve curve = curve_of({}, Operation::all_reduce, {.ranks = 32, .ranks_per_node = 8});
  curve.points = {{Bytes{1024}, 10e-6, 0.01, "Ring/LL/4"},
                  {Bytes{4096}, 11e-6, 0.01, "Ring/LL/4"},
                  {Bytes{65536}, 20e-6, 0.01, "NVLSTree/Simple/mixed"}};
  cost::CostCurve pinned = curve;
  pinned.shape.algorithm = "tree";
  pinned.shape.protocol = "ll128";
  pinned.points = {{Bytes{1024}, 30e-6, 0.01}, {Bytes{4096}, 9e-6, 0.01}};
  cost::CostModel model;
  model.curves = {curve, pinned};
  return model;
}

// NCCL plugins/tuner/example/plugin.c loadConfig() and pluginGetCollInfo(): the first row that matches
TEST(NcclTuner, RowsAreWhatTheExamplePluginReads) {
  const cost::CostModel model = labelled_model();
  Cluster cluster = cluster_on_paper(4, 8);
  cluster.model = &model;
  const Exported made = nccl_tuner.write(cluster);
  const Rows rows = rows_of(text_of(made, ""));
  const auto choice = [&](std::uint64_t bytes) -> std::string {
    for (const auto& row : rows) {
      if (row.at(0) == "allreduce" && bytes >= std::stoull(row.at(1)) && bytes <= std::stoull(row.at(2)) &&
          row.at(6) == "4" && row.at(7) == "32") {
        return row.at(3) + " " + row.at(4) + " " + row.at(5);
      }
    }
    return "NCCL's own";
  };
  EXPECT_EQ(choice(512), "NCCL's own");
  EXPECT_EQ(choice(1024), "ring ll 4");
  EXPECT_EQ(choice(4095), "ring ll 4");
  EXPECT_EQ(choice(4096), "tree ll128 -1");
  EXPECT_EQ(choice(65536), "nvls_tree simple -1");
  EXPECT_EQ(choice(65537), "NCCL's own");
  for (const auto& row : rows) {
    EXPECT_EQ(row.size(), 8U);
  }
}

TEST(NcclTuner, NeitherModesNorSoftwareArePooled) {
  cost::CostModel model = labelled_model();
  for (cost::CostCurve& curve : model.curves) {
    curve.machine = "a machine";
    curve.shape.mode = Mode::stream;
    curve.shape.software = "nccl:2.30";
  }
  model.curves.push_back(model.curves[0]);
  model.curves.push_back(model.curves[0]);
  for (cost::CurvePoint& point : model.curves[2].points) {
    point = {point.payload, 1e-9, 0.01, "Tree/LL128/1"};
  }
  model.curves[3].points = model.curves[2].points;
  model.curves[2].shape.mode = Mode::host;
  model.curves[3].shape.software = "nccl:2.19";
  Cluster cluster = cluster_on_paper(4, 8);
  cluster.model = &model;
  const Exported made = nccl_tuner.write(cluster);
  EXPECT_EQ(text_of(made, "").find("tree,ll128,1,"), std::string::npos) << text_of(made, "");
  EXPECT_TRUE(any_says(made.notes, "/host/out_of_place, on a machine: a row cannot tell it from all_reduce/"));
  EXPECT_TRUE(any_says(made.notes, ", on nccl:2.19: a file is for one software, here nccl:2.30"));
}

TEST(NcclTuner, RefusesCurvesThatDoNotTellWhatRan) {
  cost::CostModel model = labelled_model();
  model.curves.resize(1);
  model.curves[0].points = {{Bytes{1024}, 10e-6, 0.01, ""}};
  Cluster cluster = cluster_on_paper(4, 8);
  cluster.model = &model;
  EXPECT_NE(refusal(nccl_tuner, cluster).find("says which algorithm and protocol ran"), std::string::npos);
}

TEST(Csv, HasARowPerSegmentWithAllDigits) {
  cost::CostModel model = labelled_model();
  model.curves[0].machine = "a machine";
  model.curves[0].shape.software = "nccl:2.30";
  Cluster cluster = cluster_on_paper(4, 8);
  cluster.model = &model;
  const Rows rows = rows_of(text_of(csv.write(cluster), ""));
  ASSERT_EQ(rows.size(), 1U + 4);
  const auto column = [&](const std::string& name) {
    return static_cast<std::size_t>(std::find(rows[0].begin(), rows[0].end(), name) - rows[0].begin());
  };
  EXPECT_EQ(std::stod(rows[2].at(column("alpha_s"))), model.curves[0].segments[1].alpha_s);
  EXPECT_EQ(std::stod(rows[2].at(column("beta_s_per_byte"))), model.curves[0].segments[1].beta_s_per_byte);
  EXPECT_EQ(rows[2].at(column("ranks")), "32");
  EXPECT_EQ(rows[2].at(column("machine")), "a machine");
  EXPECT_EQ(rows[2].at(column("software")), "nccl:2.30");
  EXPECT_EQ(rows[2].at(column("statistic")), "max_over_ranks");
  EXPECT_EQ(rows[2].at(column("interval_basis")), "within_launch");
  for (const auto& row : rows) {
    EXPECT_EQ(row.size(), rows[0].size());
  }
}

TEST(Formats, AreFoundByNameAndListedInOrder) {
  EXPECT_EQ(formats().size(), 16U);
  EXPECT_TRUE(std::is_sorted(formats().begin(), formats().end(),
                             [](const Format* a, const Format* b) { return a->name < b->name; }));
  for (const Format* each : formats()) {
    EXPECT_EQ(&find_format(each->name), each);
    EXPECT_FALSE(each->loses.empty());
  }
  EXPECT_THROW(find_format("calculo"), InputError);
}

TEST(Lines, SayHowFarTheyAreOff) {
  const Cluster cluster = cluster_on_paper(2, 8);
  Notes notes;
  line_through(cluster, Operation::ping_pong, pair_across(), notes);
  line_through(cluster_on_paper(2, 8, {.has_two_segments = false}), Operation::ping_pong, pair_across(), notes);
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_TRUE(notes[0].starts_with("ping_pong of 2 ranks (1 per node): one line, exact at 64 MiB")) << notes[0];
  EXPECT_NE(notes[1].find("off by up to 0.0 %"), std::string::npos) << notes[1];
}

// docs/exporting.md
TEST(Lines, EveryFormatThatHoldsOneSaysHowFarItIsOff) {
  const std::map<const Format*, int> lines{{&aiconfigurator, 1}, {&astra_sim, 2}, {&calculon, 8},
                                           {&colossalai, 4},     {&flexflow, 2},  {&llm_analysis, 2},
                                           {&simgrid, 2},        {&taccl, 2},     {&vtrain, 2}};
  const Cluster cluster = cluster_on_paper(2, 8);
  for (const auto& [format, count] : lines) {
    const Notes notes = format->write(cluster).notes;
    EXPECT_EQ(std::count_if(notes.begin(), notes.end(),
                            [](const std::string& note) { return note.find("off by up to") != std::string::npos; }),
              count)
        << format->name;
  }
}

TEST(Formats, SayWhereARateBetweenNodesIsThatInsideTheOnlyOne) {
  for (const Format* each : {&simai, &llm_analysis, &flexflow}) {
    EXPECT_TRUE(any_says(each->write(cluster_on_paper(1, 8)).notes, "one node:")) << each->name;
    EXPECT_FALSE(any_says(each->write(cluster_on_paper(2, 8)).notes, "one node:")) << each->name;
  }
}

TEST(Formats, TimesAtOrBelowALatencyHaveNoRate) {
  EXPECT_NE(refusal(calculon, falling(Operation::ping_pong, mebibytes(64), 1e-6)).find("name a larger --payload"),
            std::string::npos);
  EXPECT_NE(refusal(autoparallel, falling(Operation::all_gather, mebibytes(1), 1e-9)).find("no rate follows"),
            std::string::npos);
}

}  // namespace
}  // namespace hockney::exports
