#pragma once

#include <chrono>
#include <thread>

namespace hockney::gpu_double {

/// Waits between two looks at something that another process does: first it gives way, then it sleeps, because the
/// processes are more than the cores.
class Patience {
 public:
  void wait() {
    if (++looks_ < 200) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(30));
    }
  }
  void renew() { looks_ = 0; }

 private:
  int looks_ = 0;
};

}  // namespace hockney::gpu_double
