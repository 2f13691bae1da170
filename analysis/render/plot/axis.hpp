#pragma once

#include <string>

#include "render/plot/figure.hpp"

namespace hockney::render {

/// A log axis of payloads: ticks at powers of two with binary prefixes, at most seven. Both ends in bytes, > 0; the
/// range is a little wider than asked, so that no point lies on the frame. Throws Failure unless 0 < low <= high.
Axis bytes_axis(std::string label, double low, double high);

/// A log axis of times in seconds, ticks in us, ms or s ("10 us"). Throws Failure unless 0 < low <= high.
Axis seconds_axis(std::string label, double low, double high);

/// An axis of plain numbers: ticks at 1, 2 or 5 times a power of ten. The range is a little wider than asked, and never
/// empty. Throws Failure unless low <= high are finite, and 0 < low on a log scale.
Axis number_axis(std::string label, Scale scale, double low, double high);

/// A log axis with one tick per value, labelled with the value: counts of ranks, for instance. Throws Failure for no
/// values or values that are not above 0.
Axis counts_axis(std::string label, const std::vector<double>& values);

/// An axis with one name per whole number from 0 on. Throws Failure for no names.
Axis names_axis(std::string label, const std::vector<std::string>& names);

}  // namespace hockney::render
