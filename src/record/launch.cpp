#include "record/launch.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <random>
#include <string_view>
#include <unistd.h>

#include "base/text.hpp"

namespace hockney::inline record {
namespace {

std::string as_uuid(std::array<std::uint32_t, 4> word, std::uint32_t version) {
  word[1] = (word[1] & 0xffff0fffU) | (version << 12U);
  word[2] = (word[2] & 0x3fffffffU) | 0x80000000U;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:04x}{:08x}", word[0], word[1] >> 16U, word[1] & 0xffffU,
                     word[2] >> 16U, word[2] & 0xffffU, word[3]);
}

std::uint64_t fnv1a(std::string_view text, std::uint64_t hash) {
  constexpr std::uint64_t prime = 0x100000001b3U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  }
  return hash;
}

std::uint32_t high_word(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32U); }
std::uint32_t low_word(std::uint64_t value) { return static_cast<std::uint32_t>(value); }

}  // namespace

bool is_allowed_environment(std::string_view name) {
  constexpr std::array<std::string_view, 10> prefixes{"NCCL_",        "UCX_",        "MPICH_",       "FI_",
                                                      "MPIR_CVAR_",   "HYDRA_",      "OMPI_MCA_btl", "OMPI_MCA_coll",
                                                      "OMPI_MCA_mtl", "OMPI_MCA_pml"};
  constexpr std::array<std::string_view, 12> exact{"OMP_NUM_THREADS",
                                                   "CUDA_VISIBLE_DEVICES",
                                                   "CUDA_MODULE_LOADING",
                                                   "CUDA_DEVICE_ORDER",
                                                   "CUDA_DEVICE_MAX_CONNECTIONS",
                                                   "SLURM_JOB_ID",
                                                   "SLURM_JOB_NODELIST",
                                                   "SLURM_NTASKS",
                                                   "SLURM_NTASKS_PER_NODE",
                                                   "SLURM_CPU_BIND",
                                                   "SLURM_MPI_TYPE",
                                                   "HDF5_USE_FILE_LOCKING"};
  // credentials ride in variables of these families too
  constexpr std::array<std::string_view, 4> secrets{"TOKEN", "SECRET", "PASSWORD", "KEY"};
  if (holds_any(name, secrets)) {
    return false;
  }
  return std::find(exact.begin(), exact.end(), name) != exact.end() ||
         std::any_of(prefixes.begin(), prefixes.end(), [&](auto prefix) { return name.starts_with(prefix); });
}

Provenance allowed_environment() {
  Provenance allowed;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view pair(*entry);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && is_allowed_environment(pair.substr(0, equals))) {
      allowed.emplace(fmt::format("env.{}", pair.substr(0, equals)), pair.substr(equals + 1));
    }
  }
  return allowed;
}

std::string random_uuid() {
  std::random_device entropy;
  std::array<std::uint32_t, 4> word{};
  std::generate(word.begin(), word.end(), [&] { return entropy(); });
  constexpr std::uint32_t random = 4;
  return as_uuid(word, random);
}

std::string uuid_of(std::string_view text) {
  constexpr std::uint64_t offset_basis = 0xcbf29ce484222325U;
  const std::uint64_t first = fnv1a(text, offset_basis);
  const std::uint64_t second = fnv1a(text, first);
  constexpr std::uint32_t application_defined = 8;
  return as_uuid({high_word(first), low_word(first), high_word(second), low_word(second)}, application_defined);
}

std::int64_t now_utc_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string to_iso8601(std::int64_t utc_ns) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::nanoseconds(utc_ns)).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

}  // namespace hockney::inline record
