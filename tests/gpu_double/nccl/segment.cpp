#include "segment.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <sys/mman.h>
#include <unistd.h>

#include "patience.hpp"

namespace hockney::gpu_double {

// Zeros are the valid beginning of all of it, so nobody has to set it up.
struct Segment::Header {
  std::atomic<int> here;
  std::atomic<int> leaving;
  std::array<RankInfo, most_ranks> info;
  // Two slots in turn: whoever has read one split may be ahead of the others by one.
  std::array<std::array<SplitChoice, most_ranks>, 2> choices;
  std::array<std::atomic<std::uint64_t>, most_ranks> chosen;
};

namespace {

template <class Done>
bool wait_until(Done&& done, const Segment::GiveUp& give_up) {
  Patience patience;
  while (!done()) {
    if (give_up()) {
      return false;
    }
    patience.wait();
  }
  return true;
}

constexpr std::size_t page = 4096;

}  // namespace

Segment::Segment(const std::string& name, int ranks, int rank) : name_(name), ranks_(ranks), rank_(rank) {
  const auto rings = static_cast<std::size_t>(ranks * ranks);
  size_ = (sizeof(Header) + page - 1) / page * page + rings * sizeof(Ring);
  const int file = shm_open(name_.c_str(), O_RDWR | O_CREAT, 0600);
  if (file < 0 || ftruncate(file, static_cast<off_t>(size_)) != 0) {
    throw std::runtime_error("shared memory " + name_ + ": " + std::strerror(errno));
  }
  void* const memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) {
    throw std::runtime_error("shared memory " + name_ + ": " + std::strerror(errno));
  }
  memory_ = static_cast<std::byte*>(memory);
}

Segment::~Segment() { munmap(memory_, size_); }

Segment::Header& Segment::header() const { return *reinterpret_cast<Header*>(memory_); }

bool Segment::meet(const RankInfo& mine, const GiveUp& give_up) {
  header().info[static_cast<std::size_t>(rank_)] = mine;
  header().here.fetch_add(1);
  const bool met = wait_until([this] { return header().here.load() >= ranks_; }, give_up);
  if (rank_ == 0 || !met) {
    shm_unlink(name_.c_str());
  }
  return met;
}

const RankInfo& Segment::info(int rank) const { return header().info[static_cast<std::size_t>(rank)]; }

std::vector<SplitChoice> Segment::exchange_choices(std::uint64_t number, SplitChoice mine, const GiveUp& give_up) {
  auto& slot = header().choices[number % 2];
  slot[static_cast<std::size_t>(rank_)] = mine;
  header().chosen[static_cast<std::size_t>(rank_)].store(number);
  const auto all_chose = [&] {
    for (std::size_t rank = 0; rank < static_cast<std::size_t>(ranks_); ++rank) {
      if (header().chosen[rank].load() < number) {
        return false;
      }
    }
    return true;
  };
  if (!wait_until(all_chose, give_up)) {
    return {};
  }
  return {slot.begin(), slot.begin() + ranks_};
}

bool Segment::leave_together(const GiveUp& give_up) {
  header().leaving.fetch_add(1);
  return wait_until([this] { return header().leaving.load() >= ranks_; }, give_up);
}

Ring& Segment::ring(int from, int to) const {
  std::byte* const rings = memory_ + (sizeof(Header) + page - 1) / page * page;
  return reinterpret_cast<Ring*>(rings)[from * ranks_ + to];
}

Ring& Segment::from_me_to(int rank) { return ring(rank_, rank); }

Ring& Segment::to_me_from(int rank) { return ring(rank, rank_); }

}  // namespace hockney::gpu_double
