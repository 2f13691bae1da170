#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

namespace hockney::fit {

/// For EXPECT_TRUE: whether a text holds a part; the text is printed when it does not.
inline testing::AssertionResult holds_text(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos ? testing::AssertionSuccess()
                                              : testing::AssertionFailure() << "'" << part << "' is not in: " << text;
}

/// Whether any of several texts holds a part.
inline testing::AssertionResult any_holds_text(const std::vector<std::string>& texts, std::string_view part) {
  std::string all;
  for (const std::string& text : texts) {
    all += text + "\n";
  }
  return std::any_of(texts.begin(), texts.end(), [&](const auto& text) { return text.find(part) != std::string::npos; })
             ? testing::AssertionSuccess()
             : testing::AssertionFailure() << "'" << part << "' is in none of:\n"
                                           << all;
}

}  // namespace hockney::fit
