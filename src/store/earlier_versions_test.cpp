#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

#include "base/field_text.hpp"
#include "plan/case_fields.hpp"
#include "store/launch_reader.hpp"
#include "store/schema.hpp"
#include "store/visit_fields.hpp"

/// Launch files that the programs of their time wrote, and beside each its values as that program had them in memory:
/// "VISIT COLUMN VALUE" (tests/fixtures/README.md).
namespace hockney::store {
namespace {
namespace fs = std::filesystem;

const fs::path fixtures = fs::path(__FILE__).parent_path().parent_path().parent_path() / "tests" / "fixtures";

using Texts = std::map<std::string, std::string, std::less<>>;  // by column

std::vector<Texts> told_of(const fs::path& file) {
  std::vector<Texts> visits;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::size_t visit = 0;
    std::string column, value;
    words >> visit >> column;
    std::getline(words >> std::ws, value);
    visits.resize(std::max(visits.size(), visit + 1));
    visits[visit][column] = value;
  }
  return visits;
}

template <class Object, class... Fields>
void add_texts(Texts& texts, const Object& object, const std::tuple<Fields...>& fields) {
  for_each_field(fields, [&](const auto& each) {
    const auto value = each.get(object);
    if constexpr (std::is_same_v<std::remove_const_t<decltype(value)>, Flags>) {
      texts[std::string(each.name)] = to_string(value);
    } else if constexpr (std::is_same_v<std::remove_const_t<decltype(value)>, std::int64_t>) {
      texts[std::string(each.name)] = std::to_string(value);
    } else {
      texts[std::string(each.name)] = text_of(value);
    }
  });
}

Texts texts_of(const Measurement& visit) {
  Texts texts{{"name", visit.point.name()},
              {"point_id", std::to_string(visit.point_id)},
              {"pass", std::to_string(visit.pass)},
              {"elapsed", fmt::format("{}", fmt::join(visit.elapsed, " "))},
              {"t_enqueue", fmt::format("{}", fmt::join(visit.enqueue_s, " "))},
              {"t_host", fmt::format("{}", fmt::join(visit.host_s, " "))}};
  add_texts(texts, visit.point, case_fields);
  add_texts(texts, visit, schema::visit_fields);
  add_texts(texts, visit.observation, schema::observation_fields);
  return texts;
}

class FileOfVersion : public testing::TestWithParam<const char*> {};

TEST_P(FileOfVersion, ReadsAsTheProgramThatWroteItHadIt) {
  const std::string name = fmt::format("launch-{}", GetParam());
  const Launch launch = read_launch(fixtures / (name + ".h5"));
  const std::vector<Texts> visits = told_of(fixtures / (name + ".txt"));
  ASSERT_EQ(launch.measurements.size(), visits.size());
  ASSERT_GE(visits.size(), 4U);
  const Texts defaults = texts_of(Measurement{});
  for (std::size_t i = 0; i < visits.size(); ++i) {
    Texts now = texts_of(launch.measurements[i]);
    for (const auto& [column, value] : visits[i]) {
      ASSERT_TRUE(now.contains(column)) << column;
      EXPECT_EQ(now[column], value) << "visit " << i << ", " << column;
      now.erase(column);
    }
    for (const auto& [column, value] : now) {
      EXPECT_EQ(value, defaults.at(column)) << "visit " << i << ": version " << GetParam() << " has no " << column;
    }
  }
  EXPECT_EQ(launch.info.machine, "machine-a");
  EXPECT_EQ(launch.placements.size(), 2U);
  EXPECT_TRUE(launch.info.finalised);
}

INSTANTIATE_TEST_SUITE_P(Launches, FileOfVersion, testing::Values("1.0", "1.1", "1.2"),
                         [](const auto& test) { return fmt::format("1_{}", test.param[2]); });

}  // namespace
}  // namespace hockney::store
