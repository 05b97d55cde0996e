// The exact 3D IoU of rotated boxes.
#include <math.h>
#include <string.h>

static int clip_poly(double (*in)[2], int n, double ax, double ay, double bx, double by, double (*out)[2]) {
  int m = 0;
  for (int i = 0; i < n; i++) {
    double *p = in[i], *q = in[(i + 1) % n];
    double sp = (bx - ax) * (p[1] - ay) - (by - ay) * (p[0] - ax),
           sq = (bx - ax) * (q[1] - ay) - (by - ay) * (q[0] - ax);
    if (sp >= 0) {
      out[m][0] = p[0];
      out[m][1] = p[1];
      m++;
    }
    if (sp * sq < 0) {
      double t = sp / (sp - sq);
      out[m][0] = p[0] + t * (q[0] - p[0]);
      out[m][1] = p[1] + t * (q[1] - p[1]);
      m++;
    }
  }
  return m;
}
static void corners(const double* b, double ox, double oy, double (*c)[2]) {
  double co = cos(b[6]), s = sin(b[6]), l = b[3] / 2, w = b[4] / 2;
  double k[4][2] = {{l, w}, {-l, w}, {-l, -w}, {l, -w}};
  for (int i = 0; i < 4; i++) {
    c[i][0] = b[0] - ox + k[i][0] * co - k[i][1] * s;
    c[i][1] = b[1] - oy + k[i][0] * s + k[i][1] * co;
  }
}
// Computes the exact 3D and bird's-eye IoU of pairs of boxes (x y z l w h yaw).
void iou_pairs(int n, const double* a, const double* b, double* d3, double* bev) {
  for (int i = 0; i < n; i++) {
    const double *A = a + 7 * i, *B = b + 7 * i;
    double p[16][2], t[16][2], w[4][2];
    corners(A, B[0], B[1], p);
    corners(B, B[0], B[1], w);
    int m = 4;
    for (int k = 0; k < 4 && m; k++) {
      m = clip_poly(p, m, w[k][0], w[k][1], w[(k + 1) & 3][0], w[(k + 1) & 3][1], t);
      memcpy(p, t, sizeof(p));
    }
    double area = 0;
    for (int k = 0; k < m; k++) area += p[k][0] * p[(k + 1) % m][1] - p[(k + 1) % m][0] * p[k][1];
    area = m > 2 ? fabs(area) / 2 : 0;
    double h = fmin(A[2] + A[5] / 2, B[2] + B[5] / 2) - fmax(A[2] - A[5] / 2, B[2] - B[5] / 2);
    if (h < 0) h = 0;
    bev[i] = area / (A[3] * A[4] + B[3] * B[4] - area);
    d3[i] = area * h / (A[3] * A[4] * A[5] + B[3] * B[4] * B[5] - area * h);
  }
}
