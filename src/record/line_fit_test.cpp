#include "record/line_fit.hpp"

#include <gtest/gtest.h>

namespace hockney::inline record {
namespace {

TEST(LineFit, FindsAnExactLineOverTenDecadesOfPayload) {
  LineFit fit;
  for (double m = 8; m <= 2e10; m *= 2) {
    const double t = 4e-6 + m / 180e9;
    fit.add(m, t, 1 / (t * t));
  }
  EXPECT_NEAR(fit.best().alpha_s / 4e-6, 1, 1e-11);
  EXPECT_NEAR(fit.best().beta_s_per_byte * 180e9, 1, 1e-11);
}

TEST(LineFit, DoesNotLoseShortTimesThatFollowLongOnes) {
  LineFit fit;
  fit.add(1e10, 0.1, 1e-8);  // the heavy points come last
  for (const double m : {1e10, 1.01e10, 1.02e10}) {
    fit.add(m, 1e-6 + m * 1e-12, 1e12);
  }
  EXPECT_NEAR(fit.best().beta_s_per_byte / 1e-12, 1, 1e-4);
}

TEST(LineFit, AgreesWithTheNormalEquations) {
  LineFit fit;
  const double points[4][3] = {{1, 2, 1}, {2, 3, 4}, {4, 4.5, 2}, {7, 9, 0.5}};
  double s = 0, sx = 0, sxx = 0, st = 0, sxt = 0;
  for (const auto& [m, t, w] : points) {
    fit.add(m, t, w);
    s += w, sx += w * m, sxx += w * m * m, st += w * t, sxt += w * m * t;
  }
  const double d = s * sxx - sx * sx;
  EXPECT_NEAR(fit.best().alpha_s, (sxx * st - sx * sxt) / d, 1e-12);
  EXPECT_NEAR(fit.best().beta_s_per_byte, (s * sxt - sx * st) / d, 1e-12);
  EXPECT_NEAR(fit.covariance().aa, sxx / d, 1e-12);
  EXPECT_NEAR(fit.covariance().ab, -sx / d, 1e-12);
  EXPECT_NEAR(fit.covariance().bb, s / d, 1e-12);
}

TEST(LineFit, AFallingTimeBecomesAConstant) {
  LineFit fit;
  fit.add(1, 3, 1);
  fit.add(2, 1, 3);
  EXPECT_EQ(fit.best().beta_s_per_byte, 0);
  EXPECT_DOUBLE_EQ(fit.best().alpha_s, 1.5);
}

TEST(LineFit, ANegativeLatencyBecomesARayThroughTheOrigin) {
  LineFit fit;
  fit.add(1, 1, 1);
  fit.add(2, 3, 1);
  EXPECT_EQ(fit.best().alpha_s, 0);
  EXPECT_DOUBLE_EQ(fit.best().beta_s_per_byte, 7.0 / 5);
}

TEST(LineFit, OnePayloadHasNoSlope) {
  LineFit fit;
  fit.add(1024, 5e-6, 1);
  fit.add(1024, 7e-6, 1);
  EXPECT_DOUBLE_EQ(fit.best().alpha_s, 6e-6);
  EXPECT_EQ(fit.best().beta_s_per_byte, 0);
}

}  // namespace
}  // namespace hockney::inline record
