#include "mpi/communicator.hpp"

#include <gtest/gtest.h>

namespace hockney::mpi {
namespace {

TEST(Environment, TellsTheLibraryOnOneLine) {
  const std::string version = Environment::library_version();
  EXPECT_GT(version.size(), 4U);
  EXPECT_EQ(version.find_first_of(std::string("\0\n\t", 3)), std::string::npos) << version;
}

TEST(Communicator, BroadcastsTextOfAnyLengthFromRankZero) {
  const Communicator world = Communicator::world();
  EXPECT_EQ(world.broadcast(world.is_root() ? std::string("a plan\nwith lines") : std::string(99, 'x')),
            "a plan\nwith lines");
  EXPECT_EQ(world.broadcast(world.is_root() ? std::string() : std::string("x")), "");
}

TEST(Communicator, GathersColumnsSampleByRank) {
  const Communicator world = Communicator::world();
  const std::vector<double> mine{world.rank() + 0.5, world.rank() + 100.5};
  const std::vector<double> all = world.gather_columns(mine);
  if (!world.is_root()) {
    EXPECT_TRUE(all.empty());
    return;
  }
  const auto ranks = static_cast<std::size_t>(world.size());
  ASSERT_EQ(all.size(), 2 * ranks);
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    EXPECT_EQ(all[rank], static_cast<double>(rank) + 0.5);
    EXPECT_EQ(all[ranks + rank], static_cast<double>(rank) + 100.5);
  }
}

TEST(Communicator, ErrorOfRankZeroReachesEveryRank) {
  const Communicator world = Communicator::world();
  try {
    world.on_root([] { throw InputError("folder is read-only"); });
    FAIL() << "every rank must throw";
  } catch (const AgreedError& error) {
    EXPECT_STREQ(error.what(), "folder is read-only");
    EXPECT_EQ(error.code(), ExitCode::bad_input);
  }
  world.barrier();
}

TEST(Communicator, ErrorOfAnyRankReachesEveryRank) {
  const Communicator world = Communicator::world();
  const int last = world.size() - 1;
  try {
    world.everywhere([&] {
      if (world.rank() == last) {
        throw Failure("the last rank has no memory");
      }
    });
    FAIL() << "every rank must throw";
  } catch (const AgreedError& error) {
    EXPECT_EQ(std::string(error.what()).substr(0, 27), "the last rank has no memory");
    EXPECT_EQ(error.code(), ExitCode::failure);
  }
  world.everywhere([] {});
}

TEST(Communicator, RefusalOfAnyRankReachesEveryRankAsOne) {
  const Communicator world = Communicator::world();
  try {
    world.everywhere([&] {
      if (world.rank() == world.size() - 1) {
        throw CannotRun("no NVLS on the last rank");
      }
    });
    FAIL() << "every rank must throw";
  } catch (const CannotRun& refusal) {
    EXPECT_STREQ(refusal.what(), "no NVLS on the last rank");
  }
}

TEST(Communicator, ErrorOutweighsARefusalOfALowerRank) {
  const Communicator world = Communicator::world();
  try {
    world.everywhere([&] {
      if (world.is_root()) {
        throw CannotRun("no NVLS on rank 0");
      }
      throw InputError("a bad plan");
    });
    FAIL() << "every rank must throw";
  } catch (const AgreedError& error) {
    EXPECT_STREQ(error.what(), "a bad plan");
    EXPECT_EQ(error.code(), ExitCode::bad_input);
  }
}

TEST(Communicator, AmongJoinsTheGivenRanksInTheGivenOrder) {
  const Communicator world = Communicator::world();
  const std::vector<int> ranks{1, 0};
  const auto pair = world.among(ranks);
  EXPECT_EQ(pair.has_value(), world.rank() < 2);
  if (pair) {
    EXPECT_EQ(pair->size(), 2);
    EXPECT_EQ(pair->rank(), 1 - world.rank());
  }
}

TEST(Communicator, SplitJoinsRanksOfOneColourOrderedByKey) {
  const Communicator world = Communicator::world();
  const Communicator parity = world.split(world.rank() % 2, -world.rank());
  const auto mates = static_cast<int>(parity.sum(1));
  EXPECT_EQ(mates, world.rank() % 2 == 0 ? (world.size() + 1) / 2 : world.size() / 2);
  EXPECT_EQ(parity.rank(), mates - 1 - world.rank() / 2);
}

}  // namespace
}  // namespace hockney::mpi
