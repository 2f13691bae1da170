#include "views/software_apart.hpp"

#include <vector>

#include "record/software.hpp"

namespace hockney::views {

SoftwareApart::SoftwareApart(const std::set<std::string>& software) {
  const std::vector<std::string> texts(software.begin(), software.end());
  const std::vector<std::string> parts = differences(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    told_[texts[i]] = parts[i];
  }
}

render::Column SoftwareApart::column() const {
  return is_needed() ? render::text_column("software", "software") : render::data_column("software");
}

render::Cell SoftwareApart::cell(const std::string& software) const {
  return render::Cell(software).shown_as(told(software));
}

}  // namespace hockney::views
