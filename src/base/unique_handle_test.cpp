#include "base/unique_handle.hpp"

#include <gtest/gtest.h>
#include <type_traits>
#include <vector>

namespace hockney::inline base {
namespace {

std::vector<int> destroyed;

struct NumberTraits {
  using type = int;
  static type none() noexcept { return -1; }
  static void destroy(type number) noexcept { destroyed.push_back(number); }
};
using Number = UniqueHandle<NumberTraits>;

static_assert(std::is_nothrow_move_constructible_v<Number> && std::is_nothrow_move_assignable_v<Number>);
static_assert(!std::is_copy_constructible_v<Number> && !std::is_copy_assignable_v<Number>);

class AHandle : public testing::Test {
 protected:
  AHandle() { destroyed.clear(); }
};

TEST_F(AHandle, IsDestroyedOnceByItsLastOwner) {
  {
    Number first(7);
    Number second(std::move(first));
    EXPECT_EQ(second.get(), 7);
    EXPECT_EQ(first.get(), -1) << "moved from";
    Number third;
    third = std::move(second);
    EXPECT_EQ(third.get(), 7);
    EXPECT_TRUE(destroyed.empty());
  }
  EXPECT_EQ(destroyed, std::vector<int>{7});
}

TEST_F(AHandle, ThatIsReplacedIsDestroyedToo) {
  {
    Number old(1);
    old = Number(2);
    EXPECT_EQ(old.get(), 2);
    EXPECT_EQ(destroyed, std::vector<int>{1});
  }
  EXPECT_EQ(destroyed, (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace hockney::inline base
