# Large tensors stay in the heap instead of being mapped and unmapped at every step: about a third less time a
# step.
export MALLOC_MMAP_THRESHOLD_=4000000000 MALLOC_TRIM_THRESHOLD_=16000000000 MALLOC_TOP_PAD_=200000000
export OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0
