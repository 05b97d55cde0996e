// A maximum over points, for training on a CPU.
#include <math.h>
#include <stddef.h>
#include <stdint.h>

// x[B][N][C] in bfloat16 -> for each b, c the maximum over n (as float) and its index, the first one if
// several are equal. Several times as fast as the same operation of torch.
void column_max(int B, int N, int C, const uint16_t* x, float* best, int64_t* at) {
#pragma omp parallel for
  for (int b = 0; b < B; b++) {
    float top[1024];
    int32_t where[1024];
    for (int c0 = 0; c0 < C; c0 += 1024) {
      int m = C - c0 < 1024 ? C - c0 : 1024;
      for (int c = 0; c < m; c++) {
        top[c] = -INFINITY;
        where[c] = 0;
      }
      for (int n = 0; n < N; n++) {
        const uint16_t* row = x + ((size_t)b * N + n) * C + c0;
        for (int c = 0; c < m; c++) {
          union {
            uint32_t i;
            float f;
          } v = {(uint32_t)row[c] << 16};
          int more = v.f > top[c];
          top[c] = more ? v.f : top[c];
          where[c] = more ? n : where[c];
        }
      }
      for (int c = 0; c < m; c++) {
        best[(size_t)b * C + c0 + c] = top[c];
        at[(size_t)b * C + c0 + c] = where[c];
      }
    }
  }
}
