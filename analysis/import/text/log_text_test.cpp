#include "import/text/log_text.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <utility>

#include "base/error.hpp"

namespace hockney::import {
namespace {

std::vector<std::string> texts_of(std::string_view bytes) {
  std::vector<std::string> texts;
  for (const LogLine& line : text_of(bytes).lines) {
    if (!line.text.empty()) {
      texts.push_back(line.text);
    }
  }
  return texts;
}

std::string utf16(std::string_view ascii, bool big, bool mark) {
  std::string bytes = !mark ? "" : big ? "\xFE\xFF" : "\xFF\xFE";
  for (const char c : ascii) {
    bytes += big ? std::string{'\0', c} : std::string{c, '\0'};
  }
  return bytes;
}

const std::string table = "# made up\n#  size  time\n  8  1.50\n  16  1.75\n";
const std::vector<std::string> bare = {"# made up", "#  size  time", "8  1.50", "16  1.75"};

TEST(LogText, IsTheSameInEveryEncoding) {
  EXPECT_EQ(texts_of(table), bare);
  EXPECT_EQ(texts_of("\xEF\xBB\xBF" + table), bare);
  for (const bool big : {false, true}) {
    EXPECT_EQ(texts_of(utf16(table, big, true)), bare);
    EXPECT_EQ(texts_of(utf16(table, big, false)), bare);
  }
}

TEST(LogText, IsTheSameWithEveryLineEnd) {
  for (const char* end : {"\n", "\r\n", "\r"}) {
    std::string text = table;
    for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + std::string_view(end).size())) {
      text.replace(at, 1, end);
    }
    EXPECT_EQ(texts_of(text), bare);
    EXPECT_EQ(text_of(text).lines[2].number, 3U);
  }
  EXPECT_EQ(text_of("10 %\r50 %\r100 %\nx\n").lines.back().number, 2U) << "a progress bar is one line of an editor";
}

TEST(LogText, SpellsInAsciiWhatPeopleWrite) {
  EXPECT_EQ(texts_of("1\u00a0024 \u00b5s \u2014 \u2502 \u2013 local\xff \a\n"),
            std::vector<std::string>{"1 024 us - | - local? ?"});
  EXPECT_EQ(texts_of("time (\xb5s)\n"), std::vector<std::string>{"time (us)"}) << "Latin-1";
}

TEST(LogText, KnowsNoTerminal) {
  const std::vector<std::string> coloured = {
      "\x1b[32m# made up\x1b[0m\n\x1b[1;33m#  size  time\x1b[m\n",
      "\x1b]0;a title\a# made up\n\x1b]8;;x\x1b\\#  size  time\n",
      "\x1b[2K\x1b[1G# made up\n\x1b(B#  size  time\n",
      "[32m# made up[0m\n# xx\b\b  size  time\n",
  };
  for (const std::string& text : coloured) {
    const auto lines = texts_of(text + "  8  1.50\n  16  1.75\n");
    ASSERT_EQ(lines.size(), 4U) << text;
    EXPECT_EQ(lines[0], bare[0]);
    EXPECT_TRUE(lines[1].ends_with("size  time")) << lines[1];
  }
}

TEST(LogText, KnowsNoWebPage) {
  EXPECT_EQ(texts_of("<html><body><pre class=\"log\">\n" + table + "</pre></body></html>\n"), bare);
  EXPECT_EQ(texts_of("<p># made up<br>#&nbsp;&nbsp;size&nbsp;&nbsp;time<br/>8&nbsp;&#32;1.50<BR>16&#x20; 1.75</p>\n"),
            bare);
  EXPECT_EQ(texts_of("<span style=\"a\"># made up</span>\n<code>#  size  time</code>\n8  1.50\n16  1.75\n"), bare);
  EXPECT_EQ(texts_of("&lt;stdout&gt; a &amp;amp; <stderr> 10.0.0.1<0>\n"),
            std::vector<std::string>{"<stdout> a &amp; <stderr> 10.0.0.1<0>"});
  EXPECT_EQ(texts_of("&amp;lt;b&amp;gt;&amp;nbsp;&amp;#39;\n"), std::vector<std::string>{"<b> '"}) << "escaped twice";
  const auto rows =
      text_of("<table>\n<tr><th>size</th><th>time</th></tr>\n<tr>\n<td>8</td>\n<td>1.5</td>\n</tr>\n</table>\n").lines;
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].raw, " | size | time |");
  EXPECT_EQ(rows[1].text, "8    1.5");
  EXPECT_EQ(texts_of("prose of <tr>\n# made up\n#  size  time\n8  1.50\n16  1.75\n").size(), 5U)
      << "a row never closed";
}

