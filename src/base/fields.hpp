#pragma once

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hockney::inline base {

namespace detail {

template <class Class, class Member>
Class owner_of(Member Class::*);

template <auto First, auto... Rest, class Object>
constexpr auto& follow(Object& object) {
  if constexpr (sizeof...(Rest) == 0) {
    return object.*First;
  } else {
    return follow<Rest...>(object.*First);
  }
}

}  // namespace detail

/// One value of a struct as files, flags and tables know it. The value is reached from the struct through a chain of
/// members, so that one table also covers the structs inside. A struct has one table of these; whoever reads, writes or
/// prints it loops over the table (for_each_field()) and names no member.
template <auto First, auto... Rest>
struct Field {
  using Object = decltype(detail::owner_of(First));
  using Value = std::remove_cvref_t<decltype(detail::follow<First, Rest...>(std::declval<Object&>()))>;

  std::string_view name;     ///< the key in files: snake_case, with the unit in it where it has one ("beta_s_per_byte")
  std::string_view unit;     ///< UDUNITS ("s", "B", "s B-1"); "1" for counts, codes and ratios; empty for text
  std::string_view meaning;  ///< a phrase for help texts and long_name attributes
  std::string_view flag{};  ///< its word on command lines and in CSV headings ("tp"), where that is another than `name`
  unsigned since_minor = 0;  ///< minor version of the schema that brought it; files of an earlier one lack it
  bool is_required = false;  ///< has no usual value: whoever describes the struct must give it

  constexpr std::string_view word() const { return flag.empty() ? name : flag; }

  /// The value in an object; const where the object is.
  template <class Holder>
  static constexpr auto& in(Holder& object) {
    return detail::follow<First, Rest...>(object);
  }

  constexpr Field since(unsigned minor) const {
    Field field = *this;
    field.since_minor = minor;
    return field;
  }

  constexpr Field required() const {
    Field field = *this;
    field.is_required = true;
    return field;
  }
};

/// A field by its chain of members: field<&Case::group, &Group::ranks>("ranks", "1", "ranks of the group").
template <auto First, auto... Rest>
constexpr Field<First, Rest...> field(std::string_view name, std::string_view unit, std::string_view meaning,
                                      std::string_view flag = {}) {
  return {name, unit, meaning, flag};
}

namespace detail {

template <auto Outer, auto... Path>
constexpr Field<Outer, Path...> deeper(const Field<Path...>& inner) {
  return {inner.name, inner.unit, inner.meaning, inner.flag, inner.since_minor, inner.is_required};
}

}  // namespace detail

/// The fields of a member as fields of the struct that holds it: inside<&Case::group>(group_fields).
template <auto Outer, class... Inner>
constexpr auto inside(const std::tuple<Inner...>& fields) {
  return std::apply([](const auto&... each) { return std::tuple{detail::deeper<Outer>(each)...}; }, fields);
}

/// Calls `visit(field)` for each field of a table (a std::tuple of Field), in order.
template <class... Fields, class Visit>
constexpr void for_each_field(const std::tuple<Fields...>& fields, Visit&& visit) {
  std::apply([&](const auto&... each) { (visit(each), ...); }, fields);
}

/// Calls `visit(field)` for the field with this word() or name, if there is one; whether there was.
template <class... Fields, class Visit>
constexpr bool visit_field(const std::tuple<Fields...>& fields, std::string_view word, Visit&& visit) {
  bool found = false;
  for_each_field(fields, [&](const auto& each) {
    if (!found && (each.word() == word || each.name == word)) {
      found = true;
      visit(each);
    }
  });
  return found;
}

}  // namespace hockney::inline base
