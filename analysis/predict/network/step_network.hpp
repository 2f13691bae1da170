#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "predict/network/answerers.hpp"
#include "predict/network/flat_curve.hpp"

namespace hockney::predict {

/// Times the messages of steps, by the rules of Answerers.
///
/// For Monte Carlo, draw() shifts every curve by a number of its standard errors that depends on the curve (name,
/// machine, source) and the draw alone: mappings that read the same curve are wrong together (common random numbers),
/// and so are two groups that are extrapolated from one curve. A stated rate has no error of its own.
///
/// Asked the same group twice it reads a FlatCurve: no allocation. One thread at a time. `model` must outlive it.
class StepNetwork {
 public:
  StepNetwork(const cost::CostModel& model, const StepConstants& constants, NetworkOptions options);

  /// Seconds of one operation. Throws InputError as answer(), for the same group with the same text.
  double time(const Message& message);

  /// The same with its interval, curve, additions and remarks: Answerers::answer(). estimate.value_s equals time() but
  /// for the FlatCurve's rounding where two segments meet.
  Answer answer(const Message& message) const { return answerers_.answer(message); }

  /// From now on time() answers as in draw `number`; 0 is the value itself.
  void draw(std::uint64_t number);

 private:
  /// What a group must share with another to be answered alike.
  struct Key {
    Operation operation;
    std::uint32_t ranks;
    std::uint32_t ranks_per_node;
    std::uint32_t nodes;
    std::uint32_t stride;
    bool is_shared;

    Key(const Message& message, bool with_strides);
    friend bool operator==(const Key&, const Key&) = default;
  };

  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };

  struct Entry {
    FlatCurve curve;
    std::uint64_t origin = 0;  ///< hash of the name, machine and source of the curve that answers
    double deviate = 0;        ///< of the current draw
    std::string refusal;       ///< of a group that nothing can answer: what InputError says
  };

  Entry& entry_of(const Message& message);
  Entry compiled_or_refused(const Message& message) const;
  Entry compile(const Message& message) const;

  bool has_mesh_;
  Answerers answerers_;
  std::unordered_map<Key, Entry, KeyHash> entries_;
  std::uint64_t draw_ = 0;
};

/// A standard normal deviate that depends on both numbers alone.
double deviate_of(std::uint64_t origin, std::uint64_t draw);

}  // namespace hockney::predict
