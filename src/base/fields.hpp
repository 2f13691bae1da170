#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace hockney::inline base {

/// Part of a path to a value: a variant's alternative. The value is absent while the variant holds another one.
template <class Alternative>
struct As {};
template <class Alternative>
inline constexpr As<Alternative> as{};

/// The last part of a path: a value that a member or member function `Get` tells, and a member function `Set` takes.
template <auto Get, auto Set>
struct Computed {};
template <auto Get, auto Set>
inline constexpr Computed<Get, Set> computed{};

namespace detail {

template <class Class, class Member>
Class owner_of(Member Class::*);
template <auto Get, auto Set>
auto owner_of(Computed<Get, Set>) -> decltype(owner_of(Get));

// One part of a path: calls use(part&) where there is one.
template <class Class, class Member, class Object, class Use>
constexpr void reach(Member Class::*member, Object& object, Use&& use) {
  use(object.*member);
}
template <class Alternative, class Object, class Use>
constexpr void reach(As<Alternative>, Object& object, Use&& use) {
  if (auto* const found = std::get_if<Alternative>(&object)) {
    use(*found);
  }
}

template <class Class, class Member>
Member type_of(Member Class::*);
template <class Alternative>
Alternative type_of(As<Alternative>);
template <auto Get, auto Set>
auto type_of(Computed<Get, Set>) -> std::remove_cvref_t<std::invoke_result_t<decltype(Get), decltype(owner_of(Get))&>>;

template <auto First, auto... Rest>
constexpr auto last() {
  if constexpr (sizeof...(Rest) == 0) {
    return First;
  } else {
    return last<Rest...>();
  }
}

template <auto First, auto... Rest, class Object, class Use>
constexpr void get(const Object& object, Use&& use) {
  if constexpr (sizeof...(Rest) > 0) {
    reach(First, object, [&](const auto& part) { get<Rest...>(part, use); });
  } else if constexpr (requires { reach(First, object, use); }) {
    reach(First, object, use);
  } else {
    [&]<auto Get, auto Set>(Computed<Get, Set>) { use(std::invoke(Get, object)); }
    (First);
  }
}

template <auto First, auto... Rest, class Object, class Value>
constexpr void set(Object& object, const Value& value) {
  if constexpr (sizeof...(Rest) > 0) {
    reach(First, object, [&](auto& part) { set<Rest...>(part, value); });
  } else if constexpr (requires { reach(First, object, [](Value&) {}); }) {
    reach(First, object, [&](Value& part) { part = value; });
  } else {
    [&]<auto Get, auto Set>(Computed<Get, Set>) { std::invoke(Set, object, value); }
    (First);
  }
}

template <auto First, auto... Rest, class Object>
constexpr auto& follow(Object& object) {
  if constexpr (sizeof...(Rest) == 0) {
    return object.*First;
  } else {
    return follow<Rest...>(object.*First);
  }
}

}  // namespace detail

/// What is said of a field.
struct FieldText {
  std::string_view name;     ///< the key in files: snake_case, with the unit in it where it has one ("beta_s_per_byte")
  std::string_view unit;     ///< UDUNITS ("s", "byte"); "1" for counts, codes and ratios; empty for text
  std::string_view meaning;  ///< a phrase for help texts and long_name attributes
  std::string_view flag{};  ///< its word on command lines and in CSV headings ("tp"), where that is another than `name`
  unsigned since_minor = 0;  ///< minor version of the schema that brought it; files of an earlier one lack it
  bool is_required = false;  ///< has no usual value: whoever describes the struct must give it
  std::size_t longest = 0;   ///< of a text: bytes that files keep; 0: as many as it has

  constexpr std::string_view word() const { return flag.empty() ? name : flag; }
};

/// One value of a struct as files, flags and tables know it. The value is reached from the struct through a path of
/// members, so that one table also covers the structs inside. A struct has one table of these; whoever reads, writes or
/// prints it loops over the table (for_each_field()) and names no member.
template <auto First, auto... Rest>
struct Field : FieldText {
  using Object = decltype(detail::owner_of(First));
  using Value = decltype(detail::type_of(detail::last<First, Rest...>()));

  /// The value in an object by reference, const where the object is. For paths of members only.
  template <class Holder>
  static constexpr auto& in(Holder& object) {
    return detail::follow<First, Rest...>(object);
  }

  /// The value; Value{} where the object's variant holds another alternative.
  static constexpr Value get(const Object& object) {
    Value value{};
    detail::get<First, Rest...>(object, [&](const Value& found) { value = found; });
    return value;
  }

  /// Sets the value; does nothing where the object's variant holds another alternative.
  static constexpr void set(Object& object, const Value& value) { detail::set<First, Rest...>(object, value); }

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
  constexpr Field at_most(std::size_t bytes) const {
    Field field = *this;
    field.longest = bytes;
    return field;
  }
};

/// A field by its path: field<&Case::group, &Group::ranks>("ranks", "1", "ranks of the group").
template <auto First, auto... Rest>
constexpr Field<First, Rest...> field(std::string_view name, std::string_view unit, std::string_view meaning,
                                      std::string_view flag = {}) {
  return {{name, unit, meaning, flag}};
}

namespace detail {

template <auto... Outer, auto... Path>
constexpr Field<Outer..., Path...> deeper(const Field<Path...>& inner) {
  return {static_cast<const FieldText&>(inner)};
}

}  // namespace detail

/// The fields of a member as fields of the struct that holds it: inside<&Case::group>(group_fields).
template <auto... Outer, class... Inner>
constexpr auto inside(const std::tuple<Inner...>& fields) {
  return std::apply([](const auto&... each) { return std::tuple{detail::deeper<Outer...>(each)...}; }, fields);
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
