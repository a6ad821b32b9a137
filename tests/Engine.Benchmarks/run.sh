#!/usr/bin/env bash
# Times the engine beside its peers, in turn and in random order, and writes a Markdown table. About four minutes on two quiet cores.
#   tests/Engine.Benchmarks/run.sh PEERS [TABLE.md]
# PEERS is a folder with interleave.py and peer_*.py, which speak the protocol that docs/performance.md describes; PYTHON runs them
# (default /usr/bin/python3) and PEER_DATA holds their arrays. ROUNDS=1 makes a quick rehearsal.
set -euo pipefail
peers=$(cd "${1:?the folder of the peers}" && pwd)
table=${2:-/dev/stdout}
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-/usr/bin/python3}
export PEER_DATA=${PEER_DATA:-${TMPDIR:-/tmp}/personalllm-peers}
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT

dotnet build "$here" -c Release -v q -nologo >&2
ours="dotnet $here/bin/Release/net10.0/PersonalLlm.Engine.Benchmarks.dll"

# row TITLE ROUNDS 'job=command'…: the first job is what the others are compared with.
row() {
    local title=$1 rounds=${ROUNDS:-$2}
    shift 2
    timeout 240 "$python" "$peers/interleave.py" --title "$title" --rounds "$rounds" --out "$rows" "$@" >&2 || echo "$title: did not finish" >&2
}
peer() { echo "$python $peers/peer_$1.py ${*:2}"; }

row '`votes`, 10,000 users' 5 "ours=$ours votes --users 10000" "ours, rewards never seen before=$ours votes --users 10000 --rewards new" \
    "NumPy, responses outermost=$(peer population --users 10000 --impl numpy2)" "the same on a thread pool=$(peer population --users 10000 --impl numpy2mt)" \
    "torch=$(peer population --users 10000 --impl torch)" "numba, loop nest=$(peer population --users 10000 --impl numba_naive)" "numba, users innermost=$(peer population --users 10000 --impl numba)" \
    "NumPy, product and argmax, as usually written=$(peer population --users 10000 --impl numpy)"
row '`votes`, 1,000 users' 7 "ours=$ours votes --users 1000" "ours, rewards never seen before=$ours votes --users 1000 --rewards new" \
    "NumPy, responses outermost=$(peer population --users 1000 --impl numpy2)" "the same on a thread pool=$(peer population --users 1000 --impl numpy2mt)"
row '`votes`, 100,000 users' 2 "ours=$ours votes --users-from spec --users 100000" "NumPy, responses outermost, thread pool (other users)=$(peer population --users 100000 --impl numpy2mt)"
row '`ranks`, 1,000 users' 7 "ours=$ours ranks" "NumPy, pairwise comparisons, thread pool=$(peer rankings --impl numpy)" "NumPy argsort, as usually written=$(peer rankings --impl argsort)"
row '`agreement-matrix`, 1,000 × 1,000' 5 "ours=$ours agreement-matrix" "NumPy, sign GEMM, tuned=$(peer kendall --impl gemm2)"
row '`agreement-mean`, 1,000 users, against `ranks`' 15 "ours, ranks=$ours ranks" "ours, agreement-mean=$ours agreement-mean --users 1000"
row '`agreement-mean`, 100,000 users, against `ranks`' 3 "ours, ranks=$ours ranks --users 100000" "ours, agreement-mean=$ours agreement-mean --users 100000"
for alpha in 0.01 0.1 1; do
    row "\`dirichlet\`, 1,000,000 users in blocks, α = $alpha" 5 "ours=$ours dirichlet --alpha $alpha --blocks yes" "NumPy Generator.dirichlet=$(peer dirichlet --alpha $alpha --impl generator)"
done
row '`dirichlet`, 1,000,000 users in blocks, α = 0.1' 3 "ours=$ours dirichlet --alpha 0.1 --blocks yes" "SciPy dirichlet.rvs=$(peer dirichlet --alpha 0.1 --impl scipy)"
row '`dedup`, 50,000 users, t = 0.2' 5 "ours=$ours dedup --personas 50000" "SciPy cKDTree=$(peer dedup --personas 50000 --impl kdtree)"
row '`bootstrap`, 2,000 resamples, percentile' 5 "ours=$ours bootstrap" "NumPy bincount=$(peer bootstrap --impl bincount)"
row '`bootstrap`, 2,000 resamples, BCa' 3 "ours=$ours bootstrap --interval bca" "SciPy BCa=$(peer bootstrap --impl scipy)"
for size in "1000 --prompts 1000" "10000 --prompts 10402"; do
    for beta in Infinity 2; do
        row "\`slider\`, ${size/ --prompts / users × } prompts, β = $beta" 5 "all=$ours slider --users $size --beta $beta" \
            "draw=$ours slider --users $size --beta $beta --part sample" "votes and pairs=$ours slider --users $size --beta $beta --part votes-and-pairs" \
            "summary with intervals=$ours slider --users $size --beta $beta --part summary" \
            "Gini of votes=$ours slider --users $size --beta $beta --part gini-of-votes" "Gini of weights=$ours slider --users $size --beta $beta --part gini-of-weights"
    done
done
memory=$(for users in 1000 100000 1000000; do $ours votes --users-from spec --users $users --reps 1; done)

"$python" - "$rows" >"$table" <<PYTHON
import datetime, json, os, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
print(f"Measured {datetime.date.today()} on \`{cpu}\`, {os.cpu_count()} cores, load at the end {os.getloadavg()[0]:.1f}.\n")
print("| question | beside | rounds | × CPU | × wall | CPU ms | wall ms | check |\n|---|---|---|---|---|---|---|---|")
base = {}
def alike(a, b, tolerance):
    if isinstance(a, list): return all(alike(one, other, tolerance) for one, other in zip(a, b))
    if isinstance(a, dict): return all(alike(a[key], b[key], tolerance) for key in a if key in b and (tolerance < 1e-3 or not key.endswith("hash")))
    return abs(a - b) <= tolerance * max(abs(a), 1e-9) if isinstance(a, float) else a == b
for row in rows:
    first = row["title"] not in base
    base.setdefault(row["title"], row["check"])
    slider = row["title"].startswith("\`slider")
    by_chance = row["title"].startswith(("\`dirichlet", "\`bootstrap")) or "other users" in row["job"]
    same = alike(base[row["title"]], row["check"], 5e-3 if by_chance else 1e-6) if not slider else None
    check = "" if first or slider else f"differs: {json.dumps(row['check'])[:60]}" if not same else "equal but for chance" if by_chance else "equal"
    ratios = " | " if first or slider else f"{row['x_cpu']:.2f} | {row['x_wall']:.2f}"
    print(f"| {row['title'] if first else ''} | {row['job']} | {row['rounds']} | {ratios} | {1000 * row['cpu_med']:.1f} | {1000 * row['wall_med']:.1f} | {check} |")
print("\nFirst choices of a population drawn in blocks, memory at its peak:\n")
for line in """$memory""".splitlines():
    one = json.loads(line)
    print(f"- {one['name']}: {one['peakMb']} MB, {one['cpu']:.2f} s CPU")
PYTHON
