#include "predict/network/mesh.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>
#include <limits>
#include <numeric>

#include "base/error.hpp"
#include "base/field_text.hpp"

namespace hockney::predict {

/// What every link between neighbours has to carry, in units of what one GPU sends.
class Mesh::Loads {
 public:
  explicit Loads(const std::vector<std::uint32_t>& sizes) : sizes_(sizes) {}

  void send(std::uint32_t from, std::uint32_t to, double amount) { along(0, from, to, amount); }

  double most() const {
    double most = 0;
    for (const auto& [link, load] : loads_) {
      most = std::max(most, load);
    }
    return most;
  }

 private:
  // GPUs between neighbours in a direction.
  std::uint32_t step_of(std::size_t direction) const {
    return std::accumulate(sizes_.begin() + static_cast<std::ptrdiff_t>(direction) + 1, sizes_.end(), 1U,
                           std::multiplies<>());
  }

  std::uint32_t place(std::uint32_t gpu, std::size_t direction) const {
    return gpu / step_of(direction) % sizes_[direction];
  }

  void along(std::size_t direction, std::uint32_t from, std::uint32_t to, double amount) {
    if (direction == sizes_.size()) {
      return;
    }
    const std::uint32_t size = sizes_[direction];
    const std::uint32_t ahead = (place(to, direction) + size - place(from, direction)) % size;
    if (ahead == 0) {
      along(direction + 1, from, to, amount);
    } else if (2 * ahead == size && size > 2) {
      walk(direction, from, to, ahead, true, amount / 2);
      walk(direction, from, to, ahead, false, amount / 2);
    } else {
      const bool is_up = 2 * ahead <= size;
      walk(direction, from, to, is_up ? ahead : size - ahead, is_up, amount);
    }
  }

  void walk(std::size_t direction, std::uint32_t from, std::uint32_t to, std::uint32_t hops, bool is_up,
            double amount) {
    const std::uint32_t size = sizes_[direction];
    const std::uint32_t step = step_of(direction);
    for (; hops > 0; --hops) {
      const std::uint32_t here = place(from, direction);
      const std::uint32_t next = (here + (is_up ? 1 : size - 1)) % size;
      const std::uint32_t neighbour = from - here * step + next * step;
      loads_[{from, neighbour}] += amount;
      from = neighbour;
    }
    along(direction + 1, from, to, amount);
  }

  const std::vector<std::uint32_t>& sizes_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> loads_;
};

Mesh::Mesh(std::vector<std::uint32_t> sizes) : sizes_(std::move(sizes)) {
  constexpr std::uint32_t most = 64;
  std::uint64_t all = 1;
  for (const std::uint32_t size : sizes_) {
    all *= size < 2 || all > most ? most + 1 : size;
  }
  if (sizes_.empty() || all > most) {
    throw InputError(fmt::format("mesh '{}': expected sizes of 2 or more, {} GPUs at most, as 8 or 2x4", text(), most));
  }
}

std::uint32_t Mesh::gpus() const { return std::accumulate(sizes_.begin(), sizes_.end(), 1U, std::multiplies<>()); }

std::uint32_t Mesh::neighbours() const {
  return std::accumulate(sizes_.begin(), sizes_.end(), 0U,
                         [](std::uint32_t sum, std::uint32_t size) { return sum + (size == 2 ? 1 : 2); });
}

std::string Mesh::text() const { return fmt::format("{}", fmt::join(sizes_, "x")); }

double Mesh::slowdown(Operation operation, const Group& group) const {
  const std::uint32_t span = group.ranks * (is_point_to_point(operation) ? 1 : group.stride);
  if (group.ranks < 2 || group.ranks > gpus() || span > gpus() || group.stride >= gpus()) {
    return 1;
  }
  const bool is_all_to_all = operation == Operation::all_to_all || operation == Operation::all_to_all_v;
  const Traffic traffic = is_point_to_point(operation) ? Traffic::pairs
                          : is_all_to_all              ? Traffic::all_pairs
                                                       : Traffic::ring;
  const auto [found, is_new] = known_.try_emplace({traffic, group.ranks, group.stride}, 1);
  if (is_new) {
    found->second = std::max(1.0, computed(traffic, group.ranks, group.stride));
  }
  return found->second;
}

// Groups that fill the node as far as whole ones do: blocks of ranks * stride GPUs, `stride` groups in each.
std::vector<std::vector<std::uint32_t>> Mesh::groups_of(std::uint32_t ranks, std::uint32_t stride) const {
  std::vector<std::vector<std::uint32_t>> groups;
  for (std::uint32_t block = 0; block + ranks * stride <= gpus(); block += ranks * stride) {
    for (std::uint32_t first = block; first < block + stride; ++first) {
      auto& group = groups.emplace_back();
      for (std::uint32_t i = 0; i < ranks; ++i) {
        group.push_back(first + i * stride);
      }
    }
  }
  return groups;
}

double Mesh::of_ring(const std::vector<std::vector<std::uint32_t>>& groups) const {
  constexpr std::size_t most_ordered = 8;
  std::vector<std::size_t> order(groups.front().size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  double best = std::numeric_limits<double>::infinity();
  do {
    Loads loads(sizes_);
    for (const auto& group : groups) {
      for (std::size_t i = 0; i < order.size(); ++i) {
        const std::uint32_t from = group[order[i]];
        const std::uint32_t to = group[order[(i + 1) % order.size()]];
        loads.send(from, to, 0.5);
        loads.send(to, from, 0.5);
      }
    }
    best = std::min(best, loads.most());
  } while (order.size() <= most_ordered && best * neighbours() > 1 &&
           std::next_permutation(order.begin() + 1, order.end()));
  return best;
}

// Behind a switch a GPU's links all carry what it sends; here each neighbour has its part of them.
double Mesh::computed(Traffic traffic, std::uint32_t ranks, std::uint32_t stride) const {
  Loads loads(sizes_);
  if (traffic == Traffic::ring) {
    return of_ring(groups_of(ranks, stride)) * neighbours();
  }
  if (traffic == Traffic::pairs) {
    for (std::uint32_t gpu = 0; gpu + stride < gpus(); ++gpu) {
      loads.send(gpu, gpu + stride, 1);
    }
    return loads.most() * neighbours();
  }
  for (const auto& group : groups_of(ranks, stride)) {
    for (const std::uint32_t from : group) {
      for (const std::uint32_t to : group) {
        loads.send(from, to, from == to ? 0 : 1.0 / (ranks - 1));
      }
    }
  }
  return loads.most() * neighbours();
}

Mesh parse_mesh(std::string_view text) {
  std::vector<std::uint32_t> sizes;
  for (std::string_view rest = text;; rest.remove_prefix(rest.find('x') + 1)) {
    read_text(rest.substr(0, rest.find('x')), sizes.emplace_back());
    if (rest.find('x') == std::string_view::npos) {
      return Mesh(std::move(sizes));
    }
  }
}

}  // namespace hockney::predict
