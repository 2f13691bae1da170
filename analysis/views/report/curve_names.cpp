#include "views/report/curve_names.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>
#include <sstream>

#include "views/software_apart.hpp"

namespace hockney::views {
namespace {

using Words = std::vector<std::string>;

std::string in_words(const std::string& part) {
  if (part.starts_with("concurrent:")) {
    return part.substr(part.find(':') + 1) + " at once";
  }
  std::string words = part;
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string group_in_words(const Group& group) {
  return group.is_placed() ? fmt::format("{} ranks ({} per node)", group.ranks, group.ranks_per_node)
                           : fmt::format("{} ranks", group.ranks);
}

bool is_of_group(const std::string& part) { return part.starts_with("n:"); }

/// Everything that may tell a curve from another, the parts of its name without the operation among them.
Words words_of(const CampaignCurve& each, const SoftwareApart& software) {
  Words words{each.campaign, each.curve->machine, software.told(each.curve->shape.software)};
  std::istringstream name(each.curve->name());
  std::string part;
  std::getline(name, part, '/');
  while (std::getline(name, part, '/')) {
    words.push_back(part);
  }
  return words;
}

SoftwareApart software_of_all(std::span<const CampaignCurve> curves) {
  std::set<std::string> software;
  for (const CampaignCurve& each : curves) {
    software.insert(each.curve->shape.software);
  }
  return SoftwareApart(software);
}

std::string name_of_curve(const CampaignCurve& each, const Words& words, const std::map<std::string, std::size_t>& uses,
                          std::size_t curves) {
  const std::string_view fabric = name_of(each.curve->shape.fabric);
  Words name;
  for (const std::string& word : words) {
    if (is_of_group(word)) {
      name.push_back(group_in_words(each.curve->shape.group));
    } else if (!word.empty() && (word == fabric || uses.at(word) < curves)) {
      name.push_back(in_words(word));
    }
  }
  return fmt::format("{}", fmt::join(name, ", "));
}

}  // namespace

std::vector<std::string> names_apart(std::span<const CampaignCurve> curves) {
  const SoftwareApart software = software_of_all(curves);
  std::vector<Words> words;
  std::map<std::string, std::size_t> uses;
  for (const CampaignCurve& each : curves) {
    words.push_back(words_of(each, software));
    for (const std::string& word : std::set<std::string>(words.back().begin(), words.back().end())) {
      ++uses[word];
    }
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    names.push_back(name_of_curve(curves[i], words[i], uses, curves.size()));
  }
  return names;
}

}  // namespace hockney::views
