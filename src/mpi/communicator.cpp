#include "mpi/communicator.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace hockney::mpi {
namespace {

struct Caught {
  ExitCode code = ExitCode::success;
  std::string text;
};

Caught attempt(const std::function<void()>& work) {
  try {
    work();
    return {};
  } catch (const InputError& error) {
    return {ExitCode::bad_input, error.what()};
  } catch (const std::exception& error) {
    return {ExitCode::failure, error.what()};
  }
}

}  // namespace

void check(int code, std::source_location where) {
  if (code == MPI_SUCCESS) {
    return;
  }
  std::string text(MPI_MAX_ERROR_STRING, '\0');
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  text.resize(static_cast<std::size_t>(length));
  std::replace(text.begin(), text.end(), '\n', ' ');
  throw Failure("MPI: " + text, where);
}

Environment::Environment(int* argc, char*** argv) {
  check(MPI_Init(argc, argv));
  check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
}

Environment::~Environment() { MPI_Finalize(); }

std::string Environment::library_version() {
  std::string text(MPI_MAX_LIBRARY_VERSION_STRING, '\0');
  int length = 0;
  check(MPI_Get_library_version(text.data(), &length));
  text.resize(static_cast<std::size_t>(length));
  text = text.substr(0, text.find("MPICH Release"));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

Communicator::Communicator(MPI_Comm handle) : handle_(handle) {
  check(MPI_Comm_set_errhandler(handle_, MPI_ERRORS_RETURN));
  check(MPI_Comm_rank(handle_, &rank_));
  check(MPI_Comm_size(handle_, &size_));
}

Communicator Communicator::world() {
  MPI_Comm handle = MPI_COMM_NULL;
  check(MPI_Comm_dup(MPI_COMM_WORLD, &handle));
  return Communicator(handle);
}

Communicator::Communicator(Communicator&& other) noexcept
    : handle_(std::exchange(other.handle_, MPI_COMM_NULL)), rank_(other.rank_), size_(other.size_) {}

Communicator& Communicator::operator=(Communicator&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(rank_, other.rank_);
  std::swap(size_, other.size_);
  return *this;
}

Communicator::~Communicator() {
  // freeing is collective: while an exception unwinds, the other ranks may not be here
  if (handle_ != MPI_COMM_NULL && std::uncaught_exceptions() == 0) {
    MPI_Comm_free(&handle_);
  }
}

void Communicator::barrier() const { check(MPI_Barrier(handle_)); }

std::optional<Communicator> Communicator::among(std::span<const int> ranks) const {
  const auto place = std::find(ranks.begin(), ranks.end(), rank_);
  const int colour = place == ranks.end() ? MPI_UNDEFINED : 0;
  MPI_Comm handle = MPI_COMM_NULL;
  check(MPI_Comm_split(handle_, colour, static_cast<int>(place - ranks.begin()), &handle));
  if (handle == MPI_COMM_NULL) {
    return std::nullopt;
  }
  return Communicator(handle);
}

Communicator Communicator::split(int colour, int key) const {
  MPI_Comm handle = MPI_COMM_NULL;
  check(MPI_Comm_split(handle_, colour, key, &handle));
  return Communicator(handle);
}

Communicator Communicator::same_host() const {
  MPI_Comm handle = MPI_COMM_NULL;
  check(MPI_Comm_split_type(handle_, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &handle));
  return Communicator(handle);
}

std::string Communicator::broadcast(const std::string& text) const {
  std::string copy = text;
  copy.resize(broadcast(static_cast<std::uint64_t>(text.size())));
  check(MPI_Bcast(copy.data(), static_cast<int>(copy.size()), MPI_CHAR, 0, handle_));
  return copy;
}

std::uint64_t Communicator::broadcast(std::uint64_t number) const {
  check(MPI_Bcast(&number, 1, MPI_UINT64_T, 0, handle_));
  return number;
}

namespace {

std::uint64_t reduce(MPI_Comm comm, std::uint64_t value, MPI_Op op) {
  std::uint64_t result = 0;
  check(MPI_Allreduce(&value, &result, 1, MPI_UINT64_T, op, comm));
  return result;
}

}  // namespace

std::uint64_t Communicator::sum(std::uint64_t value) const { return reduce(handle_, value, MPI_SUM); }
std::uint64_t Communicator::largest(std::uint64_t value) const { return reduce(handle_, value, MPI_MAX); }
std::uint64_t Communicator::smallest(std::uint64_t value) const { return reduce(handle_, value, MPI_MIN); }

std::vector<std::string> Communicator::all_gather(const std::string& text) const {
  const auto width = largest(text.size());
  const auto ranks = static_cast<std::size_t>(size_);
  std::string mine = text;
  mine.resize(width);
  std::string all(width * ranks, '\0');
  check(MPI_Allgather(mine.data(), static_cast<int>(width), MPI_CHAR, all.data(), static_cast<int>(width), MPI_CHAR,
                      handle_));
  std::vector<std::string> texts;
  for (std::size_t r = 0; r < ranks; ++r) {
    const std::string padded = all.substr(r * width, width);
    texts.push_back(padded.substr(0, padded.find('\0')));
  }
  return texts;
}

std::vector<double> Communicator::gather_columns(std::span<const double> mine) const {
  const auto ranks = static_cast<std::size_t>(size_);
  std::vector<double> by_rank(is_root() ? mine.size() * ranks : 0);
  const int count = static_cast<int>(mine.size());
  check(MPI_Gather(mine.data(), count, MPI_DOUBLE, by_rank.data(), count, MPI_DOUBLE, 0, handle_));
  std::vector<double> columns(by_rank.size());
  for (std::size_t r = 0; r < ranks && is_root(); ++r) {
    for (std::size_t i = 0; i < mine.size(); ++i) {
      columns[i * ranks + r] = by_rank[r * mine.size() + i];
    }
  }
  return columns;
}

void Communicator::on_root(const std::function<void()>& work) const {
  const Caught caught = is_root() ? attempt(work) : Caught{};
  const auto code = static_cast<ExitCode>(broadcast(static_cast<std::uint64_t>(caught.code)));
  if (code != ExitCode::success) {
    throw AgreedError(code, broadcast(caught.text));
  }
}

void Communicator::everywhere(const std::function<void()>& work) const {
  const Caught caught = attempt(work);
  const bool failed = caught.code != ExitCode::success;
  const auto first_failed = smallest(static_cast<std::uint64_t>(failed ? rank_ : size_));
  if (first_failed == static_cast<std::uint64_t>(size_)) {
    return;
  }
  const bool is_first = first_failed == static_cast<std::uint64_t>(rank_);
  const auto code = static_cast<ExitCode>(largest(is_first ? static_cast<std::uint64_t>(caught.code) : 0));
  throw AgreedError(code, all_gather(caught.text)[first_failed]);
}

}  // namespace hockney::mpi
