#include "predict/score/row_score.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include "base/error.hpp"
#include "record/statistics.hpp"

namespace hockney::predict {
namespace {

std::vector<const PredictedRow*> measured_of(std::span<const PredictedRow> rows) {
  std::vector<const PredictedRow*> measured;
  for (const PredictedRow& row : rows) {
    if (row.row->measured_s) {
      measured.push_back(&row);
    }
  }
  return measured;
}

RowErrors summed(const std::vector<double>& errors, std::string name) {
  std::vector<double> sizes(errors.size());
  std::transform(errors.begin(), errors.end(), sizes.begin(), [](double error) { return std::abs(error); });
  constexpr double p95 = 0.95;
  return {std::move(name), errors.size(), mean(sizes), mean(errors), median(sizes), quantile(sizes, p95)};
}

std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t from = 0; from < order.size();) {
    std::size_t to = from;
    while (to < order.size() && values[order[to]] == values[order[from]]) {
      ++to;
    }
    for (std::size_t i = from; i < to; ++i) {
      ranks[order[i]] = static_cast<double>(from + to - 1) / 2;
    }
    from = to;
  }
  return ranks;
}

std::optional<double> correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const double mx = mean(x);
  const double my = mean(y);
  double xy = 0;
  double xx = 0;
  double yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
  }
  return xx > 0 && yy > 0 ? std::optional(xy / std::sqrt(xx * yy)) : std::nullopt;
}

bool same_model(const Transformer& a, const Transformer& b) {
  return a.layers == b.layers && a.hidden == b.hidden && a.heads == b.heads && a.sequence == b.sequence &&
         a.vocabulary == b.vocabulary && a.feed_forward == b.feed_forward && a.key_value_heads == b.key_value_heads &&
         a.experts == b.experts;
}

/// What differs between two rows of one model and one source; b over a.
struct Difference {
  const StepRow& a;
  const StepRow& b;

  bool alike(std::uint64_t Mapping::*size) const { return a.mapping.*size == b.mapping.*size; }
  bool twice(std::uint64_t Mapping::*size) const { return b.mapping.*size == 2 * a.mapping.*size; }
  bool half(std::uint64_t Mapping::*size) const { return a.mapping.*size == 2 * b.mapping.*size; }
  bool same_nic() const { return a.node_nic_bytes_per_s == b.node_nic_bytes_per_s; }
  bool same_recompute() const {
    return a.mapping.recompute == b.mapping.recompute && a.mapping.sequence_parallel == b.mapping.sequence_parallel;
  }
  bool same_batches() const { return alike(&Mapping::micro_batch) && alike(&Mapping::global_batch); }
  bool same_grid() const { return alike(&Mapping::tensor) && alike(&Mapping::pipeline) && alike(&Mapping::data); }
  bool same(bool Mapping::*on) const { return a.mapping.*on == b.mapping.*on; }

  bool same_rest() const {
    return a.gpu == b.gpu && a.stack == b.stack && a.way.precision == b.way.precision &&
           a.way.sharding == b.way.sharding && alike(&Mapping::context) && alike(&Mapping::expert) &&
           alike(&Mapping::gpus_per_node) && alike(&Mapping::bytes_per_element) && alike(&Mapping::gradient_bytes) &&
           same(&Mapping::scatter_gather) && same(&Mapping::flash_attention) && same(&Mapping::distributed_optimizer) &&
           same(&Mapping::overlap_tensor) && same(&Mapping::overlap_gradients) && same(&Mapping::overlap_transfers) &&
           same(&Mapping::overlap_experts) && a.mapping.routing_skew == b.mapping.routing_skew;
  }
};

