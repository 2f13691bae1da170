#include "render/html/escape.hpp"

#include <nlohmann/json.hpp>

namespace hockney::render {
namespace {

using Json = nlohmann::json;

// Valid UTF-8 of any bytes, by the one decoder that is there already.
std::string repaired(std::string_view text) {
  const std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(quoted).get<std::string>();
}

std::string replaced(const std::string& text, char each, std::string_view by) {
  std::string result;
  for (const char c : text) {
    c == each ? result += by : result += c;
  }
  return result;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : repaired(text)) {
    const auto code = static_cast<unsigned char>(c);
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += (code < 0x20 && c != '\n') || code == 0x7F ? ' ' : c;
    }
  }
  return result;
}

std::string script_string(std::string_view text) {
  const std::string quoted = Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
  return replaced(replaced(quoted, '<', "\\u003c"), '&', "\\u0026");
}

}  // namespace hockney::render
