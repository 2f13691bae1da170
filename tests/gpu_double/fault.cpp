#include "fault.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>
#include <vector>

namespace hockney::gpu_double {
namespace {

constexpr std::array<std::pair<std::string_view, Fault::Kind>, 9> kinds{{
    {"", Fault::Kind::none},
    {"no_device", Fault::Kind::no_device},
    {"no_driver", Fault::Kind::no_driver},
    {"old_driver", Fault::Kind::old_driver},
    {"out_of_memory", Fault::Kind::out_of_memory},
    {"kernel_never_ends", Fault::Kind::kernel_never_ends},
    {"async_error", Fault::Kind::async_error},
    {"die", Fault::Kind::die},
    {"wrong_data", Fault::Kind::wrong_data},
}};

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto colon = text.find(':');
    parts.push_back(text.substr(0, colon));
    if (colon == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(colon + 1);
  }
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument("HOCKNEY_DOUBLE_FAULT: '" + std::string(text) + "' is no whole number");
  }
  return value;
}

std::string normalised(std::string_view name) {
  std::string result;
  for (const char letter : name) {
    if (letter != '_') {
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    }
  }
  return result;
}

Fault::Kind kind_of(std::string_view name) {
  const auto* found = std::find_if(kinds.begin(), kinds.end(), [&](const auto& entry) { return entry.first == name; });
  if (found == kinds.end()) {
    throw std::invalid_argument("HOCKNEY_DOUBLE_FAULT: unknown fault '" + std::string(name) + "'");
  }
  return found->second;
}

std::size_t most_arguments(Fault::Kind kind) {
  switch (kind) {
    case Fault::Kind::out_of_memory:
      return 1;
    case Fault::Kind::kernel_never_ends:
      return 2;
    case Fault::Kind::async_error:
    case Fault::Kind::die:
    case Fault::Kind::wrong_data:
      return 3;
    default:
      return 0;
  }
}

}  // namespace

bool Fault::concerns(std::string_view name, int rank_in_communicator) const {
  return (rank < 0 || rank == rank_in_communicator) && (operation.empty() || operation == normalised(name));
}

Fault parse_fault(std::string_view text) {
  const auto parts = split(text);
  Fault fault;
  fault.kind = kind_of(parts[0]);
  if (parts.size() - 1 > most_arguments(fault.kind)) {
    throw std::invalid_argument("HOCKNEY_DOUBLE_FAULT: too many arguments in '" + std::string(text) + "'");
  }
  const auto argument = [&](std::size_t at) { return at < parts.size() ? parts[at] : std::string_view{}; };
  const auto number_at = [&](std::size_t at) { return argument(at).empty() ? 1 : number(argument(at)); };
  if (fault.kind == Fault::Kind::out_of_memory) {
    fault.bytes = argument(1).empty() ? 0 : number(argument(1));
  } else if (fault.kind == Fault::Kind::kernel_never_ends) {
    fault.operation = normalised(argument(1));
    fault.number = number_at(2);
  } else if (most_arguments(fault.kind) == 3) {
    fault.rank = static_cast<int>(number(argument(1)));
    fault.number = number_at(2);
    fault.operation = normalised(argument(3));
  }
  return fault;
}

const Fault& fault() {
  static const Fault planted = [] {
    const char* text = std::getenv("HOCKNEY_DOUBLE_FAULT");
    try {
      return parse_fault(text == nullptr ? "" : text);
    } catch (const std::invalid_argument& error) {
      std::fprintf(stderr, "hockney test double: %s\n", error.what());
      std::abort();
    }
  }();
  return planted;
}

}  // namespace hockney::gpu_double
