// Matmul: one matrix product C = A B per operation, on each rank by itself; ranks that multiply at once share what the
// machine shares (memory, power).
//
// Operands are those of ProductData, whose result is known exactly; every element of C must be it, bit for bit.
#include <memory>
#include <vector>

#include "experiments/turns.hpp"
#include "pattern/product_data.hpp"
#include "plan/case.hpp"
#include "transport/transport.hpp"

namespace hockney::bench::experiments {
namespace {

class Product final : public transport::Trial {
 public:
  Product(transport::Verbs& verbs, const Case& point)
      : verbs_(verbs),
        shape_(point.matmul()),
        element_(point.element),
        data_(point.matmul()),
        turns_(buffer_sets(point, verbs.cache_size()), point.mode) {
    const std::vector<std::byte> a = data_.a(element_);
    const std::vector<std::byte> b = data_.b(element_);
    for (std::uint32_t set = 0; set < turns_.sets(); ++set) {
      a_.push_back(filled(a));
      b_.push_back(filled(b));
      c_.push_back(verbs.allocate_scratch(size_of(element_) * (shape_.m * shape_.n)));
    }
  }

  std::uint32_t sets() const override { return turns_.sets(); }
  void refill() override {}

  void run(std::uint32_t operations) override {
    turns_.begin_run();
    for (std::uint32_t operation = 0; operation < operations; ++operation) {
      const std::size_t set = turns_.next();
      verbs_.matmul(a_[set]->bytes(), b_[set]->bytes(), c_[set]->bytes(), shape_, element_);
    }
  }

  void poison() override {
    for (const std::size_t set : turns_.written()) {
      verbs_.poison(c_[set]->bytes());
    }
    turns_.reset();
  }

  std::uint64_t count_wrong() override {
    std::uint64_t wrong = 0;
    for (const std::size_t set : turns_.used()) {
      wrong += data_.count_wrong(verbs_.to_host(c_[set]->bytes()), element_);
    }
    return wrong;
  }

 private:
  std::unique_ptr<transport::Memory> filled(const std::vector<std::byte>& data) {
    auto memory = verbs_.allocate_scratch({data.size()});
    verbs_.from_host(data, memory->bytes());
    return memory;
  }

  transport::Verbs& verbs_;
  Matmul shape_;
  Element element_;
  pattern::ProductData data_;
  Turns turns_;
  std::vector<std::unique_ptr<transport::Memory>> a_;
  std::vector<std::unique_ptr<transport::Memory>> b_;
  std::vector<std::unique_ptr<transport::Memory>> c_;
};

}  // namespace

std::unique_ptr<transport::Trial> make_matmul(transport::Verbs& verbs, const Case& point) {
  return std::make_unique<Product>(verbs, point);
}

}  // namespace hockney::bench::experiments
