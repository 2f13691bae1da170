#include "base/stop_request.hpp"

#include <atomic>
#include <csignal>

namespace hockney::inline base {
namespace {

std::atomic<bool> has_come = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch nothing else");

extern "C" void note_request(int /*signal*/) { has_come = true; }

}  // namespace

void take_sigterm_as_a_request() {
  struct sigaction action {};
  action.sa_handler = &note_request;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigaction(SIGTERM, &action, nullptr);
}

bool stop_requested() noexcept { return has_come; }

}  // namespace hockney::inline base
