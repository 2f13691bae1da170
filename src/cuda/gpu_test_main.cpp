#include <exception>
#include <gtest/gtest.h>
#include <iostream>

#include "base/error.hpp"
#include "cuda/device.hpp"

// Of every test program that needs a GPU: without one it says why and ends as ctest's "skipped".
int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  constexpr int skipped = 77;
  try {
    hockney::cuda::use_device(hockney::cuda::visible_devices().front());
  } catch (const hockney::InputError& error) {
    std::cout << "skipped: " << error.what() << "\n";
    return skipped;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return RUN_ALL_TESTS();
}
