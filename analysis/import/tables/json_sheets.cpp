#include "import/tables/json_sheets.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.hpp"
#include "import/tables/cells.hpp"
#include "import/tables/plain_text.hpp"
#include "import/tables/turned_sheet.hpp"

namespace hockney::import {
namespace {

std::string cell_of(const nlohmann::json& value) {
  return plain_text(value.is_string() ? value.get<std::string>() : value.is_null() ? std::string{} : value.dump());
}

/// Where an object begins.
struct Open {
  std::size_t begin;
  std::size_t line;
};

// With the entries of objects in it as its own: {"bytes": 8, "stats": {"mean_us": 5}}. One that several of them have is
// told apart by their names: "in_place time", "out_of_place time". {"value": 5, "unit": "us"} is one value.
nlohmann::json flat(const nlohmann::json& json) {
  nlohmann::json all = nlohmann::json::object();
  std::map<std::string, std::size_t> objects_with;
  for (const auto& [key, value] : json.items()) {
    if (value.is_object() && value.contains("value") && value.contains("unit")) {
      all[key] = cell_of(value["value"]) + " " + cell_of(value["unit"]);
    } else if (!value.is_object()) {
      all[key] = value;
    } else {
      for (const auto& entry : value.items()) {
        ++objects_with[entry.key()];
      }
    }
  }
  for (const auto& [key, value] : json.items()) {
    if (!value.is_object() || all.contains(key)) {
      continue;
    }
    for (const auto& entry : value.items()) {
      all.emplace(objects_with[entry.key()] > 1 ? fmt::format("{} {}", key, entry.key()) : entry.key(), entry.value());
    }
  }
  return all;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Sheets read() {
    bool in_string = false;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      line_ += c == '\n' ? 1 : 0;
      if (in_string && c == '\\') {
        ++i;
      } else if (c == '"' || c == '\n') {
        in_string = c == '"' && !in_string;  // no string of JSON holds a line's end
      } else if (!in_string) {
        take(i, c);
      }
    }
    if (!open_.empty() && text_.find('"', open_.back().begin) != std::string_view::npos && !result_.sheets.empty()) {
      result_.stray.push_back({open_.back().line, "an object that is cut off"});
    }
    std::for_each(result_.sheets.begin(), result_.sheets.end(), join_units);
    return std::move(result_);
  }

 private:
  void take(std::size_t i, char c) {
    constexpr std::size_t deepest = 8;  // an object is read again within each that holds it
    if (c == '{') {
      open_.push_back({i, line_});
      open_.erase(open_.begin(), open_.begin() + (open_.size() > deepest ? 1 : 0));
    } else if (c == '}' && !open_.empty()) {
      const Open object = open_.back();
      open_.pop_back();
      take_object(object, i + 1);
    }
  }

  // What an object holds in others says what text above a table does: {"config": {"ranks": 8}, "sizes": [...], ...}.
  void take_object(const Open& object, std::size_t end) {
    const std::size_t text_end = std::max(object.begin, std::exchange(closed_, end));
    if (used_ > object.begin) {
      return;  // rows stand in it
    }
    const auto parsed = nlohmann::json::parse(text_.substr(object.begin, end - object.begin), nullptr, false);
    const auto json = parsed.is_object() ? flat(parsed) : parsed;
    if (!json.is_object() || !is_header(header_of(json))) {
      return;
    }
    std::vector<std::string> notes;
    const std::vector<nlohmann::json> rows = has_size(json) ? std::vector{json} : rows_of(json, notes);
    if (rows.empty() || !has_size(rows.front())) {
      return;
    }
    if (!is_header(header_of(rows.front()))) {
      result_.stray.push_back({object.line, fmt::format("{}", fmt::join(notes, "; "))});
      return;
    }
    take_text_between(text_end);
    used_ = end;
    if (!open_sheet_) {
      result_.sheets.push_back({context_.facts(), context_.title(), object.line, {}, {}, {}});
      keys_.clear();
      open_sheet_ = true;
    }
    auto& all_notes = result_.sheets.back().notes;
    all_notes.insert(all_notes.end(), notes.begin(), notes.end());
    for (const nlohmann::json& row : rows) {
      add_row(row, object.line);
    }
  }

