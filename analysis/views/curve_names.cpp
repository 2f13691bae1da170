#include "views/curve_names.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>
#include <sstream>

#include "views/software_apart.hpp"

namespace hockney::views {
namespace {

/// A part of a name.
struct Word {
  std::string text;
  bool is_always_told = false;  ///< also where all curves have it
};
using Words = std::vector<Word>;

std::string in_words(const std::string& part) {
  if (part.starts_with("concurrent:")) {
    return part.substr(part.find(':') + 1) + " at once";
  }
  std::string words = part;
  std::replace(words.begin(), words.end(), '_', ' ');
  std::replace(words.begin(), words.end(), ':', ' ');
  return words;
}

std::string group_in_words(const Group& group) {
  return group.is_placed() ? fmt::format("{} ranks ({} per node)", group.ranks, group.ranks_per_node)
                           : fmt::format("{} ranks", group.ranks);
}

// What one software has and others have not; nothing where it has only the common ones.
std::string told(const SoftwareApart& software, const std::string& text) {
  const std::string& words = software.told(text);
  return words == "none of these" ? "" : words;
}

/// Everything that may tell a curve from another, the parts of its name without the operation among them.
Words words_of(const CampaignCurve& each, const SoftwareApart& software) {
  const Case& shape = each.curve->shape;
  Words words{{each.campaign}, {each.curve->machine}};
  std::istringstream name(each.curve->name());
  std::string part;
  std::getline(name, part, '/');
  while (std::getline(name, part, '/')) {
    const bool is_group = part.starts_with("n:");
    words.push_back(
        {is_group ? group_in_words(shape.group) : in_words(part), is_group || part == name_of(shape.fabric)});
  }
  words.push_back({told(software, shape.software)});
  return words;
}

SoftwareApart software_of_all(std::span<const CampaignCurve> curves) {
  std::set<std::string> software;
  for (const CampaignCurve& each : curves) {
    software.insert(each.curve->shape.software);
  }
  return SoftwareApart(software);
}

/// Which curves have a word.
using Users = std::map<std::string, std::set<std::size_t>>;

std::string name_of_curve(const std::string& campaign, const Words& words, const Users& users, std::size_t curves) {
  const auto tells = [&](const std::string& word) {
    const bool says_the_campaign = word != campaign && users.at(word) == users.at(campaign);
    return !word.empty() && users.at(word).size() < curves && !says_the_campaign;
  };
  std::vector<std::string> name;
  for (const Word& word : words) {
    if (word.is_always_told || tells(word.text)) {
      name.push_back(word.text);
    }
  }
  return fmt::format("{}", fmt::join(name, ", "));
}

}  // namespace

std::vector<std::string> names_apart(std::span<const CampaignCurve> curves) {
  const SoftwareApart software = software_of_all(curves);
  std::vector<Words> words;
  Users users;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    words.push_back(words_of(curves[i], software));
    for (const Word& word : words.back()) {
      users[word.text].insert(i);
    }
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    names.push_back(name_of_curve(curves[i].campaign, words[i], users, curves.size()));
  }
  return names;
}

}  // namespace hockney::views
