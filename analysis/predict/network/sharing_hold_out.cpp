#include "predict/network/sharing_hold_out.hpp"

#include <algorithm>
#include <cmath>

#include "predict/network/answerers.hpp"
#include "predict/network/sharing.hpp"

namespace hockney::predict {
namespace {

// Whether a curve helps to predict another one: it differs in its groups at once, or in its ranks, only.
bool helps(const cost::CostCurve& curve, const cost::CostCurve& held_out, bool by_ranks) {
  Case alike = curve.shape;
  alike.group.ranks = by_ranks ? held_out.shape.group.ranks : alike.group.ranks;
  if (!by_ranks) {
    alike.group.concurrent = held_out.shape.group.concurrent;
    alike.group.stride = held_out.shape.group.stride;
  }
  return &curve != &held_out && alike == held_out.shape && curve.machine == held_out.machine &&
         curve.source == held_out.source;
}

Message message_like(const Case& shape) {
  Message message;
  message.operation = shape.operation;
  message.placed.group = shape.group;
  message.placed.nodes = shape.group.nodes();
  message.placed.at_once = groups_at_once(shape).value_or(1);
  message.count = 1;
  return message;
}

bool all_cover(const cost::CostModel& model, Bytes payload) {
  return std::all_of(model.curves.begin(), model.curves.end(), [payload](const cost::CostCurve& curve) {
    return curve.segments.front().from <= payload && payload <= curve.segments.back().to;
  });
}

HeldOutCurve predict_from(const cost::CostModel& others, const cost::CostCurve& held_out) {
  NetworkOptions plain;
  plain.strict = true;
  plain.without = {Addition::host_wait, Addition::ring_limit};
  const Answerers answerers(others, StepConstants{}, plain);
  HeldOutCurve tried{&held_out};
  Message message = message_like(held_out.shape);
  for (const cost::CurvePoint& point : held_out.points) {
    if (all_cover(others, point.payload)) {
      message.payload = point.payload;
      const Answer answer = answerers.answer(message);
      tried.by = answer.by;
      tried.errors.push_back(std::abs(answer.estimate.value_s / point.time_s - 1));
      tried.inside += answer.estimate.low_s <= point.time_s && point.time_s <= answer.estimate.high_s ? 1 : 0;
    }
  }
  return tried;
}

}  // namespace

std::vector<HeldOutCurve> hold_out_sharing(const cost::CostModel& model) {
  std::vector<HeldOutCurve> tried;
  for (const cost::CostCurve& curve : model.curves) {
    if (!groups_at_once(curve.shape) || curve.segments.empty()) {
      continue;
    }
    cost::CostModel others;
    const bool by_ranks = curve.shape.operation == Operation::all_to_all;
    std::copy_if(model.curves.begin(), model.curves.end(), std::back_inserter(others.curves),
                 [&](const cost::CostCurve& other) { return helps(other, curve, by_ranks); });
    if (others.curves.size() > 1) {
      tried.push_back(predict_from(others, curve));
    }
  }
  return tried;
}

}  // namespace hockney::predict