std::optional<std::string> step_between(const Difference& d) {
  if (d.a.model.source != d.b.model.source || !same_model(d.a.model, d.b.model) || !d.same_rest()) {
    return std::nullopt;
  }
  const bool same_chunks = d.alike(&Mapping::virtual_stages);
  if (d.same_nic() && d.same_recompute() && d.same_batches() && same_chunks) {
    const bool fewer_replicas = d.half(&Mapping::data);
    if (d.twice(&Mapping::tensor) &&
        ((fewer_replicas && d.alike(&Mapping::pipeline)) || (d.half(&Mapping::pipeline) && d.alike(&Mapping::data)))) {
      return "tp x2";
    }
    if (d.twice(&Mapping::pipeline) && fewer_replicas && d.alike(&Mapping::tensor)) {
      return "pp x2";
    }
  }
  if (!d.same_grid()) {
    const bool replicas = d.alike(&Mapping::tensor) && d.alike(&Mapping::pipeline) && d.twice(&Mapping::data) &&
                          d.twice(&Mapping::global_batch) && d.alike(&Mapping::micro_batch) && same_chunks &&
                          d.same_nic() && d.same_recompute();
    return replicas ? std::optional<std::string>("dp x2") : std::nullopt;
  }
  const bool batches = d.same_batches();
  if (batches && d.same_nic() && d.same_recompute() && d.a.mapping.virtual_stages < d.b.mapping.virtual_stages) {
    return "interleaving";
  }
  if (batches && d.same_nic() && same_chunks && d.a.mapping.recompute == Recompute::full &&
      d.b.mapping.recompute != Recompute::full) {
    return "recompute";
  }
  if (d.same_nic() && d.same_recompute() && same_chunks) {
    if (d.twice(&Mapping::micro_batch) && d.alike(&Mapping::global_batch)) {
      return "mbs x2";
    }
    if (d.alike(&Mapping::micro_batch) && d.a.mapping.global_batch < d.b.mapping.global_batch) {
      return "gbs";
    }
  }
  const bool nic = batches && same_chunks && d.same_recompute() && d.a.node_nic_bytes_per_s < d.b.node_nic_bytes_per_s;
  return nic ? std::optional<std::string>("nic") : std::nullopt;
}

}  // namespace

RowErrors errors_of(std::span<const PredictedRow> rows, std::string name) {
  std::vector<double> errors;
  for (const PredictedRow* row : measured_of(rows)) {
    errors.push_back(row->error());
  }
  if (errors.empty()) {
    throw Failure("errors of rows of which none was measured");
  }
  return summed(errors, std::move(name));
}

std::vector<RowErrors> errors_by_source(std::span<const PredictedRow> rows) {
  std::vector<std::string_view> sources;
  std::map<std::string_view, std::vector<double>> errors;
  for (const PredictedRow* row : measured_of(rows)) {
    std::vector<double>& of_source = errors[row->row->model.source];
    if (of_source.empty()) {
      sources.push_back(row->row->model.source);
    }
    of_source.push_back(row->error());
  }
  std::vector<RowErrors> result;
  for (const std::string_view source : sources) {
    result.push_back(summed(errors[source], std::string(source)));
  }
  return result;
}

std::optional<double> rank_correlation(std::span<const PredictedRow> rows) {
  std::vector<double> predicted;
  std::vector<double> measured;
  for (const PredictedRow* row : measured_of(rows)) {
    predicted.push_back(row->predicted_s());
    measured.push_back(*row->row->measured_s);
  }
  return predicted.empty() ? std::nullopt : correlation(ranks_of(predicted), ranks_of(measured));
}

std::vector<RowErrors> ratio_errors(std::span<const PredictedRow> rows) {
  const std::vector<const PredictedRow*> measured = measured_of(rows);
  std::map<std::string, std::vector<double>> errors;
  for (const PredictedRow* a : measured) {
    for (const PredictedRow* b : measured) {
      if (const auto kind = step_between({*a->row, *b->row})) {
        const double measured_ratio = *b->row->measured_s / *a->row->measured_s;
        errors[*kind].push_back(b->predicted_s() / a->predicted_s() / measured_ratio - 1);
      }
    }
  }
  std::vector<RowErrors> result;
  for (const auto& [kind, values] : errors) {
    result.push_back(summed(values, kind));
  }
  return result;
}

}  // namespace hockney::predict
