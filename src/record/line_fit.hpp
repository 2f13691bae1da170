#pragma once

namespace hockney::inline record {

/// A straight line t(m) = alpha + beta m.
struct Line {
  double alpha_s = 0;
  double beta_s_per_byte = 0;

  double at(double payload_bytes) const { return alpha_s + beta_s_per_byte * payload_bytes; }
};

/// Covariance of (alpha, beta): s^2, s^2/byte, s^2/byte^2.
struct LineCovariance {
  double aa = 0, ab = 0, bb = 0;
};

/// Weighted least squares of a line with alpha, beta >= 0, one point at a time: add() and best() cost O(1). The sums
/// are kept about the running mean (West 1979, doi:10.1145/359146.359153), so that payloads from 8 B to 16 GiB and
/// times from microseconds to seconds lose no precision to cancellation, as plain sums of w m^2 would.
class LineFit {
 public:
  /// One point of payload m (bytes), time t (s) and weight w = 1/variance (1/s^2).
  void add(double payload_bytes, double time_s, double weight);

  /// All points of another sum (Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115). O(1).
  void add(const LineFit& other);

  /// The line with the least sum of w (t - alpha - beta m)^2 among those with alpha, beta >= 0: the free solution, or,
  /// where one of its parameters is negative, the better of (alpha, 0) and (0, beta). With a single payload beta is 0.
  Line best() const;

  /// The line with the least sum of w (t - alpha - beta m)^2, alpha and beta of any sign.
  Line free() const;

  /// Covariance of the free solution, (X^T W X)^-1, when the weights are the inverse variances. All 0 with one payload.
  LineCovariance covariance() const;

 private:
  double weight_ = 0;
  double mean_payload_ = 0;
  double mean_time_ = 0;
  double payload_payload_ = 0;  // sum of w (m - mean)^2
  double payload_time_ = 0;     // sum of w (m - mean)(t - mean)
};

}  // namespace hockney::inline record
