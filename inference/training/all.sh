#!/usr/bin/env bash
# Simulates, trains both networks, exports them and measures them on held-out simulation.
# Usage: all.sh OUT [MINUTES of each network, default 100] [SEED, default 1] [SECOND SEED]
# The model is in OUT/model. With a second seed, all of it is done again, from simulation on, in OUT/second,
# and the figures of both are compared. Both networks train side by side. PYTHON: the interpreter with
# requirements.txt installed. SCANS: simulated scans, default 4000. RATE: the highest learning rate, default
# 1.5e-3. START: a folder with checkpoints of both networks to go on from (resume.py), default from nothing.
set -euo pipefail
minutes="${2:-100}" seed="${3:-1}" second="${4:-}" python="${PYTHON:-python3}"
mkdir -p "$1"
out="$(cd "$1" && pwd)"
if [ -n "${START:-}" ]; then START="$(cd "$START" && pwd)"; fi
cd "$(dirname "$0")"
. ./environment.sh
export OMP_NUM_THREADS=1
bf16="$(grep -qwE 'avx512_bf16|amx_bf16' /proc/cpuinfo 2>/dev/null && echo --bf16 || true)"

train() { # FOLDER SEED
  local to="$1" seed="$2"
  mkdir -p "$to"
  "$python" -m simulation.simulate --out "$to/train" --scans "${SCANS:-4000}" --seed "$((600 + seed))"
  local settings=(--data "$to/train" --held "$out/held" --threads 1 --points 192 --early-points 96 --batch 128
    --rate "${RATE:-1.5e-3}" --convention yes --minutes "$minutes" --seed "$seed" $bf16)
  local proposer=() refiner=()
  if [ -n "${START:-}" ]; then
    proposer=(--start "$START/propose.pt") refiner=(--start "$START/refine.pt")
    cp "$START/propose.pt" "$to/propose.pt"  # proposals for refine to mend, from the first step on
  fi
  "$python" train.py propose "${settings[@]}" "${proposer[@]}" --out "$to/propose.pt" > "$to/propose.log" &
  local proposing=$!
  "$python" train.py refine "${settings[@]}" "${refiner[@]}" --out "$to/refine.pt" --propose "$to/propose.pt" \
    > "$to/refine.log"
  wait "$proposing"
  "$python" export.py --propose "$to/propose.pt" --refine "$to/refine.pt" --held "$out/held" --out "$to/model" \
    --version "${VERSION:-5}-seed-$seed"
  "$python" -m measuring.report --data "$to/train" --logs "$to/propose.log" "$to/refine.log" --out "$to"
  "$python" -m measuring.held --held "$out/held" --model "$to/model" --figures "$to/figures.json" | tee "$to/held.txt"
}

"$python" -m simulation.simulate --out "$out/held" --scans "${HELD_SCANS:-100}" --seed 777
train "$out" "$seed"
if [ -n "$second" ]; then
  train "$out/second" "$second"
  "$python" -m measuring.seeds "$out/figures.json" "$out/second/figures.json" | tee "$out/seeds.md"
fi
