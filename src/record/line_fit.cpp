#include "record/line_fit.hpp"

namespace hockney::inline record {

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

void LineFit::add(const LineFit& other) {
  if (other.weight_ == 0) {
    return;
  }
  const double total = weight_ + other.weight_;
  const double share = other.weight_ / total;
  const double payload_step = other.mean_payload_ - mean_payload_;
  const double time_step = other.mean_time_ - mean_time_;
  payload_payload_ += other.payload_payload_ + weight_ * share * payload_step * payload_step;
  payload_time_ += other.payload_time_ + weight_ * share * payload_step * time_step;
  mean_payload_ += share * payload_step;
  mean_time_ += share * time_step;
  weight_ = total;
}

Line LineFit::free() const {
  if (payload_payload_ <= 0) {
    return {mean_time_, 0};
  }
  const double beta = payload_time_ / payload_payload_;
  return {mean_time_ - beta * mean_payload_, beta};
}

Line LineFit::best() const {
  const Line line = free();
  if (line.alpha_s >= 0 && line.beta_s_per_byte >= 0) {
    return line;
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

}  // namespace hockney::inline record
