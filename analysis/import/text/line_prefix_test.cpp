#include "import/text/line_prefix.hpp"

#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>

#include "import/text/log_text.hpp"

namespace hockney::import {
namespace {

using Lines = std::vector<std::string>;
using Prefix = std::function<std::string(std::size_t line)>;

// A log of nccl-tests with made-up numbers.
const Lines nccl_log = {
    "# nThread 1 nGpus 1 minBytes 1024 maxBytes 4096 step: 2(factor) warmup iters: 5 iters: 20",
    "#",
    "# Using devices",
    "#  Rank  0 Group  0 Pid   4000 on      node0 device  0 [0x10] Model T 80GB",
    "#  Rank  1 Group  0 Pid   4001 on      node1 device  0 [0x10] Model T 80GB",
    "node0:4000:4000 [0] NCCL INFO Bootstrap: Using eth0:10.0.0.1<0>",
    "#       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw   busbw "
    "#wrong",
    "#        (B)    (elements)                               (us)  (GB/s)  (GB/s)            (us)  (GB/s)  (GB/s)",
    "        1024           256     float     sum      -1    12.50    0.08    0.08      0    12.25    0.08    0.08     "
    " 0",
    "        2048           512     float     sum      -1    12.80    0.16    0.16      0    12.60    0.16    0.16     "
    " 0",
    "        4096          1024     float     sum      -1    13.10    0.31    0.31      0    13.00    0.32    0.32     "
    " 0",
    "# Out of bounds values : 0 OK",
    "# Avg bus bandwidth    : 0.18",
};

// A table without comments, as nccom-test and many scripts print them.
const Lines plain_table = {
    "results of the run",
    "  size(B)   count   time(us)   busbw(GB/s)",
    "     1024     256      12.50          0.08",
    "     2048     512      12.80          0.16",
};

const Lines csv_table = {"size,time_us", "1024,12.5", "2048,12.8"};

std::vector<std::string> texts_of(const Lines& lines, const Prefix& prefix) {
  std::string bytes;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    bytes += prefix(i) + lines[i] + "\n";
  }
  std::vector<std::string> texts;
  for (const LogLine& line : text_of(bytes).lines) {
    texts.push_back(line.text);
  }
  return texts;
}

std::string bare(std::size_t) { return {}; }

Prefix always(std::string text) {
  return [text = std::move(text)](std::size_t) { return text; };
}

// Prefixes that no test of the importers names; {} is the number of the line.
Prefix numbered(const char* format) {
  return [format](std::size_t line) { return fmt::format(fmt::runtime(format), line + 10); };
}

const Prefix prefixes[] = {
    always("[1,0]<stdout>:"),                                          // Open MPI
    always("[mpiexec@host7] "),                                        // Hydra
    always("[0] "),                                                    // Hydra -prepend-rank
    always("0: "),                                                     // srun -l
    always("  3: "),                                                   // the same, of many ranks
    always("host-a1: "),                                               // pdsh, clush
    always("host-a1.cluster.example: "),                               //
    always("10.1.2.3: "),                                              //
    always("pod/bench-0/main> "),                                      // kubetail
    always("bench-launcher-x7k2p main "),                              // stern
    always("bench_1    | "),                                           // docker compose
    always("\tat "),                                                   // an indented word
    always("> > "),                                                    // a quoted quotation
    always("> "),                                                      //
    always("+ "),                                                      // diff
    always("// "),                                                     // a comment of a program
    always("(Worker pid=412, ip=10.1.2.3) "),                          // Ray
    always("(launcher) [sky-0]: "),                                    // SkyPilot
    always("[default3]:"),                                             // torchrun
    always("INFO:root:"),                                              // Python's logging
    always("INFO     bench.py:42 "),                                   // rich
    always("<13>1 2026-03-04T05:06:07Z host app 12 - - "),             // syslog, RFC 5424
    numbered("2026-03-04T05:06:{}.123456789Z "),                       // kubectl logs --timestamps
    numbered("2026-03-04T05:06:{}.123456789+02:00 stdout F "),         // CRI
    numbered("2026/03/04 05:06:{} "),                                  // Go's log
    numbered("[2026-03-04 05:06:{},123][INFO] "),                      // Python with brackets
    numbered("Mar  4 05:06:{} host7 bench[4711]: "),                   // journald
    numbered("Wed Mar  4 05:06:{} 2026 "),                             // date(1)
    numbered("I0304 05:06:{}.123456 4711 bench.cc:42] "),              // glog
    numbered("17725999{}.25 "),                                        // seconds since 1970
    numbered("[   {}.123456] "),                                       // dmesg
    numbered("05:06:{} "),                                             //
    numbered("{} "),                                                   // line numbers
    numbered("{}: "),                                                  // grep -n
    numbered("{}:"),                                                   //
    numbered("{}\t"),                                                  // cat -n
    numbered("2026-03-04 05:06:{}.123 | INFO     | bench:run:42 - "),  // loguru
    numbered("bench-0 2026-03-04T05:06:{}Z "),                         //
};

TEST(RemovePrefixes, FreesEveryLineOfALog) {
  const auto expected = texts_of(nccl_log, bare);
  for (const Prefix& prefix : prefixes) {
    EXPECT_EQ(texts_of(nccl_log, prefix), expected) << prefix(0);
  }
}

TEST(RemovePrefixes, FreesTablesWithoutComments) {
  for (const Lines& lines : {plain_table, csv_table}) {
    const auto expected = texts_of(lines, bare);
    for (const char* prefix : {"host-a1: ", "[1,0]<stdout>: ", "bench_1  | ", "> ", "2026-03-04 05:06:07 INFO ",
                               "(Worker pid=412) ", "bench-x main ", "[rank0]:"}) {
      EXPECT_EQ(texts_of(lines, always(prefix)), expected) << prefix;
    }
    EXPECT_EQ(texts_of(lines, numbered("{} ")), expected);
  }
}

TEST(RemovePrefixes, FreesRowsOfNcclTestsAlone) {
  const Lines rows(nccl_log.begin() + 8, nccl_log.begin() + 11);
  EXPECT_EQ(texts_of(rows, always("host-a1: ")), texts_of(rows, bare));
  EXPECT_EQ(texts_of(rows, numbered("2026-03-04T05:06:{}Z ")), texts_of(rows, bare));
}

TEST(RemovePrefixes, LeavesColumnsAlone) {
  for (const Lines& lines : {
           Lines{"# size time", "8 1.5", "16 1.6"},
           Lines{"size time algbw", "8 1.5 2.5", "16 1.6 2.6"},
           Lines{"operation size time", "all_reduce 8 1.5", "all_reduce 16 1.6"},
           Lines{"2 nodes size time bw", "8 1.5 2.0", "16 1.6 2.1", "32 1.7 2.2"},
           Lines{"| size | time |", "|---|---|", "| 8 | 1.5 |"},
           Lines{"date time size latency", "2026-03-04 05:06:07 8 1.5", "2026-03-04 05:06:08 16 1.6"},
           Lines{"# nodes size count type", "2 8 2 float sum -1 1.5 2.5", "4 8 2 float sum -1 1.5 2.5"},
           Lines{"# made up", "# of 2", "2nodes: 8 1.5 2.5", "4nodes: 8 1.6 2.6"},
       }) {
    std::string bytes;
    for (const std::string& line : lines) {
      bytes += line + "\n";
    }
    const LogText text = text_of(bytes);
    EXPECT_TRUE(text.notes.empty()) << bytes << text.notes.front();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      EXPECT_EQ(text.lines[i].raw, lines[i]);
    }
  }
}

