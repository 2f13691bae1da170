#include "base/fields.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/field_text.hpp"

namespace hockney::inline base {
namespace {

struct Engine {
  std::uint64_t pistons = 4;
  double volume_l = 1.5;
};

struct Car {
  std::string name = "Beetle";
  Engine engine;
  bool open = false;
};

constexpr std::tuple engine_fields{field<&Engine::pistons>("pistons", "1", "pistons of the engine"),
                                   field<&Engine::volume_l>("volume_l", "l", "swept volume", "volume").since(2)};
constexpr auto car_fields =
    std::tuple_cat(std::tuple{field<&Car::name>("name", "", "what it is called")}, inside<&Car::engine>(engine_fields),
                   std::tuple{field<&Car::open>("open", "1", "has no roof")});

std::vector<std::string> texts_of(const Car& car) {
  std::vector<std::string> texts;
  for_each_field(car_fields, [&](const auto& each) { texts.push_back(text_of(each.in(car))); });
  return texts;
}

TEST(Fields, ReachTheMembersOfTheStructsInside) {
  EXPECT_EQ(texts_of({}), (std::vector<std::string>{"Beetle", "4", "1.5", "false"}));
  Car car;
  for_each_field(inside<&Car::engine>(engine_fields), [&](const auto& each) { read_text("2", each.in(car)); });
  EXPECT_EQ(car.engine.pistons, 2U);
  EXPECT_EQ(car.engine.volume_l, 2.0);
}

TEST(Fields, KeepNameUnitAndVersionWhenAStructIsHeldByAnother) {
  constexpr auto volume = std::get<2>(car_fields);
  static_assert(volume.name == "volume_l" && volume.unit == "l" && volume.since_minor == 2);
  static_assert(std::is_same_v<decltype(volume)::Object, Car> && std::is_same_v<decltype(volume)::Value, double>);
  EXPECT_EQ(volume.word(), "volume");
}

TEST(Fields, AreFoundByTheirWordAndByTheirName) {
  Car car;
  EXPECT_TRUE(visit_field(car_fields, "volume", [&](const auto& each) { read_text("3.5", each.in(car)); }));
  EXPECT_TRUE(visit_field(car_fields, "open", [&](const auto& each) { read_text("1", each.in(car)); }));
  EXPECT_FALSE(visit_field(car_fields, "wheels", [](const auto&) { FAIL(); }));
  EXPECT_EQ(texts_of(car), (std::vector<std::string>{"Beetle", "4", "3.5", "true"}));
}

struct Sail {
  double area_m2 = 20;
};

/// A boat or a car: one of both has an engine.
struct Vehicle {
  std::variant<Engine, Sail> drive;

  bool is_boat() const { return std::holds_alternative<Sail>(drive); }
  void set_boat(bool boat) { drive = boat ? decltype(drive){Sail{}} : decltype(drive){Engine{}}; }
};

constexpr auto vehicle_fields = std::tuple_cat(
    std::tuple{field<computed<&Vehicle::is_boat, &Vehicle::set_boat>>("boat", "1", "has a sail")},
    inside<&Vehicle::drive, as<Engine>>(engine_fields),
    std::tuple{field<&Vehicle::drive, as<Sail>, &Sail::area_m2>("area", "m2", "area of the sail").required()});

TEST(Fields, OfAnAlternativeAreEmptyAndStayUnsetWhileAVariantHoldsAnother) {
  const auto values = [](const Vehicle& vehicle) {
    std::vector<std::string> texts;
    for_each_field(vehicle_fields, [&](const auto& each) { texts.push_back(text_of(each.get(vehicle))); });
    return texts;
  };
  Vehicle vehicle;
  EXPECT_EQ(values(vehicle), (std::vector<std::string>{"false", "4", "1.5", "0"}));
  for_each_field(
      vehicle_fields, [&]<auto... Path>(const Field<Path...>& each) {
        typename Field<Path...>::Value one{};
        read_text("1", one);
        each.set(vehicle, one);
      });
  EXPECT_EQ(values(vehicle), (std::vector<std::string>{"true", "0", "0", "1"})) << "the first one made it a boat";
  static_assert(std::get<3>(vehicle_fields).is_required && std::get<2>(vehicle_fields).since_minor == 2);
}

TEST(FieldText, RefusesWhatIsNoValueOfTheType) {
  std::uint64_t count = 0;
  std::uint32_t small = 0;
  double number = 0;
  bool choice = false;
  EXPECT_THROW(read_text("-1", count), InputError);
  EXPECT_THROW(read_text("4 ", count), InputError);
  EXPECT_THROW(read_text("4294967296", small), InputError);
  EXPECT_THROW(read_text("", number), InputError);
  EXPECT_THROW(read_text("nan", number), InputError);
  EXPECT_THROW(read_text("yes", choice), InputError);
}

TEST(FieldText, NumbersComeBackAsTheyWere) {
  for (const double number : {0.1, 1e-300, 12345678.9, -3.0}) {
    double back = 0;
    read_text(text_of(number), back);
    EXPECT_EQ(back, number);
  }
}

}  // namespace
}  // namespace hockney::inline base
