#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

#include "base/error.hpp"
#include "commands/reference/build_reference.hpp"
#include "commands/reference/reference_library.hpp"
#include "cost/cost_model.hpp"
#include "fit/text_matching.hpp"
#include "predict/network/sharing_hold_out.hpp"
#include "store/example_launch.hpp"
#include "store/launch_reader.hpp"
#include "views/summary_columns.hpp"

namespace hockney::commands {
namespace {
namespace fs = std::filesystem;

const std::string measured =
    "# machine: two boxes\n# source: a page\n# url: https://example.org\n# fabric: nvswitch\n# transport: nccl\n"
    "# mode: stream\n# statistic: mean_over_ranks\n# iterations: 20\n# caveats: one run\n"
    "operation,ranks,ranks_per_node,element,in_place,payload_bytes,time_us\n"
    "all_reduce,8,8,float32,false,1024,10\nall_reduce,8,8,float32,false,1048576,100\n";
const std::string stated =
    "# machine: wires\n# source: a data sheet\n# url: https://example.org\n# fabric: infiniband\n"
    "# estimated: line rate\n# bandwidth_gb_per_s: 25\n# latency_us: 5\n# caveats: nobody measured\n";

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class ReferenceTest : public testing::Test {
 protected:
  void add(const std::string& file, const std::string& text) {
    const fs::path path = source_ / file;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  BuiltReference build(const std::string& out) {
    return build_reference(source_, folder_.path() / out, "hockney 0.0.0");
  }

  void copy_shipped(const std::string& file) {
    const fs::path copy = source_ / file;
    fs::create_directories(copy.parent_path());
    fs::copy_file(fs::path(HOCKNEY_REFERENCE_FIGURES) / file, copy);
  }

  std::string refusal_of_build() {
    try {
      build(fmt::format("refused{}", refusals_++));
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  }

  int refusals_ = 0;
  store::TemporaryFolder folder_;
  fs::path source_ = folder_.path() / "figures";
};

TEST_F(ReferenceTest, BuildsTheSameBytesEveryTime) {
  add("box/nvswitch_all_reduce.csv", measured);
  add("box/infiniband.csv", stated);
  const BuiltReference built = build("one");
  EXPECT_EQ(built.systems, 1U);
  EXPECT_EQ(built.files, 2U);
  EXPECT_EQ(built.points, 2U);
  EXPECT_EQ(built.curves, 1U);
  EXPECT_EQ(built.line_rates, 1U);
  build("two");
  for (const char* file : {"box/nvswitch_all_reduce.h5", "box/infiniband.h5", "box.cost.json"}) {
    const std::string first = bytes_of(folder_.path() / "one" / file);
    EXPECT_FALSE(first.empty()) << file;
    EXPECT_EQ(first, bytes_of(folder_.path() / "two" / file)) << file;
  }
}

TEST_F(ReferenceTest, LineRatesReachTheCostModel) {
  add("box/infiniband.csv", stated);
  build("library");
  const cost::CostModel model = cost::CostModel::read(ReferenceLibrary(folder_.path() / "library").cost_model("box"));
  EXPECT_TRUE(model.curves.empty());
  const auto rate = model.line_rate_between_nodes();
  ASSERT_TRUE(rate);
  EXPECT_DOUBLE_EQ(rate->bandwidth.value, 25e9);
  EXPECT_DOUBLE_EQ(rate->latency.count(), 5e-6);
  EXPECT_EQ(rate->machine, "box");
  EXPECT_EQ(rate->source, "infiniband.csv; a data sheet");
  EXPECT_TRUE(fit::holds_text(model.sources.at(0), "ESTIMATED FROM LINE RATE: infiniband.csv"));
}

TEST_F(ReferenceTest, ResolvesNamesAndLeavesFilesAlone) {
  add("box/nvswitch_all_reduce.csv", measured);
  build("library");
  const ReferenceLibrary library(folder_.path() / "library");
  EXPECT_EQ(library.names(), std::vector<std::string>{"box"});
  EXPECT_EQ(library.campaigns_given({"reference:box", "other/file.h5"}),
            (std::vector<fs::path>{folder_.path() / "library" / "box", "other/file.h5"}));
  EXPECT_EQ(library.cost_model_given("my.cost.json"), "my.cost.json");
  EXPECT_EQ(store::read_launch(store::launch_files(library.campaign("box")).at(0)).info.machine, "box");
  try {
    library.cost_model_given("reference:bix");
    ADD_FAILURE() << "accepted";
  } catch (const InputError& error) {
    EXPECT_TRUE(fit::holds_text(error.what(), "unknown reference system 'bix'; did you mean 'box'?"));
  }
  EXPECT_THROW(ReferenceLibrary(folder_.path() / "nothing").names(), InputError);
}

// Concurrent pairs of ABCI and all-to-alls of p5, each left out and predicted from the other counts.
TEST_F(ReferenceTest, SharedNodesArePredictedWithinATenthFromOtherCounts) {
  copy_shipped("abci-a100/infiniband_ping_pong.csv");
  for (const char* program : {"", "_nvshmem_host", "_nvshmem_device"}) {
    copy_shipped(fmt::format("aws-p5/efa_all_to_all{}.csv", program));
  }
  build("library");
  const ReferenceLibrary library(folder_.path() / "library");
  std::vector<double> pairs, by_law, all;
  for (const char* system : {"abci-a100", "aws-p5"}) {
    const cost::CostModel model = cost::CostModel::read(library.cost_model(system));
    for (const predict::HeldOutCurve& curve : predict::hold_out_sharing(model)) {
      views::append(all, curve.errors);
      if (curve.by == predict::Answerer::sharing) {
        views::append(curve.curve->machine == "aws-p5" ? by_law : pairs, curve.errors);
      }
    }
  }
  EXPECT_GT(pairs.size(), 50U) << "1, 4 and 8 at once";
  EXPECT_LT(cost::quantiles_of(pairs).median, 0.1);
  EXPECT_GT(by_law.size(), 10U) << "fewer nodes than the others";
  EXPECT_LT(cost::quantiles_of(by_law).median, 0.1);
  EXPECT_LT(cost::quantiles_of(all).median, 0.1);
}

TEST_F(ReferenceTest, RefusesFiguresThatCannotBeUsed) {
  EXPECT_TRUE(fit::holds_text(refusal_of_build(), "figures: no such folder"));
  fs::create_directories(source_);
  EXPECT_TRUE(fit::holds_text(refusal_of_build(), "figures: no systems"));
  add("box/README.md", "nothing");
  EXPECT_TRUE(fit::holds_text(refusal_of_build(), "box: no CSV files"));
  add("box/a.csv", std::string(measured).replace(measured.find("# caveats"), 9, "# versions"));
  EXPECT_TRUE(fit::holds_text(refusal_of_build(), "a.csv: key 'caveats' is missing"));
  add("box/a.csv", measured);
  add("box/b.csv", measured);
  EXPECT_TRUE(fit::holds_text(refusal_of_build(), "which a.csv holds too; one source per curve"));
  refusals_ = 0;
  fs::create_directories(folder_.path() / "refused0" / "mine");
  EXPECT_TRUE(fit::holds_text(refusal_of_build(), "refused0: is not empty"));
}

}  // namespace
}  // namespace hockney::commands
