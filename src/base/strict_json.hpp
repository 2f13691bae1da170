#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "base/names.hpp"

namespace hockney::inline base {

/// A JSON object that refuses what it does not know. Every getter marks its key as known; finish() then throws on any
/// other key and names the nearest known one. All errors are InputError and read
/// "FILE: key 'PATH.TO.KEY': what was expected". Private to the cost library; the JSON value must outlive it.
class StrictJson {
 public:
  /// `origin` is the file, `path` the way from the root to this value ("curves[2].shape", empty for the root).
  /// Throws InputError when the value is no object.
  StrictJson(const nlohmann::json& value, std::string origin, std::string path);

  std::string text(const char* key);
  double number(const char* key);            ///< any JSON number
  double number_from_zero(const char* key);  ///< >= 0
  std::uint64_t unsigned_integer(const char* key, std::uint64_t most = UINT64_MAX);
  std::uint32_t unsigned_32(const char* key) { return static_cast<std::uint32_t>(unsigned_integer(key, UINT32_MAX)); }
  bool boolean(const char* key);
  StrictJson object(const char* key);

  /// The enumerator that a string stands for.
  template <class Enum>
  Enum named(const char* key) {
    try {
      return parse_name<Enum>(text(key));
    } catch (const InputError& error) {
      refuse(key, error.what());
    }
  }

  /// Calls `visit(element, path of the element)` for each element of an array.
  void each(const char* key, const std::function<void(const nlohmann::json&, const std::string&)>& visit);

  /// Calls `visit(object)` for each element of an array of objects, finish() included.
  void each_object(const char* key, const std::function<void(StrictJson&)>& visit);

  /// Marks a key of former versions as known, there or not; its value is not looked at.
  void pass_over(const char* key) { known_.emplace(key); }

  /// Throws InputError when the object holds a key that no getter asked for.
  void finish() const;

  /// Throws the InputError for a value of the right type that makes no sense. An empty key means the object itself.
  [[noreturn]] void refuse(std::string_view key, std::string_view message) const;

  const std::string& origin() const { return origin_; }

 private:
  const nlohmann::json& member(const char* key, std::string_view expected);
  std::string path_of(std::string_view key) const;

  const nlohmann::json* value_;
  std::string origin_;
  std::string path_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace hockney::inline base