TEST(LogText, LiesInStringsOfJson) {
  const std::string escaped = R"(# made up\n#  size  time\n  8  1.50\n  16  1.75\n)";
  const std::string twice = R"(# made up\\n#  size  time\\n  8  1.50\\n  16  1.75\\n)";
  const std::pair<std::string, std::vector<std::string>> cases[] = {
      {R"({"level": "info", "output": ")" + escaped + "\"}", {"info", "output"}},
      {R"([{"role": "user", "content": ")" + escaped + "\"}]", {"user", "content"}},
      {R"({"log": "{\"msg\": \")" + twice + R"(\"}\n"})", {"msg"}},
      {R"(time="12:00" level=info msg=")" + escaped + "\"", {"12:00", "msg"}},
      {R"({"output": ")" + escaped.substr(0, escaped.size() - 2), {"output"}},
      {"b'" + escaped + "'", {}},
  };
  for (const auto& [text, beside] : cases) {
    auto lines = texts_of("prose\n" + text + "\n");
    for (const std::string& line : bare) {
      const auto found =
          std::find_if(lines.begin(), lines.end(), [&](const auto& each) { return each.ends_with(line); });
      EXPECT_NE(found, lines.end()) << text << "\n" << line;
    }
    for (const std::string& line : beside) {
      EXPECT_NE(std::find(lines.begin(), lines.end(), line), lines.end()) << text << "\n" << line;
    }
    EXPECT_EQ(text_of("prose\n" + text + "\n").lines.back().number, 2U);
  }
}

TEST(LogText, LiesInRecordsOfALogCollector) {
  const std::pair<std::string, std::string> records[] = {
      {R"({"log": ")", R"(\n", "stream": "stdout", "time": "2026-03-04 05:06:07.8Z"})"},
      {R"({"@timestamp": "2026-03-04 05:06:07", "message": ")", R"("})"},
      {R"(    ")", R"(\n",)"},
      {R"(time=2026-03-04T05:06:07Z level=info msg=")", R"(")"},
      {R"(time="2026-03-04T05:06:07Z" msg=")", R"(" pod=a)"},
      {R"(2026-03-04T05:06:07Z,gpu01,")", R"(")"},
      {R"(pod-1 {"kubernetes": {"pod": "a"}, "log": ")", R"("})"},
      {R"({"log": "\u001b[32m)", R"(\u001b[0m\n"})"},
  };
  for (const auto& [before, after] : records) {
    std::string text;
    for (const char* line : {"# made up", "#  size  time", "  8  1.50", "  16  1.75"}) {
      text += before + line + after + "\n";
    }
    EXPECT_EQ(texts_of(text), bare) << text;
  }
}

TEST(LogText, LiesInStringsWithCommasBetweenCells) {
  const auto lines = texts_of("[\n\"1048576,45,200\",\n\"2097152,50,300\"\n]\n");
  EXPECT_NE(std::find(lines.begin(), lines.end(), "1048576,45,200"), lines.end());
  const auto cells = texts_of("\"1,048,576\";\"0,0452\"\n\"2,097,152\";\"1,050.5\"\n");
  EXPECT_NE(std::find(cells.begin(), cells.end(), "\"1,048,576\";\"0,0452\""), cells.end());
}

TEST(LogText, LeavesJsonWithoutTablesAlone) {
  const std::string json = "{\"a\": \"b\\nc\", \"args\": [\"-b\", \"8\"],\n \"start\": \"2026-03-04 05:06:07\"}";
  EXPECT_EQ(texts_of(json),
            (std::vector<std::string>{R"({"a": "b\nc", "args": ["-b", "8"],)", R"("start": "2026-03-04 05:06:07"})"}));
  EXPECT_EQ(text_of(json).decoded, json);
}

TEST(LogText, RefusesWhatIsNoText) {
  const auto refusal_of = [](std::string_view bytes) -> std::string {
    try {
      text_of(bytes);
    } catch (const InputError& reason) {
      return reason.what();
    }
    return {};
  };
  EXPECT_EQ(refusal_of(""), "empty file");
  EXPECT_EQ(refusal_of(" \n\t\n"), "nothing but blanks");
  EXPECT_EQ(refusal_of("\x89HDF\r\n\x1A\n"), "binary data (HDF5)");
  EXPECT_EQ(refusal_of(std::string("size(B),time(us)\0\n", 18)), "binary data (it has NUL bytes)");
  EXPECT_NE(refusal_of(std::string(2'000'001, '\n') + "x").find("2000001 lines"), std::string::npos);
}

}  // namespace
}  // namespace hockney::import
