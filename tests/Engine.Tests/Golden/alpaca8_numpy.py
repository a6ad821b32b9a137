"""What a researcher computes on alpaca8_scored.jsonl.gz with NumPy and SciPy: python3 alpaca8_numpy.py FILE > alpaca8_numpy.json

Only numbers are written, no texts. Users are scipy.stats.dirichlet.rvs with random_state=0; everything is float64.
"""
import gzip
import hashlib
import json
import sys

import numpy as np
import scipy
from scipy import stats

path = sys.argv[1]
rows = [json.loads(line) for line in gzip.open(path, "rt", encoding="utf-8")]
aliases = sorted(key[len("response_1_"):] for key in rows[0] if key.startswith("response_1_") and key != "response_1_model")
# Rewards are kept as float32.
raw = np.array([[[row[f"response_{i}_{alias}"] for alias in aliases] for i in range(1, 9)] for row in rows], dtype=np.float32).astype(float)
z = (raw - raw.mean(axis=(0, 1))) / raw.std(axis=(0, 1))
writers = np.array([[row[f"response_{i}_model"] for i in range(1, 9)] for row in rows])
subsets = np.array([row["subset"] for row in rows])
USERS = 1000
cases = []
for alpha in [0.01, 0.05, 0.1, 1]:
    weights = stats.dirichlet.rvs(alpha * np.ones(len(aliases)), size=USERS, random_state=0)
    votes = np.zeros((len(rows), 8), dtype=int)
    above = np.zeros((len(rows), 8, 8), dtype=np.int64)
    for prompt in range(len(rows)):
        scores = weights @ z[prompt].T
        votes[prompt] = np.bincount(scores.argmax(axis=1), minlength=8)
        above[prompt] = (scores[:, :, None] > scores[:, None, :]).sum(axis=0)
    majorities = 100 * votes.max(axis=1) / USERS
    entropies = stats.entropy(votes, axis=1)
    # tau-b over all pairs of users, prompt by prompt, from how many order two responses which way. Identical responses tie for everybody.
    first, second = np.triu_indices(8, 1)
    up, down = above[:, first, second], above[:, second, first]
    agree = ((up - down) ** 2 - (up + down)).sum(axis=1) / (USERS * (USERS - 1))
    taus = agree / ((up + down).sum(axis=1) / USERS)
    winners = (votes > 0).sum(axis=1)
    cases.append({
        "alpha": alpha,
        "majorityAtMost": [float(np.mean(majorities <= q)) for q in (50, 75, 95)],
        "percentileOfScore": [stats.percentileofscore(majorities, q, kind="rank") for q in (50, 75, 95)],
        "distinctWinners": {str(count): float(np.mean(winners == count)) for count in range(1, int(winners.max()) + 1)},
        "winShares": {writer: float(votes[writers == writer].sum() / votes.sum()) for writer in sorted(set(writers.flat))},
        "meanEntropy": float(entropies.mean()),
        "entropyBySubset": {subset: float(entropies[subsets == subset].mean()) for subset in sorted(set(subsets))},
        "overlap": float(((votes * (votes - 1)).sum(axis=1) / (USERS * (USERS - 1))).mean()),
        "kendallTau": float(taus.mean()),
        "effectiveRewardModels": float(np.exp(stats.entropy(weights, axis=1)).mean()),
    })

json.dump({
    "command": "python3 alpaca8_numpy.py alpaca8_scored.jsonl.gz > alpaca8_numpy.json",
    "versions": f"numpy {np.__version__}, scipy {scipy.__version__}",
    "sha256": hashlib.sha256(open(path, "rb").read()).hexdigest(),
    "users": USERS,
    "cases": cases,
}, sys.stdout, indent=1)
print()
