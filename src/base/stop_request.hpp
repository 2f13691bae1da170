#pragma once

namespace hockney::inline base {

/// From here on SIGTERM asks the program to stop where it can, which stop_requested() tells; a second one ends it at
/// once. Schedulers send it before they kill. To be called once, before long work.
void take_sigterm_as_a_request();

/// Whether SIGTERM has come since.
bool stop_requested() noexcept;

}  // namespace hockney::inline base
