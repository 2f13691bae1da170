#pragma once

#include "simulate/contention.hpp"

namespace hockney::simulate {

/// For tests and benchmarks: a phase without latency that moves `bytes_per_s` through each of the ports of eight GPUs
/// when it is alone.
inline Phase phase(Operation operation, const Group& group, Bytes payload, double bytes_per_s) {
  Phase made;
  made.message.operation = operation;
  made.message.placed = {group, group.nodes(), group.concurrent};
  made.message.payload = payload;
  made.message.count = 1;
  made.alone_s = 1;
  made.alone_s = load_of(made, {.gpus = 8, .ports = 8, .port_bytes_per_s = 1e18}).bytes / bytes_per_s;
  return made;
}

}  // namespace hockney::simulate
