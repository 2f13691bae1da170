#include "mpi/communicator.hpp"

#include <algorithm>
#include <exception>

namespace hockney::mpi {
namespace {

struct Caught {
  ExitCode code = ExitCode::success;
  std::string text;
  bool is_refusal = false;  ///< CannotRun
};

Caught attempt(const std::function<void()>& work) {
  try {
    work();
    return {};
  } catch (const InputError& error) {
    return {ExitCode::bad_input, error.what()};
  } catch (const CannotRun& error) {
    return {ExitCode::failure, error.what(), true};
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
  text.resize(text.find('\0'));  // Open MPI counts the terminating zero as a character
  text = text.substr(0, text.find("MPICH Release"));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

void CommunicatorTraits::destroy(type communicator) noexcept {
  if (std::uncaught_exceptions() == 0) {
    MPI_Comm_free(&communicator);
  }
}

Communicator::Communicator(MPI_Comm handle) : handle_(handle) {
  check(MPI_Comm_set_errhandler(get(), MPI_ERRORS_RETURN));
  check(MPI_Comm_rank(get(), &rank_));
  check(MPI_Comm_size(get(), &size_));
}

Communicator Communicator::world() {
  MPI_Comm handle = MPI_COMM_NULL;
  check(MPI_Comm_dup(MPI_COMM_WORLD, &handle));
  return Communicator(handle);
}

void Communicator::barrier() const { check(MPI_Barrier(get())); }

std::optional<Communicator> Communicator::among(std::span<const int> ranks) const {
  const auto place = std::find(ranks.begin(), ranks.end(), rank_);
  const int colour = place == ranks.end() ? MPI_UNDEFINED : 0;
  MPI_Comm handle = MPI_COMM_NULL;
  check(MPI_Comm_split(get(), colour, static_cast<int>(place - ranks.begin()), &handle));
  if (handle == MPI_COMM_NULL) {
    return std::nullopt;
  }
  return Communicator(handle);
}

Communicator Communicator::split(int colour, int key) const {
  MPI_Comm handle = MPI_COMM_NULL;
  check(MPI_Comm_split(get(), colour, key, &handle));
  return Communicator(handle);
}

Communicator Communicator::same_host() const {
  MPI_Comm handle = MPI_COMM_NULL;
  check(MPI_Comm_split_type(get(), MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &handle));
  return Communicator(handle);
}

std::string Communicator::broadcast(const std::string& text) const {
  std::string copy = text;
  copy.resize(broadcast(static_cast<std::uint64_t>(text.size())));
  check(MPI_Bcast(copy.data(), static_cast<int>(copy.size()), MPI_CHAR, 0, get()));
  return copy;
}

std::uint64_t Communicator::broadcast(std::uint64_t number) const {
  check(MPI_Bcast(&number, 1, MPI_UINT64_T, 0, get()));
  return number;
}

namespace {

std::uint64_t reduce(MPI_Comm comm, std::uint64_t value, MPI_Op op) {
  std::uint64_t result = 0;
  check(MPI_Allreduce(&value, &result, 1, MPI_UINT64_T, op, comm));
  return result;
}

}  // namespace

std::uint64_t Communicator::sum(std::uint64_t value) const { return reduce(get(), value, MPI_SUM); }
std::uint64_t Communicator::largest(std::uint64_t value) const { return reduce(get(), value, MPI_MAX); }
std::uint64_t Communicator::smallest(std::uint64_t value) const { return reduce(get(), value, MPI_MIN); }

std::string Communicator::to_root(int from, const std::string& text) const {
  constexpr int tag = 0;
  if (rank_ == from) {
    check(MPI_Send(text.data(), static_cast<int>(text.size()), MPI_CHAR, 0, tag, get()));
  }
  if (!is_root()) {
    return text;
  }
  MPI_Status status;
  int size = 0;
  check(MPI_Probe(from, tag, get(), &status));
  check(MPI_Get_count(&status, MPI_CHAR, &size));
  std::string received(static_cast<std::size_t>(size), '\0');
  check(MPI_Recv(received.data(), size, MPI_CHAR, from, tag, get(), MPI_STATUS_IGNORE));
  return received;
}

std::vector<std::string> Communicator::all_gather(const std::string& text) const {
  const auto width = largest(text.size());
  const auto ranks = static_cast<std::size_t>(size_);
  std::string mine = text;
  mine.resize(width);
  std::string all(width * ranks, '\0');
  check(MPI_Allgather(mine.data(), static_cast<int>(width), MPI_CHAR, all.data(), static_cast<int>(width), MPI_CHAR,
                      get()));
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
  check(MPI_Gather(mine.data(), count, MPI_DOUBLE, by_rank.data(), count, MPI_DOUBLE, 0, get()));
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
  enum : std::uint64_t { done, refused, failed };
  const Caught caught = attempt(work);
  const bool is_done = caught.code == ExitCode::success;
  const std::uint64_t mine = is_done ? done : caught.is_refusal ? refused : failed;
  const std::uint64_t worst = largest(mine);
  if (worst == done) {
    return;
  }
  const auto speaker = smallest(static_cast<std::uint64_t>(mine == worst ? rank_ : size_));
  const bool is_speaker = speaker == static_cast<std::uint64_t>(rank_);
  const auto code = static_cast<ExitCode>(largest(is_speaker ? static_cast<std::uint64_t>(caught.code) : 0));
  const std::string text = all_gather(caught.text)[speaker];
  if (worst == refused) {
    throw CannotRun(text);
  }
  throw AgreedError(code, text);
}

}  // namespace hockney::mpi
