#!/usr/bin/env bash
# From nothing to weights: simulate, train both networks, export, measure on held-out simulation. Usage: all.sh OUT [MINUTES a network, default 100]
# Two cores: 7 minutes of simulation and MINUTES of training, both networks at once; memory: 7 GiB a network. PYTHON: the interpreter with requirements.txt installed.
set -euo pipefail
out="$(mkdir -p "$1" && cd "$1" && pwd)" minutes="${2:-100}" python="${PYTHON:-python3}"
cd "$(dirname "$0")"
. ./environment.sh
export OMP_NUM_THREADS=1
bf16="$(grep -qwE 'avx512_bf16|amx_bf16' /proc/cpuinfo 2>/dev/null && echo --bf16 || true)"

"$python" simulate.py --out "$out/train" --scans "${SCANS:-4000}" --seed 601
"$python" simulate.py --out "$out/held" --scans 100 --seed 777
settings=(--data "$out/train" --held "$out/held" --threads 1 --points 192 --early-points 96 --batch 128 --rate 1.5e-3 --minutes "$minutes" $bf16)
"$python" train.py propose "${settings[@]}" --out "$out/propose.pt" > "$out/propose.log" &
"$python" train.py refine "${settings[@]}" --out "$out/refine.pt" --propose "$out/propose.pt" > "$out/refine.log"
wait
"$python" export.py --propose "$out/propose.pt" --refine "$out/refine.pt" --held "$out/held" --out "$out/model"
"$python" report.py --data "$out/train" --logs "$out/propose.log" "$out/refine.log" --out "$out"
"$python" held.py --held "$out/held" --model "$out/model"
