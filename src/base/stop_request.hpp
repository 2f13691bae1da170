#pragma once

namespace hockney::inline base {

/// From here on SIGTERM (schedulers send it before they kill) and SIGINT (Ctrl-C) ask the program to stop where it can,
/// which stop_requested() tells; one that comes a second after the first or later ends it at once. To be called once,
/// before long work.
void take_signals_as_a_request();

/// Whether one has come since.
bool stop_requested() noexcept;

}  // namespace hockney::inline base
