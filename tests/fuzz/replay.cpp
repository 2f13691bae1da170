/// replay MUTATIONS FOLDER: a main() for a fuzz target without libFuzzer. Feeds it every file of the folder and then
/// as many mutations of them, the same ones in every run. A crash or an exception that leaves the target is the
/// failure.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<std::string> seeds_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> seeds;
  for (const fs::path& file : files) {
    std::ifstream stream(file, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return seeds;
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& seeds) : seeds_(seeds) {}

  std::string next() {
    constexpr std::size_t most_changes = 8;
    std::string text = any_seed();
    for (std::size_t left = below(most_changes) + 1; left > 0; --left) {
      change(text);
    }
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }
  const std::string& any_seed() { return seeds_[below(seeds_.size())]; }

  void change(std::string& text) {
    constexpr std::size_t most_bytes = 64;
    constexpr std::size_t byte_values = 256;
    const std::size_t at = below(text.size() + 1);
    const std::size_t count = below(most_bytes) + 1;
    switch (random_() % 5) {
      case 0:
        text.erase(at, count);
        return;
      case 1:
        text.insert(at, text.substr(below(text.size() + 1), count));
        return;
      case 2: {
        const std::string& other = any_seed();
        text.insert(at, other.substr(below(other.size() + 1), count));
        return;
      }
      case 3:
        text.resize(at);
        return;
      default:
        if (at < text.size()) {
          text[at] = static_cast<char>(below(byte_values));
        }
    }
  }

  const std::vector<std::string>& seeds_;
  std::mt19937 random_{20261125};
};

void feed(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> seeds = argc == 3 ? seeds_in(argv[2]) : std::vector<std::string>{};
  if (seeds.empty()) {
    std::fprintf(stderr, "usage: %s MUTATIONS FOLDER-WITH-SEEDS\n", argv[0]);
    return 2;
  }
  std::for_each(seeds.begin(), seeds.end(), feed);
  Mutator mutator(seeds);
  const int mutations = std::atoi(argv[1]);
  for (int i = 0; i < mutations; ++i) {
    feed(mutator.next());
  }
  std::printf("%zu seeds and %d mutations of them\n", seeds.size(), mutations);
  return 0;
}
