#include <cerrno>
#include <ctime>
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// Who waits for another rank asks without end: NCCL's main thread a socket for the answer of its proxy thread, the
// proxy thread another rank's for a connection, MPI the library below it (UCX) for messages, and whoever else has
// nothing to do yields. Where all ranks share few cores, each would do so for its whole time slice before the other's
// turn comes, and those who only yield would share the cores with those who work; so whoever finds nothing sleeps.

namespace {

void step_back() {
  const timespec a_moment{0, 300'000};
  ::nanosleep(&a_moment, nullptr);
}

template <class Result>
Result stepping_back(Result result) {
  if (result < 0 && errno == EAGAIN) {
    step_back();
    errno = EAGAIN;
  }
  return result;
}

}  // namespace

extern "C" {

int sched_yield() {
  step_back();
  return 0;
}

ssize_t recv(int socket, void* to, std::size_t size, int flags) {
  return stepping_back(::syscall(SYS_recvfrom, socket, to, size, flags, nullptr, nullptr));
}

ssize_t recvmsg(int socket, msghdr* to, int flags) { return stepping_back(::syscall(SYS_recvmsg, socket, to, flags)); }

int accept(int socket, sockaddr* from, socklen_t* size) {
  return static_cast<int>(stepping_back(::syscall(SYS_accept, socket, from, size)));
}

unsigned ucp_worker_progress(void* worker) {
  using Progress = unsigned(void*);
  static auto* const progress = reinterpret_cast<Progress*>(::dlsym(RTLD_NEXT, "ucp_worker_progress"));
  const unsigned events = progress(worker);
  if (events == 0) {
    step_back();
  }
  return events;
}
}
