#include "debug_log.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <sys/syscall.h>
#include <unistd.h>

#include "interface.hpp"
#include "version.hpp"

namespace hockney::gpu_double {
namespace {

std::string environment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return std::string(name.data()).substr(0, std::string(name.data()).find('.'));
}

std::string file_name() {
  std::string result;
  const std::string pattern = environment("NCCL_DEBUG_FILE");
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != '%' || at + 1 == pattern.size()) {
      result += pattern[at];
      continue;
    }
    const char code = pattern[++at];
    result += code == 'h' ? host_name() : code == 'p' ? std::to_string(getpid()) : std::string(1, code);
  }
  return result;
}

/// Read at the first line, once per process, as NCCL does.
struct Settings {
  bool init = false;
  bool tuning = false;
  std::FILE* file = stdout;

  Settings() {
    if (environment("NCCL_DEBUG") != "INFO" && environment("NCCL_DEBUG") != "TRACE") {
      return;
    }
    const std::string wanted = environment("NCCL_DEBUG_SUBSYS");
    const bool all = wanted == "ALL";
    init = all || wanted.empty() || wanted.find("INIT") != std::string::npos;
    tuning = all || wanted.find("TUNING") != std::string::npos;
    if (const std::string path = file_name(); !path.empty()) {
      std::FILE* const opened = std::fopen(path.c_str(), "w");
      file = opened != nullptr ? opened : stdout;
    }
    std::setvbuf(file, nullptr, _IOLBF, BUFSIZ);
  }
};

const Settings& settings() {
  static const Settings& all = *new Settings;
  return all;
}

bool is_on(const char* variable) {
  const std::string value = environment(variable);
  return !value.empty() && value != "0";
}

enum class Way { p2p, shm, net };

Way way_between(const Segment& segment, int from, int to) {
  static const bool p2p_disabled = is_on("NCCL_P2P_DISABLE");
  static const bool shm_disabled = is_on("NCCL_SHM_DISABLE");
  if (segment.info(from).host != segment.info(to).host) {
    return Way::net;
  }
  return !p2p_disabled ? Way::p2p : !shm_disabled ? Way::shm : Way::net;
}

template <class... Arguments>
std::string text(const char* format, Arguments... arguments) {
  std::array<char, 512> line{};
  std::snprintf(line.data(), line.size(), format, arguments...);
  return line.data();
}

}  // namespace

bool is_logged(Subsystem subsystem) { return subsystem == Subsystem::init ? settings().init : settings().tuning; }

void log_line(Subsystem subsystem, const std::string& line) {
  if (!is_logged(subsystem)) {
    return;
  }
  static const std::string host = host_name();
  const std::string whole =
      text("%s:%d:%ld [%d] NCCL INFO ", host.c_str(), getpid(), syscall(SYS_gettid), hockney_double_physical_device()) +
      line + "\n";
  std::fwrite(whole.data(), 1, whole.size(), settings().file);
  std::fflush(settings().file);
}

void log_connection(const Segment& segment, int from, int to, int connection, int rank) {
  const Way way = way_between(segment, from, to);
  const int from_device = segment.info(from).device;
  const int to_device = segment.info(to).device;
  for (int channel = 0; channel < channels; ++channel) {
    const std::string numbered =
        text("Channel %02d/%d : %d[%d] -> %d[%d]", channel, connection, from, from_device, to, to_device);
    if (way == Way::net) {
      log_line(Subsystem::init, numbered + (rank == from ? " [send]" : " [receive]") + " via NET/Socket/0" +
                                    (connection == 1 ? "/Shared" : ""));
    } else if (rank != from) {
      return;  // only the sending side of the others says anything
    } else if (way == Way::p2p) {
      log_line(Subsystem::init, numbered + " via P2P/CUMEM" + (connection == 0 ? "/read" : ""));
    } else {
      log_line(Subsystem::init, text("Channel %02d : %d[%d] -> %d[%d] via SHM/direct/direct", channel, from,
                                     from_device, to, to_device));
    }
  }
}

void log_choice(const Call& call, int ranks, const Choice& choice) {
  log_line(Subsystem::tuning,
           text("%s: %ld Bytes -> Algo %s proto %s channel{Lo..Hi}={%d..%d}", std::string(name_of(call.kind)).c_str(),
                static_cast<long>(call.payload_bytes(ranks)), choice.algorithm.c_str(), choice.protocol.c_str(), 0,
                choice.channels - 1));
}

void log_symmetric(const Call& call, int ranks) {
  constexpr int first_with_works = 22800;
  log_line(
      Subsystem::tuning,
      text("%s [Symmetric]: %ld Bytes -> Kernel %s nchannels %d nthreads %d", std::string(name_of(call.kind)).c_str(),
           static_cast<long>(call.payload_bytes(ranks)), symmetric_kernel(call.kind).c_str(), channels, 512) +
          (pretended_version() >= first_with_works ? " nWorks 1" : ""));
}

}  // namespace hockney::gpu_double
