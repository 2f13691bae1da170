#include "commands/fit/print_group_law.hpp"

#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
#include <vector>

#include "base/text_table.hpp"
#include "commands/fit/print_fit.hpp"

namespace hockney::commands {
namespace {

constexpr double per_micro = 1e6;
constexpr double per_giga = 1e-9;
constexpr double per_cent = 100;
constexpr double clearly_better = 6;  // difference of BIC: "strong" evidence (Kass & Raftery 1995, JASA 90:773)

std::string_view meaning_of(cost::TermKind term, bool has_intra) {
  switch (term) {
    case cost::TermKind::alpha0:
      return has_intra ? "alpha0 (us)" : "alpha0 + steps in a node (us)";
    case cost::TermKind::intra_step:
      return "a_intra, per step in a node (us)";
    case cost::TermKind::inter_step:
      return "a_inter, per step between nodes (us)";
    case cost::TermKind::added_node:
      return "one more node: its steps in and between nodes (us)";
    case cost::TermKind::rank:
      return "a_rank, per rank (us)";
    case cost::TermKind::byte:
      return "bandwidth (GB/s)";
    case cost::TermKind::byte_one_node:
      return "bandwidth in a node (GB/s)";
    case cost::TermKind::byte_intra:
      return "bandwidth of a rank in a node (GB/s)";
    case cost::TermKind::byte_inter:
      return "bandwidth of a rank between nodes (GB/s)";
  }
  return {};
}

PrintedInterval print_value(const cost::LawTerm& term) {
  if (!cost::is_per_byte(term.kind)) {
    return print_interval(term.value * per_micro, {term.interval.low * per_micro, term.interval.high * per_micro});
  }
  return print_interval(per_giga / term.value, {per_giga / term.interval.high, per_giga / term.interval.low});
}

std::string describe_choice(const cost::LawRegime& regime) {
  if (regime.rivals.size() < 2) {
    return "the only law for this algorithm";
  }
  std::vector<std::string> rivals;
  for (std::size_t i = 1; i < regime.rivals.size(); ++i) {
    const cost::RivalLaw& rival = regime.rivals[i];
    rivals.push_back(fmt::format("{} +{:.0f}", name_of(rival.law), rival.criterion - regime.rivals.front().criterion));
  }
  const bool clear = regime.rivals[1].criterion - regime.rivals[0].criterion >= clearly_better;
  return fmt::format("BIC: {}{}", fmt::join(rivals, ", "), clear ? "" : " (not told apart)");
}

std::string percent(double fraction) {
  const double value = fraction * per_cent;
  return value >= per_cent ? fmt::format("{:.0f}", value) : fmt::format("{:.1f}", value);
}

std::string percent(const cost::ErrorQuantiles& errors) {
  return fmt::format("{} / {} %", percent(errors.median), percent(errors.p95));
}

std::string print_regimes(const cost::GroupLaw& law) {
  TextTable table({{"from"},
                   {"to"},
                   {"law", Align::left},
                   {"coefficient", Align::left},
                   {"value"},
                   {"95 % interval"},
                   {"scatter (%)"},
                   {"points"},
                   {"other laws", Align::left}});
  for (const cost::LawRegime& regime : law.regimes) {
    bool first = true;
    bool has_intra = false;
    for (const cost::LawTerm& term : regime.terms) {
      has_intra = has_intra || term.kind == cost::TermKind::intra_step || term.kind == cost::TermKind::rank;
    }
    for (const cost::LawTerm& term : regime.terms) {
      if (term.value == 0) {
        continue;
      }
      const PrintedInterval value = print_value(term);
      const auto once = [first](std::string text) { return first ? text : std::string(); };
      table.add({once(to_string(regime.from)), once(to_string(regime.to)), once(std::string(name_of(regime.law))),
                 std::string(meaning_of(term.kind, has_intra)), value.value, value.interval,
                 once(percent(regime.scatter)), once(fmt::format("{}", regime.points)), once(describe_choice(regime))});
      first = false;
    }
  }
  return table.print();
}

std::string print_hold_out(const cost::HoldOut& hold_out) {
  if (hold_out.points == 0) {
    return "hold-out error: none, no size has two smaller ones at the same payloads\n";
  }
  return fmt::format(
      "hold-out error of {} ranks, each from all smaller groups, median / 95th percentile over {} points:\n"
      "  law {}, the next smaller group's time {}, log-log over ranks {}\n",
      fmt::join(hold_out.held_out, " and "), hold_out.points, percent(hold_out.law), percent(hold_out.nearest),
      percent(hold_out.log_log));
}

std::string print_law(const cost::GroupLaw& law) {
  std::vector<std::string> sizes;
  for (const Group& group : law.sizes) {
    sizes.push_back(group.nodes() == 1 ? fmt::format("{}", group.ranks)
                                       : fmt::format("{}x{}", group.nodes(), group.ranks / group.nodes()));
  }
  std::string text =
      fmt::format("\n{} over {}, ranks {}{}{}\n{}\n", name_of(law.shape.operation), name_of(law.shape.fabric),
                  fmt::join(sizes, ", "), law.shape.group.nodes() > 1 ? " (nodes x ranks per node)" : " in one node",
                  law.machine.empty() ? "" : ", on " + law.machine, law.name());
  text +=
      law.flags.has(Flag::simulated) ? "SIMULATED: answered by the scripted transport; no transfer took place\n" : "";
  return text + print_regimes(law) + print_hold_out(law.hold_out);
}

}  // namespace

std::string print_group_laws(const cost::CostModel& model) {
  if (model.group_laws.empty()) {
    return {};
  }
  std::string text =
      "\nlaws over ranks (used outside the measured group sizes only, at most twice the nodes, and then flagged; where "
      "the algorithm is not known the law with the least BIC is named, and how much worse the others are)\n";
  for (const cost::GroupLaw& law : model.group_laws) {
    text += print_law(law);
  }
  return text;
}

}  // namespace hockney::commands
