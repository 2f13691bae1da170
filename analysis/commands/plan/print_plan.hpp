#pragma once

#include <cstdio>
#include <vector>

#include "commands/plan/planner.hpp"

namespace hockney::commands {

/// The head of a plan: model, GPUs, cost model, and what a user must know of it. `fastest`: the mapping whose messages
/// the warnings are about, if there is one.
void print_plan_header(const PlanOptions& options, Planner& planner, const predict::Candidate* fastest);

/// Its warnings alone.
void print_plan_warnings(std::FILE* to, Planner& planner, const predict::Candidate* fastest);

/// The best mappings as a table with intervals, what limits the first one, and how to predict it as a step.
void print_plan(const PlanOptions& options, Planner& planner, const predict::SearchResult& result);

/// The fastest mapping of every pair of sizes.
void print_sweep(const std::vector<Swept>& swept);

/// The same as comma-separated values: the mapping, seconds, overhead and shares as fractions, bytes.
void print_sweep_csv(const std::vector<Swept>& swept);

}  // namespace hockney::commands
