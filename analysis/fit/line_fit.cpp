#include "fit/line_fit.hpp"

namespace hockney {

void LineFit::add(double payload_bytes, double time_s, double weight) {
  weight_ += weight;
  const double share = weight / weight_;
  const double payload_step = payload_bytes - mean_payload_;
  const double time_step = time_s - mean_time_;
  mean_payload_ += share * payload_step;
  mean_time_ += share * time_step;
  payload_payload_ += weight * payload_step * (payload_bytes - mean_payload_);
  payload_time_ += weight * payload_step * (time_s - mean_time_);
}

Line LineFit::best() const {
  if (payload_payload_ <= 0) {
    return {mean_time_, 0};
  }
  const double beta = payload_time_ / payload_payload_;
  const double alpha = mean_time_ - beta * mean_payload_;
  if (alpha >= 0 && beta >= 0) {
    return {alpha, beta};
  }
  const double raw_payload_payload = payload_payload_ + weight_ * mean_payload_ * mean_payload_;
  const double raw_payload_time = payload_time_ + weight_ * mean_payload_ * mean_time_;
  const double explained_by_flat = weight_ * mean_time_ * mean_time_;
  const double explained_by_ray = raw_payload_time * raw_payload_time / raw_payload_payload;
  return explained_by_flat > explained_by_ray ? Line{mean_time_, 0} : Line{0, raw_payload_time / raw_payload_payload};
}

LineCovariance LineFit::covariance() const {
  if (payload_payload_ <= 0) {
    return {};
  }
  const double slope_variance = 1 / payload_payload_;
  return {.aa = 1 / weight_ + mean_payload_ * mean_payload_ * slope_variance,
          .ab = -mean_payload_ * slope_variance,
          .bb = slope_variance};
}

}  // namespace hockney
