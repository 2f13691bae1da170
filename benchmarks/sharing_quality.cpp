// How well the law of sharing and what answers beside it predict a number of groups at once, or of ranks of an
// all_to_all, that was left out: every curve of cost models that has two others beside it. Give cost models, for
// example build/share/hockney/reference/*.cost.json.
#include <fmt/format.h>
#include <map>
#include <span>
#include <vector>

#include "base/names.hpp"
#include "cost/cost_model.hpp"
#include "predict/network/sharing_hold_out.hpp"

namespace hockney {
namespace {

struct Total {
  std::vector<double> errors;
  std::uint32_t inside = 0;

  void add(const predict::HeldOutCurve& curve) {
    errors.insert(errors.end(), curve.errors.begin(), curve.errors.end());
    inside += curve.inside;
  }
};

void print(std::string_view by, const Total& total, std::string_view what) {
  const cost::ErrorQuantiles error = cost::quantiles_of(total.errors);
  const double inside = 100.0 * total.inside / std::max<double>(1, error.count);
  fmt::print("{:<11} {:>6} {:>8.1f} {:>8.1f} {:>8.1f}  {}\n", by, error.count, 100 * error.median, 100 * error.p95,
             inside, what);
}

}  // namespace
}  // namespace hockney

int main(int count, char** arguments) {
  using namespace hockney;
  std::map<predict::Answerer, Total> by_answerer;
  Total all;
  fmt::print("{:<11} {:>6} {:>8} {:>8} {:>8}\n", "by", "sizes", "median %", "p95 %", "inside %");
  for (const char* file : std::span(arguments, static_cast<std::size_t>(count)).subspan(1)) {
    const cost::CostModel model = cost::CostModel::read(file);
    for (const predict::HeldOutCurve& curve : predict::hold_out_sharing(model)) {
      Total own;
      for (Total* total : {&own, &by_answerer[curve.by], &all}) {
        total->add(curve);
      }
      print(name_of(curve.by), own, fmt::format("{} on {}", curve.curve->name(), curve.curve->machine));
    }
  }
  for (const auto& [by, total] : by_answerer) {
    print(name_of(by), total, "in all");
  }
  print("all", all, "");
}
