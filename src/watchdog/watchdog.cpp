#include "watchdog/watchdog.hpp"

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <future>
#include <utility>

namespace hockney::watchdog {
namespace {

std::string attempt(const std::function<void()>& work) {
  try {
    work();
    return {};
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

Watchdog::Watchdog(Seconds limit, std::string who, Actions actions)
    : limit_(limit), who_(std::move(who)), actions_(std::move(actions)) {
  if (limit_ > Seconds{0}) {
    thread_ = std::thread([this] { watch(); });
  }
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Watchdog::begin(std::string point) {
  {
    const std::lock_guard lock(mutex_);
    point_ = std::move(point);
    ++generation_;
  }
  changed_.notify_all();
}

void Watchdog::end() { begin({}); }

Seconds Watchdog::grace(Seconds limit) { return std::min(limit / 4, Seconds{5}); }

void Watchdog::watch() {
  std::unique_lock lock(mutex_);
  while (!closing_) {
    const std::uint64_t watched = generation_;
    const auto moved_on = [&] { return closing_ || generation_ != watched; };
    if (point_.empty()) {
      changed_.wait(lock, moved_on);
    } else if (!changed_.wait_for(lock, limit_, moved_on)) {
      const std::string point = point_;
      lock.unlock();
      expire(point);
      return;
    }
  }
}

// Aborting may itself block: then the end comes without it.
void Watchdog::expire(const std::string& point) {
  actions_.print(fmt::format("{}: {} did not end within {}; it waits for {}", who_, point, to_string(limit_),
                             waits_for_.load(std::memory_order_relaxed)));
  const auto giving_up = std::async(std::launch::async, [this] {
    const std::string failure = attempt(actions_.give_up);
    if (!failure.empty()) {
      actions_.print(fmt::format("{}: giving up failed: {}", who_, failure));
    }
  });
  giving_up.wait_for(std::min(limit_ / 2, Seconds{10}));
  std::this_thread::sleep_for(grace(limit_));
  actions_.end_all();
}

}  // namespace hockney::watchdog
