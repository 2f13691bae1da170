#include "render/html/html.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "render/html/chart_data.hpp"
#include "render/html/escape.hpp"
#include "render/html/heat_map_svg.hpp"
#include "render/html/table_html.hpp"
#include "render/plot/axis.hpp"

namespace hockney::render {
namespace {

constexpr const char* hostile = "<script>alert('x')</script> & \"\xff\"";

bool has(const std::string& text, std::string_view words) { return text.find(words) != std::string::npos; }

ChartGroup a_chart(const std::string& words) {
  LineChart panel{.title = words};
  panel.x = bytes_axis("payload", 1024, 4096);
  panel.y = seconds_axis("time", 1e-6, 4e-6);
  panel.series = {
      {.name = words, .x = {1024, 4096}, .y = {1e-6, 4e-6}, .low = {0.9e-6, INFINITY}, .high = {2e-6, 5e-6}}};
  return {.title = words, .remarks = {"SIMULATED: " + words}, .panels = {panel}};
}

HeatMap a_map(const std::string& words) {
  HeatMap map;
  map.title = words;
  map.remarks = {"SIMULATED: " + words};
  map.x_label = words;
  map.columns = {words, "1"};
  map.y_label = words;
  map.rows = {words};
  map.value_label = words;
  map.values = {{1.5, std::nullopt}};
  return map;
}

Table a_table(const std::string& words) {
  Table table{.title = words, .lines = {words}, .columns = {text_column("", words), number_column("", "n")}};
  table.rows = {{words, 3}};
  table.remarks = {words};
  return table;
}

Page a_page(const std::string& words) {
  Page page{.title = words, .remarks = {words}, .footer = words};
  page.headline = {.facts = {{{}, words, words}},
                   .health = Health::bad,
                   .verdict = words,
                   .reasons = {words},
                   .numbers = {{words, words, words}}};
  const BoxPicture boxes{.title = words, .boxes = {{words, {words}, {{words, {words}, {}}}}}};
  page.sections = {{.id = "a", .title = words, .paragraphs = {words}}};
  page.sections.front().blocks = {a_chart(words), a_map(words), a_table(words), boxes,
                                  Foldout{words, {a_table(words)}}};
  return page;
}

TEST(Html, TextsAreEscapedOnceAndBytesThatAreNoTextAreReplaced) {
  EXPECT_EQ(escaped("a<b & \"c\" 'd'"), "a&lt;b &amp; &quot;c&quot; &#39;d&#39;");
  EXPECT_EQ(escaped("µ\x01\n\xff"), "µ \n\xEF\xBF\xBD");
  EXPECT_EQ(script_string("</script>&µ\""), "\"\\u003c/script>\\u0026\\u00b5\\\"\"");
}

TEST(Html, NoTextOfAFileBecomesAnElement) {
  if (!has_chart_library()) {
    GTEST_SKIP() << "built without dygraphs";
  }
  const std::string html = to_html(a_page(hostile));
  EXPECT_FALSE(has(html, "<script>alert"));
  EXPECT_TRUE(has(html, "&lt;script&gt;alert"));
  EXPECT_TRUE(has(html, "\\u003cscript>alert"));
}

TEST(Html, APageNamesNothingThatABrowserWouldFetch) {
  if (!has_chart_library()) {
    GTEST_SKIP() << "built without dygraphs";
  }
  const std::string html = to_html(a_page("plain"));
  EXPECT_TRUE(has(html, "default-src 'none'"));
  for (const char* reference : {"sourceMappingURL", " src=", "@import", "url(", "href=\"http"}) {
    EXPECT_FALSE(has(html, reference)) << reference;
  }
}

TEST(Html, EveryFigureCarriesItsMarks) {
  EXPECT_TRUE(has(chart_data(a_chart("x")), R"("remarks":["SIMULATED: x"])"));
  EXPECT_TRUE(has(heat_map_svg(a_map("x")), "class=\"mark\">SIMULATED</text>"));
  HeatMap measured = a_map("x");
  measured.remarks.clear();
  EXPECT_FALSE(has(heat_map_svg(measured), "class=\"mark\""));
}

TEST(ChartData, HasPlacesExactlyAndNullForWhatIsNotFinite) {
  ChartGroup group = a_chart("x");
  group.panels.front().series.front().x = {1024, 8589934592};
  const std::string data = chart_data(group);
  EXPECT_TRUE(has(data, R"("x":[1024,8589934592])")) << data;
  EXPECT_TRUE(has(data, R"("low":[9e-07,null])")) << data;
  EXPECT_TRUE(has(data, R"("quantity":"bytes")")) << data;
  EXPECT_TRUE(has(data, R"("quantity":"seconds")")) << data;
}

TEST(ChartData, ColumnsOfDifferentLengthsAreRefused) {
  ChartGroup group = a_chart("x");
  group.panels.front().series.front().y.pop_back();
  EXPECT_THROW(chart_data(group), Failure);
}

TEST(HeatMapSvg, DrawsEveryCellAndSaysItsValue) {
  const std::string svg = heat_map_svg(a_map("row"));
  EXPECT_TRUE(has(svg, "<title>row, row: 1.5</title>")) << svg;
  EXPECT_TRUE(has(svg, "<title>row, 1: no value</title>")) << svg;
  EXPECT_TRUE(has(svg, "class=\"none\"")) << svg;
}

TEST(TableHtml, ShowsWhatATerminalShows) {
  Table table;
  table.columns = {line_above("name"), number_column("t_s", "time us"), data_column("hidden")};
  table.rows = {{"curve one", Cell(2e-6).shown_as("2"), "not for people"}};
  const std::string html = table_html(table);
  EXPECT_TRUE(has(html, "curve one")) << html;
  EXPECT_TRUE(has(html, "<td>2")) << html;
  EXPECT_FALSE(has(html, "not for people")) << html;
}

TEST(Viridis, RunsFromDarkToLightAndMeetsItsPlaces) {
  EXPECT_EQ(viridis(0), "#440154");
  EXPECT_EQ(viridis(0.5), "#21918c");
  EXPECT_EQ(viridis(1), "#fde725");
  EXPECT_EQ(viridis(7), "#fde725");
  EXPECT_EQ(viridis(1.0 / 16), "#461768");  // half way from #440154 to #472d7b
}

}  // namespace
}  // namespace hockney::render
