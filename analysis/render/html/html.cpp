#include "render/html/html.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "render/cell_text.hpp"
#include "render/html/assets.hpp"
#include "render/html/chart_data.hpp"
#include "render/html/escape.hpp"
#include "render/html/heat_map_svg.hpp"
#include "render/html/table_html.hpp"

namespace hockney::render {
namespace {

using Lines = std::vector<std::string>;

// Scripts and styles are those of this file; nothing is fetched from anywhere.
constexpr std::string_view policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

std::string element(std::string_view name, const std::string& text, std::string_view kind = {}) {
  const std::string attribute = kind.empty() ? "" : fmt::format(" class=\"{}\"", kind);
  return fmt::format("<{0}{1}>{2}</{0}>\n", name, attribute, escaped(text));
}

std::string paragraphs(const Lines& lines, std::string_view kind) {
  std::string html;
  for (const std::string& line : lines) {
    html += element("p", line, kind);
  }
  return html;
}

template <class Picture>
std::string caption(const Picture& picture) {
  return "<figcaption>" + element("h3", picture.title) + paragraphs(picture.subtitles, "line") +
         paragraphs(picture.remarks, "mark") + "</figcaption>\n";
}

std::string box_html(const NestedBox& box) {
  std::string html = "<div class=\"box\">" + element("strong", box.title) + paragraphs(box.lines, "line");
  if (!box.inner.empty()) {
    html += "<div class=\"boxes\">";
    for (const NestedBox& inner : box.inner) {
      html += box_html(inner);
    }
    html += "</div>";
  }
  return html + "</div>\n";
}

struct BlockHtml {
  std::string operator()(const Table& table) const { return "<div class=\"block\">" + table_html(table) + "</div>\n"; }

  std::string operator()(const ChartGroup& group) const {
    return "<figure class=\"charts\">" + caption(group) + "<script type=\"application/json\">" + chart_data(group) +
           "</script>\n</figure>\n";
  }

  std::string operator()(const HeatMap& map) const {
    return "<figure>" + caption(map) + "<div class=\"scroll\" tabindex=\"0\">" + heat_map_svg(map) +
           "</div></figure>\n";
  }

  std::string operator()(const BoxPicture& picture) const {
    std::string html = "<figure>" + caption(picture) + "<div class=\"boxes\">";
    for (const NestedBox& box : picture.boxes) {
      html += box_html(box);
    }
    return html + "</div></figure>\n";
  }

  std::string operator()(const Foldout& foldout) const {
    std::string html = "<details>" + element("summary", foldout.summary);
    for (const Table& table : foldout.tables) {
      html += table_html(table);
    }
    return html + "</details>\n";
  }
};

std::string section_html(const Section& section) {
  std::string html = fmt::format("<section id=\"{}\">\n", escaped(section.id)) + element("h2", section.title) +
                     paragraphs(section.paragraphs, "intro");
  for (const Block& block : section.blocks) {
    html += std::visit(BlockHtml{}, block);
  }
  return html + "</section>\n";
}

std::string contents_html(const Page& page) {
  std::string html = "<nav aria-label=\"Contents\"><ul>\n";
  for (const Section& section : page.sections) {
    html += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", escaped(section.id), escaped(section.title));
  }
  return html + "</ul></nav>\n";
}

std::string_view class_of(Health health) {
  switch (health) {
    case Health::good:
      return "good";
    case Health::doubtful:
      return "doubtful";
    case Health::bad:
      return "bad";
    case Health::unknown:
      break;
  }
  return "unknown";
}

std::string headline_html(const Headline& headline) {
  std::string html = "<dl class=\"facts\">\n";
  for (const Fact& fact : headline.facts) {
    html += element("dt", fact.label) + element("dd", text_of(fact.value, fact.form));
  }
  html += fmt::format("</dl>\n<div class=\"health {}\">", class_of(headline.health)) +
          element("strong", headline.verdict) + "<ul>";
  for (const std::string& reason : headline.reasons) {
    html += element("li", reason);
  }
  html += "</ul></div>\n<div class=\"numbers\">\n";
  for (const KeyNumber& number : headline.numbers) {
    html += "<div class=\"number\">" + element("span", number.value, "value") + element("span", number.label, "label") +
            element("span", number.remark, "line") + "</div>\n";
  }
  return html + "</div>\n";
}

std::string head_html(const Page& page) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n"
      "<title>{}</title>\n<style>\n{}</style>\n</head>\n",
      policy, escaped(page.title), report_style);
}

}  // namespace

bool has_chart_library() { return !chart_library_script.empty(); }

std::string to_html(const Page& page) {
  if (!has_chart_library()) {
    throw Failure("this build embeds no library that draws charts");
  }
  std::string html = head_html(page) + "<body>\n<header>\n" + element("h1", page.title) +
                     paragraphs(page.remarks, "mark") + headline_html(page.headline) + contents_html(page) +
                     "</header>\n<main>\n";
  for (const Section& section : page.sections) {
    html += section_html(section);
  }
  html += "</main>\n<footer>" + element("p", page.footer) + "</footer>\n";
  html += fmt::format("<noscript>{}</noscript>\n", "The charts need JavaScript; tables and maps do not.");
  return html + fmt::format("<script>\n{}</script>\n<script>\n{}</script>\n</body>\n</html>\n", chart_library_script,
                            report_script);
}

}  // namespace hockney::render
