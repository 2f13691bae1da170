#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cuda_runtime_api.h>
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

// NCCL has the CUDA runtime linked in. When this library is loaded, every function of that copy gets a jump to the
// function of the same name here as its first instruction. NCCL's own code is left as it is, but for one function.

#if !defined(__x86_64__)
#error "jumps are written for x86-64 only"
#endif

namespace {

// What NCCL hands to its network thread would wait for a kernel that never fills the buffers, and with it the end of
// the communicator. So the thread gets nothing; what NCCL chose and connected is settled before.
constexpr std::string_view hands_to_network_thread = "_Z15ncclProxySaveOpP8ncclCommP11ncclProxyOpPb";
int nothing_to_hand() { return 0; }

cudaError_t is_not_pretended(const char* name) {
  std::fprintf(stderr, "pretended GPU: NCCL calls %s, which is not pretended\n", name);
  return cudaErrorNotSupported;
}

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

// movabs rax, target; jmp rax
constexpr std::size_t jump_size = 12;
std::byte* write_jump(std::byte* at, const void* target) {
  std::memcpy(at, "\x48\xb8", 2);
  std::memcpy(at + 2, &target, 8);
  std::memcpy(at + 10, "\xff\xe0", 2);
  return at + jump_size;
}

// movabs rdi, name; then the jump
constexpr std::size_t refusal_size = 10 + jump_size;
std::byte* write_refusal(std::byte* at, const char* name) {
  std::memcpy(at, "\x48\xbf", 2);
  std::memcpy(at + 2, &name, 8);
  return write_jump(at + 10, reinterpret_cast<const void*>(&is_not_pretended));
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
  explicit Redirection(const LoadedLibrary& nccl) : nccl_(nccl), functions_(functions_of(nccl.path)) {
    refusals_ = static_cast<std::byte*>(::mmap(nullptr, functions_.size() * refusal_size,
                                               PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  }

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
    if (found != nullptr) {
      return found;
    }
    const void* refusal = refusals_;
    refusals_ = write_refusal(refusals_, name);
    return refusal;
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
  std::byte* refusals_ = nullptr;
};

__attribute__((constructor)) void redirect_nccl() {
  LoadedLibrary nccl;
  if (::dl_iterate_phdr(&is_nccl, &nccl) != 0) {
    Redirection(nccl).all();
  }
}

}  // namespace
