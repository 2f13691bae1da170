#include "import/tables/heading_words.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace hockney::import {
namespace {

using Word = std::pair<std::string_view, ColumnRole>;
constexpr std::array roles{
    Word{"operation", ColumnRole::operation},
    Word{"collective", ColumnRole::operation},
    Word{"collectivetype", ColumnRole::operation},
    Word{"coll", ColumnRole::operation},
    Word{"opname", ColumnRole::operation},
    Word{"primitive", ColumnRole::operation},
    Word{"redop", ColumnRole::reduction},
    Word{"reduction", ColumnRole::reduction},
    Word{"reduceop", ColumnRole::reduction},
    Word{"type", ColumnRole::element},
    Word{"dtype", ColumnRole::element},
    Word{"datatype", ColumnRole::element},
    Word{"nccldtype", ColumnRole::element},
    Word{"elementtype", ColumnRole::element},
    Word{"precision", ColumnRole::element},
    Word{"size", ColumnRole::size},
    Word{"sz", ColumnRole::size},
    Word{"sizes", ColumnRole::size},
    Word{"messagesizes", ColumnRole::size},
    Word{"bytes", ColumnRole::size},
    Word{"nbytes", ColumnRole::size},
    Word{"numbytes", ColumnRole::size},
    Word{"messagesize", ColumnRole::size},
    Word{"messagesz", ColumnRole::size},
    Word{"message", ColumnRole::size},
    Word{"msgsize", ColumnRole::size},
    Word{"msgsz", ColumnRole::size},
    Word{"msg", ColumnRole::size},
    Word{"msglen", ColumnRole::size},
    Word{"messagelength", ColumnRole::size},
    Word{"datasize", ColumnRole::size},
    Word{"datavolume", ColumnRole::size},
    Word{"buffersize", ColumnRole::size},
    Word{"tensorsize", ColumnRole::size},
    Word{"payloadsize", ColumnRole::size},
    Word{"payloadsz", ColumnRole::size},
    Word{"payload", ColumnRole::size},
    Word{"data", ColumnRole::size},
    Word{"buffer", ColumnRole::size},
    Word{"tensor", ColumnRole::size},
    Word{"volume", ColumnRole::size},
    Word{"groesse", ColumnRole::size},
    Word{"nachrichtengroesse", ColumnRole::size},
    Word{"taille", ColumnRole::size},
    Word{"tamano", ColumnRole::size},
    Word{"sendcount", ColumnRole::count},
    Word{"count", ColumnRole::count},
    Word{"elements", ColumnRole::count},
    Word{"bytesperelement", ColumnRole::element_size},
    Word{"bytesperelem", ColumnRole::element_size},
    Word{"elementsize", ColumnRole::element_size},
    Word{"elemsize", ColumnRole::element_size},
    Word{"itemsize", ColumnRole::element_size},
    Word{"dtypesize", ColumnRole::element_size},
    Word{"elementcount", ColumnRole::count},
    Word{"elemcount", ColumnRole::count},
    Word{"numelements", ColumnRole::count},
    Word{"nelements", ColumnRole::count},
    Word{"numberofelements", ColumnRole::count},
    Word{"numel", ColumnRole::count},
    Word{"inmsgsize", ColumnRole::count},  // traces of PARAM and PyTorch count elements
    Word{"outmsgsize", ColumnRole::count},
    Word{"inmsgnelems", ColumnRole::count},
    Word{"outmsgnelems", ColumnRole::count},
    Word{"time", ColumnRole::time},
    Word{"latencies", ColumnRole::time},
    Word{"durations", ColumnRole::time},
    Word{"latency", ColumnRole::time},
    Word{"lat", ColumnRole::time},
    Word{"duration", ColumnRole::time},
    Word{"elapsed", ColumnRole::time},
    Word{"runtime", ColumnRole::time},
    Word{"t", ColumnRole::time},
    Word{"zeit", ColumnRole::time},
    Word{"latenz", ColumnRole::time},
    Word{"dauer", ColumnRole::time},
    Word{"temps", ColumnRole::time},
    Word{"latence", ColumnRole::time},
    Word{"tiempo", ColumnRole::time},
    Word{"latencia", ColumnRole::time},
    Word{"algbw", ColumnRole::algbw},
    Word{"algobw", ColumnRole::algbw},
    Word{"algbandwidth", ColumnRole::algbw},
    Word{"algobandwidth", ColumnRole::algbw},
    Word{"algorithmbandwidth", ColumnRole::algbw},
    Word{"bandwidth", ColumnRole::algbw},
    Word{"bandwidths", ColumnRole::algbw},
    Word{"throughput", ColumnRole::algbw},
    Word{"bwidth", ColumnRole::algbw},
    Word{"bw", ColumnRole::algbw},
    Word{"bandbreite", ColumnRole::algbw},
    Word{"busbw", ColumnRole::busbw},
    Word{"busbandwidth", ColumnRole::busbw},
    Word{"wrong", ColumnRole::wrong},
    Word{"nwrong", ColumnRole::wrong},
    Word{"inplace", ColumnRole::in_place},
    Word{"ranks", ColumnRole::ranks},
    Word{"nranks", ColumnRole::ranks},
    Word{"numranks", ColumnRole::ranks},
    Word{"gpus", ColumnRole::ranks},
    Word{"ngpus", ColumnRole::ranks},
    Word{"numgpus", ColumnRole::ranks},
    Word{"numberofgpus", ColumnRole::ranks},
    Word{"numberofranks", ColumnRole::ranks},
    Word{"processes", ColumnRole::ranks},
    Word{"procs", ColumnRole::ranks},
    Word{"nprocs", ColumnRole::ranks},
    Word{"numprocs", ColumnRole::ranks},
    Word{"numprocesses", ColumnRole::ranks},
    Word{"numberofprocesses", ColumnRole::ranks},
    Word{"ntasks", ColumnRole::ranks},
    Word{"np", ColumnRole::ranks},
    Word{"worldsize", ColumnRole::ranks},
    Word{"world", ColumnRole::ranks},
    Word{"gpusperrank", ColumnRole::gpus_per_rank},
    Word{"nodes", ColumnRole::nodes},
    Word{"nnodes", ColumnRole::nodes},
    Word{"numnodes", ColumnRole::nodes},
    Word{"numberofnodes", ColumnRole::nodes},
    Word{"hosts", ColumnRole::nodes},
    Word{"rankspernode", ColumnRole::ranks_per_node},
    Word{"gpuspernode", ColumnRole::ranks_per_node},
    Word{"ppn", ColumnRole::ranks_per_node},
    Word{"iterations", ColumnRole::iterations},
    Word{"iters", ColumnRole::iterations},
    Word{"niters", ColumnRole::iterations},
    Word{"niter", ColumnRole::iterations},
    Word{"numiters", ColumnRole::iterations},
    Word{"numiterations", ColumnRole::iterations},
    Word{"loops", ColumnRole::iterations},
    Word{"reps", ColumnRole::iterations},
    Word{"repeats", ColumnRole::iterations},
    Word{"repetitions", ColumnRole::iterations},
    Word{"algorithm", ColumnRole::algorithm},
    Word{"algo", ColumnRole::algorithm},
    Word{"protocol", ColumnRole::protocol},
    Word{"proto", ColumnRole::protocol},
    Word{"device", ColumnRole::machine},
    Word{"machine", ColumnRole::machine},
    Word{"instance", ColumnRole::machine},
    Word{"platform", ColumnRole::machine},
    Word{"numcycle", ColumnRole::ignored},
    Word{"busbwfactor", ColumnRole::ignored},
    Word{"root", ColumnRole::ignored},
    Word{"defects", ColumnRole::ignored},
    Word{"totalinputsize", ColumnRole::ignored},
    Word{"totaloutputsize", ColumnRole::ignored},
};

// They make a column something else: a ratio, a part of the time, a size of something else, an error, no measurement.
constexpr std::array<std::string_view, 83> other_things{
    "start",      "begin",       "timestamp", "ts",         "epoch",       "x10",       "x100",     "x1000",
    "first",      "element",     "elem",      "normalized", "normalised",  "relative",  "log",      "log2",
    "log10",      "cycles",      "ticks",     "clocks",     "pages",       "tokens",    "speedup",  "ratio",
    "efficiency", "improvement", "gain",      "diff",       "delta",       "std",       "stddev",   "stdev",
    "stdv",       "cpu",         "warmup",    "setup",      "init",        "world",     "batch",    "group",
    "cache",      "block",       "queue",     "window",     "stripe",      "factor",    "step",     "percent",
    "cv",         "error",       "metric",    "cost",       "peak",        "id",        "sum",      "stderr",
    "err",        "ci",          "iqr",       "mad",        "var",         "variance",  "jitter",   "range",
    "bound",      "overhead",    "compute",   "theory",     "theoretical", "ideal",     "expected", "target",
    "predicted",  "prediction",  "model",     "modeled",    "modelled",    "estimated", "estimate", "simulated",
    "nominal",    "roofline",    "limit"};

constexpr std::array<std::string_view, 16> fillers{"of",       "the",    "per",     "in",  "on",  "a",
                                                   "measured", "result", "results", "gpu", "and", "message",
                                                   "msg",      "op",     "rank",    "by"};

using Statistic = std::pair<std::string_view, ColumnStatistic>;
constexpr std::array statistics{
    Statistic{"avg", ColumnStatistic::mean},      Statistic{"average", ColumnStatistic::mean},
    Statistic{"mean", ColumnStatistic::mean},     Statistic{"median", ColumnStatistic::median},
    Statistic{"med", ColumnStatistic::median},    Statistic{"p50", ColumnStatistic::median},
    Statistic{"max", ColumnStatistic::max},       Statistic{"maximum", ColumnStatistic::max},
    Statistic{"min", ColumnStatistic::min},       Statistic{"minimum", ColumnStatistic::min},
    Statistic{"best", ColumnStatistic::min},      Statistic{"total", ColumnStatistic::total},
    Statistic{"elapsed", ColumnStatistic::total}, Statistic{"p1", ColumnStatistic::other},
    Statistic{"p5", ColumnStatistic::other},      Statistic{"p10", ColumnStatistic::other},
    Statistic{"p15", ColumnStatistic::other},     Statistic{"p25", ColumnStatistic::other},
    Statistic{"p75", ColumnStatistic::other},     Statistic{"p90", ColumnStatistic::other},
    Statistic{"p95", ColumnStatistic::other},     Statistic{"p99", ColumnStatistic::other},
    Statistic{"p999", ColumnStatistic::other},
};

template <class Table>
auto find_word(const Table& table, std::string_view word) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& each) { return each.first == word; });
  return found == table.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::optional<ColumnRole> role_of_word(std::string_view word) { return find_word(roles, word); }

std::optional<ColumnStatistic> statistic_of_word(std::string_view word) { return find_word(statistics, word); }

std::optional<bool> in_place_of_word(std::string_view word) {
  const std::string letters = letters_and_digits(word);
  return letters == "inplace" || letters == "ip"       ? std::optional(true)
         : letters == "outofplace" || letters == "oop" ? std::optional(false)
                                                       : std::nullopt;
}

bool means_another_thing(std::string_view word) {
  return std::find(other_things.begin(), other_things.end(), word) != other_things.end();
}

bool is_filler(std::string_view word) { return std::find(fillers.begin(), fillers.end(), word) != fillers.end(); }

}  // namespace hockney::import
