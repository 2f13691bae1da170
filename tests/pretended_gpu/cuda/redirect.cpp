#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <span>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "jump.hpp"

// NCCL has the CUDA runtime linked in. When this library is loaded, every function of that copy gets a jump to the
// function of the same name here as its first instruction. NCCL's own code is left as it is, but for one function.

using namespace hockney::pretended_gpu;

namespace {

// What NCCL hands to its network thread would wait for a kernel that never fills the buffers, and with it the end of
// the communicator. So the thread gets nothing; what NCCL chose and connected is settled before.
constexpr std::string_view hands_to_network_thread = "_Z15ncclProxySaveOpP8ncclCommP11ncclProxyOpPb";
int nothing_to_hand() { return 0; }

[[noreturn]] void give_up(const std::string& reason) {
  std::fprintf(stderr, "pretended GPU: %s\n", reason.c_str());
  std::_Exit(77);
}

struct LoadedLibrary {
  std::string path;
  std::byte* base = nullptr;
};

int is_nccl(dl_phdr_info* info, std::size_t, void* found) {
  if (std::strstr(info->dlpi_name, "/libnccl.so") == nullptr) {
    return 0;
  }
  *static_cast<LoadedLibrary*>(found) = {info->dlpi_name, reinterpret_cast<std::byte*>(info->dlpi_addr)};
  return 1;
}

// A file's bytes in memory, never unmapped: names are used as long as the process lives
std::span<const std::byte> map_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (file < 0 || ::fstat(file, &status) != 0) {
    give_up("cannot read " + path);
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  ::close(file);
  return {static_cast<const std::byte*>(bytes), size};
}

struct Function {
  const char* name;
  std::uint64_t offset;
  std::uint64_t size;
};

std::vector<Function> functions_of(const std::string& path) {
  const auto* file = map_file(path).data();
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(file);
  const auto* sections = reinterpret_cast<const Elf64_Shdr*>(file + header->e_shoff);
  std::vector<Function> functions;
  for (const Elf64_Shdr& section : std::span(sections, header->e_shnum)) {
    if (section.sh_type != SHT_SYMTAB) {
      continue;
    }
    const auto* names = reinterpret_cast<const char*>(file + sections[section.sh_link].sh_offset);
    const auto* symbols = reinterpret_cast<const Elf64_Sym*>(file + section.sh_offset);
    for (const Elf64_Sym& symbol : std::span(symbols, section.sh_size / sizeof(Elf64_Sym))) {
      if (ELF64_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_value != 0) {
        functions.push_back({names + symbol.st_name, symbol.st_value, symbol.st_size});
      }
    }
  }
  return functions;
}

void make_writable(std::byte* from, std::size_t size) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(from) / page * page;
  const auto end = (reinterpret_cast<std::uintptr_t>(from) + size + page - 1) / page * page;
  if (::mprotect(reinterpret_cast<void*>(begin), end - begin, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) {
    give_up("this system does not let a program change its own code");
  }
}

class Redirection {
 public:
  explicit Redirection(const LoadedLibrary& nccl) : nccl_(nccl), functions_(functions_of(nccl.path)) {}

  void all() {
    int runtime_functions = 0;
    for (const Function& function : functions_) {
      const std::string_view name = function.name;
      if (name == hands_to_network_thread) {
        redirect(function, reinterpret_cast<const void*>(&nothing_to_hand));
      } else if (name.starts_with("cuda") && name.size() > 4 && name[4] >= 'A' && name[4] <= 'Z') {
        redirect(function, target_of(function.name));
        ++runtime_functions;
      }
    }
    if (runtime_functions == 0) {
      give_up(nccl_.path + " has no symbol table with the CUDA runtime in it");
    }
  }

 private:
  // "pretended_cudaX" where the program's own calls of cudaX need another answer than NCCL's
  const void* target_of(const char* name) {
    void* found = ::dlsym(RTLD_DEFAULT, (std::string("pretended_") + name).c_str());
    if (found == nullptr) {
      found = ::dlsym(RTLD_DEFAULT, name);
    }
    return found != nullptr ? found : refusal_of(name);
  }

  void redirect(const Function& function, const void* target) {
    if (function.size < jump_size) {
      return;  // an old name that only answers with an error
    }
    make_writable(nccl_.base + function.offset, jump_size);
    write_jump(nccl_.base + function.offset, target);
  }

  const LoadedLibrary nccl_;
  const std::vector<Function> functions_;
};

__attribute__((constructor)) void redirect_nccl() {
  LoadedLibrary nccl;
  if (::dl_iterate_phdr(&is_nccl, &nccl) != 0) {
    Redirection(nccl).all();
  }
}

}  // namespace
