#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace hockney::inline base {

/// A size in bytes. Prefixes are binary and written as such: KiB, MiB, GiB = 2^10, 2^20, 2^30 B.
struct Bytes {
  std::uint64_t count = 0;

  friend constexpr auto operator<=>(Bytes, Bytes) = default;
  friend constexpr Bytes operator+(Bytes a, Bytes b) { return {a.count + b.count}; }
  friend constexpr Bytes operator*(Bytes a, std::uint64_t factor) { return {a.count * factor}; }
  friend constexpr Bytes operator/(Bytes a, std::uint64_t divisor) { return {a.count / divisor}; }
};

constexpr Bytes kibibytes(std::uint64_t n) { return {n << 10}; }
constexpr Bytes mebibytes(std::uint64_t n) { return {n << 20}; }
constexpr Bytes gibibytes(std::uint64_t n) { return {n << 30}; }

/// Reads "8B", "8", "4KiB", "1.5 MiB", "2GiB"; the short forms K, M, G of nccl-tests are binary too.
/// Throws InputError on anything else, on a fraction of a byte and from 2^53 B = 8 PiB on;
/// decimal prefixes (kB, MB, GB) are refused because they are ambiguous for sizes.
Bytes parse_bytes(std::string_view text);

/// The shortest exact form with a binary prefix ("1 MiB"), else plain bytes ("1000 B").
std::string to_string(Bytes size);

/// The same without the space ("1MiB"), for names of points and files.
std::string compact(Bytes size);

}  // namespace hockney::inline base