TEST(RemovePrefixes, FreesASingleRowThatHasTheFormOfOthers) {
  Lines lines(nccl_log.begin() + 6, nccl_log.end());
  lines[3] = "host-a1:" + lines[3];
  const Lines expected(nccl_log.begin() + 6, nccl_log.end());
  EXPECT_EQ(texts_of(lines, bare), texts_of(expected, bare));
  std::vector<std::string> notes;
  std::vector<TextLine> numbered_lines;
  for (const std::string& line : lines) {
    numbered_lines.push_back({numbered_lines.size() + 1, line});
  }
  remove_prefixes(numbered_lines, notes);
  EXPECT_EQ(notes, std::vector<std::string>{"prefix 'host-a1:' of 1 line removed"});
}

TEST(RemovePrefixes, SaysHowManyLinesHadIt) {
  std::vector<std::string> notes;
  remove_prefixes({{1, "a-1: # x"}, {2, "a-2: #  size  time"}, {3, "a-1:  8  1.5"}, {4, "prose"}}, notes);
  EXPECT_EQ(notes, std::vector<std::string>{"prefix 'a-1:' of 3 lines removed"});
}

TEST(RemovePrefixes, PutsTogetherWhatSourcesPrintAtTheSameTime) {
  for (const auto& [first, second] : {std::pair("n1: ", "n2: "), std::pair("0: ", "1: ")}) {  // hosts, tasks of srun -l
    const auto line = [](const char* source, const char* text) { return std::string(source) + text; };
    std::vector<std::string> notes;
    const std::vector<TextLine> lines = remove_prefixes({{1, "mpirun"},
                                                         {2, line(first, "# size time")},
                                                         {3, line(second, "# size time")},
                                                         {4, line(first, "8 1.5")},
                                                         {5, line(second, "8 2.5")},
                                                         {6, line(first, "16 1.6")},
                                                         {7, line(second, "16 2.6")}},
                                                        notes);
    std::vector<std::size_t> order;
    for (const TextLine& each : lines) {
      order.push_back(each.number);
    }
    EXPECT_EQ(order, (std::vector<std::size_t>{1, 2, 4, 6, 3, 5, 7})) << first;
  }
}

}  // namespace
}  // namespace hockney::import
