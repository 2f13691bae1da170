#include "experiments/turns.hpp"

namespace hockney::bench::experiments {

void Turns::begin_run() {
  if (is_replayed_) {
    turn_ = 0;
    used_.assign(used_.size(), false);
  }
}

std::size_t Turns::next() {
  const std::size_t mine = turn_;
  turn_ = turn_ + 1 == used_.size() ? 0 : turn_ + 1;
  used_[mine] = true;
  written_[mine] = true;
  return mine;
}

void Turns::reset() {
  if (!is_replayed_) {
    used_.assign(used_.size(), false);
  }
  written_ = used_;  // a replay writes them again
}

std::vector<std::size_t> Turns::used() const {
  const auto sets = set_in(used_);
  return sets.empty() ? std::vector<std::size_t>{turn_} : sets;
}

std::vector<std::size_t> Turns::set_in(const std::vector<bool>& marks) {
  std::vector<std::size_t> sets;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    if (marks[i]) {
      sets.push_back(i);
    }
  }
  return sets;
}

}  // namespace hockney::bench::experiments