  // {"size": [8, 16], "time_us": [1.5, 1.6], "ranks": 8}: a row for each element of the arrays that are as long as that
  // of the sizes. `notes` tells which are left aside.
  static std::vector<nlohmann::json> rows_of(const nlohmann::json& json, std::vector<std::string>& notes) {
    nlohmann::json shared = nlohmann::json::object();
    std::map<std::string, const nlohmann::json*> arrays;
    for (const auto& [key, value] : json.items()) {
      if (value.is_array()) {
        arrays.emplace(key, &value);
      } else {
        shared[key] = value;
      }
    }
    const auto sizes = std::find_if(arrays.begin(), arrays.end(),
                                    [](const auto& each) { return is_size(read_heading(plain_text(each.first))); });
    const std::size_t length = sizes == arrays.end() ? 0 : sizes->second->size();
    std::vector<nlohmann::json> rows(length, shared);
    for (const auto& [key, array] : arrays) {
      if (array->size() != length) {
        notes.push_back(
            fmt::format("'{}' is left aside: {} values beside {} sizes", plain_text(key), array->size(), length));
        continue;
      }
      for (std::size_t i = 0; i < length; ++i) {
        rows[i][key] = (*array)[i];
      }
    }
    return rows;
  }

  static std::vector<std::string> keys_of(const nlohmann::json& json) {
    std::vector<std::string> keys;
    for (const auto& item : json.items()) {
      keys.push_back(plain_text(item.key()));
    }
    return keys;
  }

  // {"time": "10:00:01Z", "msg": "..."} has keys of a header, too.
  bool has_size(const nlohmann::json& json) {
    std::size_t column = 0;
    return std::any_of(json.items().begin(), json.items().end(), [&](const auto& item) {
      return is_size(header_[column++]) && read_quantity(cell_of(item.value()), {});
    });
  }

  const std::vector<Column>& header_of(const nlohmann::json& json) {
    std::vector<std::string> keys = keys_of(json);
    if (keys != header_keys_) {
      header_ = read_header(keys);
      header_keys_ = std::move(keys);
    }
    return header_;
  }

  void add_row(const nlohmann::json& json, std::size_t line) {
    Sheet& sheet = result_.sheets.back();
    std::vector<std::string> cells(keys_.size());
    for (const auto& item : json.items()) {
      const std::string key = plain_text(item.key());
      const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const std::string& each) {
        return letters_and_digits(each) == letters_and_digits(key);
      });
      const auto index = static_cast<std::size_t>(found - keys_.begin());
      if (found == keys_.end()) {
        keys_.push_back(key);
        cells.emplace_back();
        sheet.columns = read_header(keys_);
      }
      cells[index] = cell_of(item.value());
    }
    sheet.rows.push_back({line, std::move(cells)});
  }

  // A second table begins where the text between says something else.
  void take_text_between(std::size_t end) {
    constexpr std::size_t most = 1 << 14;
    const std::size_t begin = std::max(used_, end - std::min(end, most));
    std::string piece;
    bool changed = false;
    for (const char c : text_.substr(begin, end - begin)) {
      if (std::string_view(",{}[]\n").find(c) == std::string_view::npos) {
        piece += c == '"' ? ' ' : c;
        continue;
      }
      if (piece.find(':') != std::string::npos) {
        changed = context_.take(plain_text(piece)) || changed;
      }
      piece.clear();
    }
    open_sheet_ = open_sheet_ && !changed;
  }

  std::string_view text_;
  Sheets result_;
  Context context_;
  std::vector<std::string> keys_;         // of the open sheet
  std::vector<std::string> header_keys_;  // of the last object
  std::vector<Column> header_;            // their columns
  std::vector<Open> open_;                // those without a '}'
  std::size_t line_ = 1;
  std::size_t used_ = 0;    // end of the last row
  std::size_t closed_ = 0;  // end of the last object
  bool open_sheet_ = false;
};

}  // namespace

Sheets read_json_sheets(std::string_view text) { return Reader(text).read(); }

}  // namespace hockney::import
