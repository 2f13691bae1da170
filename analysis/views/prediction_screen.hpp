#pragma once

#include <string>

#include "predict/step/message_cells.hpp"
#include "predict/step/prediction.hpp"

namespace hockney::views {

/// What `hockney predict` shows, top to bottom; blocks of text end in '\n'. Times in ms, intervals of 95 %; an interval
/// without width (a stated line rate) reads "not known". Payloads from 1 MiB are rounded to four digits; the exact ones
/// are in to_json(). Both tables are without rows when the mapping communicates nothing.
struct PredictionScreen {
  std::string header;             ///< model, mapping, cost model, one line per warning
  predict::ScreenTable causes;    ///< seconds by cause, the whole communication last
  predict::ScreenTable messages;  ///< every message, its placement and the number of the curve that answered
  std::string footnotes;          ///< the curves and remarks behind the messages
  std::string footer;             ///< bubble fractions and conventions
};

/// Puts the prediction into words.
PredictionScreen screen_of(const predict::Prediction& prediction);

}  // namespace hockney::views
