#include <gtest/gtest.h>

#include "mpi/communicator.hpp"

// Only rank 0 prints, unless something fails.
int main(int argc, char** argv) {
  const hockney::mpi::Environment environment(&argc, &argv);
  testing::InitGoogleTest(&argc, argv);
  if (hockney::mpi::Communicator::world().rank() != 0) {
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    class FailuresOnly final : public testing::EmptyTestEventListener {
      void OnTestPartResult(const testing::TestPartResult& result) override {
        if (result.failed()) {
          std::fprintf(stderr, "%s:%d: %s\n", result.file_name(), result.line_number(), result.message());
        }
      }
    };
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new FailuresOnly);
  }
  return RUN_ALL_TESTS();
}
