#include <nlohmann/json.hpp>

#include "render/view.hpp"

namespace hockney::render {
namespace {

using Json = nlohmann::ordered_json;

Json rows_of(const Table& table);

struct AsJson {
  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(const std::shared_ptr<const Table>& rows) const { return rows_of(*rows); }
  template <class Value>
  Json operator()(const Value& value) const {
    return value;
  }
};

/// Sets "a.b" of an object to the value of a cell: object["a"]["b"]; without a key nothing.
void set(Json& object, std::string_view key, const Cell& cell) {
  if (key.empty()) {
    return;
  }
  const auto dot = key.find('.');
  if (dot == std::string_view::npos) {
    object[std::string(key)] = std::visit(AsJson{}, cell.value());
  } else {
    set(object[std::string(key.substr(0, dot))], key.substr(dot + 1), cell);
  }
}

Json rows_of(const Table& table) {
  Json rows = Json::array();
  for (const std::vector<Cell>& row : table.rows) {
    Json object = Json::object();
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      set(object, table.columns[i].key, row.at(i));
    }
    rows.push_back(std::move(object));
  }
  return rows;
}

void append(Json& json, const Table& table) {
  if (table.name.empty()) {
    return;
  }
  Json& all = json.emplace(table.name, Json::array()).first.value();
  for (Json& row : rows_of(table)) {
    all.push_back(std::move(row));
  }
}

}  // namespace

std::string to_json(const View& view) {
  Json json{{"schema", "hockney " + view.what}, {"version", view.version}};
  for (const Fact& fact : view.facts) {
    set(json, fact.key, fact.value);
  }
  json["warnings"] = view.warnings;
  for (const Table& table : view.tables) {
    append(json, table);
  }
  json["notes"] = view.notes;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace hockney::render
