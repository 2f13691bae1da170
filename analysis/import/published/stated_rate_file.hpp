#pragma once

#include <string_view>

namespace hockney::import {

/// Throws InputError for a text that states a line rate in the layout of results/reference/README.md ("# estimated:
/// line rate"): what it states, that nothing was measured, so that there is no curve to import, and which flags of
/// hockney predict take such a rate. Does nothing for any other text.
void refuse_stated_rate(std::string_view text);

}  // namespace hockney::import
