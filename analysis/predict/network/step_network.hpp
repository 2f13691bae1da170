#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "predict/network/answerers.hpp"
#include "predict/network/doubts.hpp"
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

  /// Remembers what time() is asked while `predict` runs, which is what the next three speak of. Returns what it
  /// returns.
  template <class Predict>
  auto remember(Predict predict) {
    asked_.clear();
    const Remembering remembering(*this);
    return predict();
  }

  /// Numbers of the curves that answered and have an error of their own there, each once.
  std::vector<std::uint64_t> unsure_curves() const;

  /// From now on the groups that this curve answered are timed with it off by `deviate` of its standard errors; 0 takes
  /// it back, and so does draw().
  void shift(std::uint64_t curve, double deviate);

  /// warnings_of() the answers, made once for all that are answered alike.
  std::shared_ptr<const std::vector<std::string>> warnings();

 private:
  /// What a group must share with another to be answered alike.
  struct Key {
    Operation operation;
    std::uint32_t ranks;
    std::uint32_t ranks_per_node;
    std::uint32_t nodes;
    std::uint32_t stride;
    std::uint32_t at_once;

    Key(const Message& message, bool with_strides);
    friend bool operator==(const Key&, const Key&) = default;
  };

  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };

  using Warnings = std::shared_ptr<const std::vector<std::string>>;

  struct Entry {
    FlatCurve curve;
    std::uint64_t origin = 0;  ///< hash of the name, machine and source of the curve that answers
    double deviate = 0;        ///< of the current draw
    std::string refusal;       ///< of a group that nothing can answer: what InputError says
    std::vector<std::array<std::uint32_t, 2>> doubts{};  ///< number in doubts_, of each node and of the line behind it
  };

  /// A message that was timed, and the line of its group's curve that told the time.
  struct Asked {
    Message message;
    Entry* entry;
    std::size_t line;
  };

  class Remembering {
   public:
    explicit Remembering(StepNetwork& network) : network_(network) { network_.remembers_ = true; }
    ~Remembering() { network_.remembers_ = false; }
    Remembering(const Remembering&) = delete;
    Remembering& operator=(const Remembering&) = delete;

   private:
    StepNetwork& network_;
  };

  Entry& entry_of(const Message& message);
  Entry compiled_or_refused(const Message& message) const;
  Entry compile(const Message& message) const;
  std::uint32_t doubts_of(const Asked& asked);
  std::uint32_t number_of(const Doubts& doubts);

  bool has_mesh_;
  Answerers answerers_;
  std::unordered_map<Key, Entry, KeyHash> entries_;
  std::uint64_t draw_ = 0;
  bool remembers_ = false;
  std::vector<Asked> asked_;
  std::vector<Doubts> doubts_;                               ///< that differ; the first stands for "not yet known"
  std::map<std::vector<std::uint32_t>, Warnings> warnings_;  ///< by the numbers of what is doubtful
};

/// A standard normal deviate that depends on both numbers alone.
double deviate_of(std::uint64_t origin, std::uint64_t draw);

}  // namespace hockney::predict
