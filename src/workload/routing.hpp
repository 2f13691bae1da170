#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hockney::inline workload {

/// How all_to_all_v deals a rank's elements out to the others. Row i of the matrix holds
/// the shares of rank i's elements that go to each rank; rows are normalised. A rank whose row is all zeros sends
/// nothing.
struct Routing {
  double skew = 0;              ///< share of rank j proportional to (j + 1)^-skew, alike for every sender; 0: even
  std::string matrix;           ///< name of the matrix that replaces the skew, "FILE-1a2b3c4d"; else empty
  std::vector<double> weights;  ///< [sender][receiver], row-major, of the matrix file; not stored, empty without one

  friend auto operator<=>(const Routing&, const Routing&) = default;
};

/// Elements that every rank sends to every other, [sender][receiver], row-major: `elements` of each sender cut by
/// largest remainders, so that every row sums to `elements`, or to 0 where it is all zeros. Throws Failure when the
/// matrix is not ranks x ranks.
std::vector<std::uint64_t> routed_elements(const Routing& routing, std::uint64_t elements, std::uint32_t ranks);

/// Of a routing whose matrix makes every rank exchange all that it has with one other rank (of the two, one may send
/// nothing), or keep it for itself: the other rank of each, itself where it keeps it. Nothing for any other routing.
std::optional<std::vector<std::uint32_t>> partners_of(const Routing& routing, std::uint32_t ranks);

/// Whether a rank deals anything out: its row of the matrix is not all zeros.
bool sends(const Routing& routing, std::uint32_t rank, std::uint32_t ranks);

/// Elements of the fullest ranks of a routing; each may be another rank's.
struct FullestRanks {
  std::uint64_t sent_to_others = 0;
  std::uint64_t received_from_others = 0;
  std::uint64_t received = 0;  ///< in all, what a rank keeps for itself included
};

/// The largest sums over routed_elements(). Throws Failure as it does.
FullestRanks fullest_ranks(const Routing& routing, std::uint64_t elements, std::uint32_t ranks);

/// Characters of Routing::matrix at most.
inline constexpr std::size_t longest_matrix_name = 64;

}  // namespace hockney::inline workload
