#pragma once

#include <string_view>

#include "import/tables/sheet.hpp"

namespace hockney::import {

/// Finds the tables in a JSON text: objects whose keys, with those of the objects in them, are those of a header
/// (read_header()), in arrays or one per line, are rows; one that holds arrays of one length is a row for each element.
/// Objects of one kind are one table. What stands between the tables says what lines of text above a table do
/// ("nranks": 8). So read are rccl-tests -Z json ({"name": "AllReduce", "gpus": 8 | "nodes", "ranks", ..., "size",
/// "type", "redop", "inPlace": 0, "time", "algBw", "busBw", "wrong" | "#wrong"}) and nccom-test --report-to-json-file
/// ({"results": [{"size(B)", "count(elems)", "type", "algbw(GB/s)", "busbw(GB/s)", "time:avg(us)"}]}). A row that is
/// cut off is stray. The text need not be JSON. Linear in it.
Sheets read_json_sheets(std::string_view text);

}  // namespace hockney::import
