#include "base/stop_request.hpp"

#include <atomic>
#include <chrono>
#include <csignal>

namespace hockney::inline base {
namespace {

using Ticks = std::chrono::steady_clock::rep;

std::atomic<Ticks> first_came = 0;  // 0: none has
static_assert(std::atomic<Ticks>::is_always_lock_free, "a signal handler may touch nothing else");

// A terminal and a launcher pass the same Ctrl-C on, each by itself.
extern "C" void note_request(int number) {
  constexpr Ticks same_request = std::chrono::steady_clock::duration(std::chrono::seconds(1)).count();
  const Ticks now = std::chrono::steady_clock::now().time_since_epoch().count();
  if (first_came == 0) {
    first_came = now;
  } else if (now - first_came > same_request) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

}  // namespace

void take_signals_as_a_request() {
  struct sigaction action {};
  action.sa_handler = &note_request;
  action.sa_flags = SA_RESTART;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
}

bool stop_requested() noexcept { return first_came != 0; }

}  // namespace hockney::inline base
