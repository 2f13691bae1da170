#pragma once

#include <source_location>
#include <stdexcept>
#include <string>

namespace hockney::inline base {

/// What a Hockney program tells the shell. Scripts may rely on the values.
enum class ExitCode : int {
  success = 0,
  failure = 1,     ///< something broke while working: a transport error, a wrong result, an I/O error
  bad_input = 2,   ///< the user's input was refused; nothing was changed
  regression = 3,  ///< the work was done, and found that something became slower
  stopped =
      75,  ///< a signal ended the work early; what was done is kept, and --resume goes on (EX_TEMPFAIL, sysexits.h)
};

/// The user's input cannot be used: ends in one line on stderr and ExitCode::bad_input.
/// The message names the file, the line or key, and what was expected.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A library or device turned out not to be able to do what one point asks (an algorithm that this machine does not
/// have, say): the point is skipped with this reason, and the launch goes on.
class CannotRun : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A library or system call failed: ends in one line on stderr and ExitCode::failure.
/// The message carries the source location of the call, for bug reports.
class Failure : public std::runtime_error {
 public:
  explicit Failure(const std::string& what, std::source_location where = std::source_location::current());
};

}  // namespace hockney::inline base
