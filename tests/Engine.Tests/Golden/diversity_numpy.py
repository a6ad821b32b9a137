"""Every number of a small random world, by NumPy and SciPy alone: python3 diversity_numpy.py > diversity_numpy.json

Written from the definitions, not from the engine: scores as one float64 product, pairs of users one by one.
"""
import itertools
import json
import sys

import numpy as np
import scipy
from scipy import stats

rng = np.random.RandomState(20261121)
USERS, PROMPTS, MODELS = 40, 60, 5
WRITERS = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"]
SUBSETS = ["chat", "code", None]
OPENINGS = ["Imagine a poem about", "What is", "My opinion of", "Whatever of", "Where did", "Tell me of", "A taste of", "who is"]
THRESHOLDS = [0.50, 0.75, 0.95]


def gini(values):
    values = np.asarray(values, dtype=float)
    return np.abs(values[:, None] - values[None, :]).sum() / (2 * len(values) ** 2 * values.mean())


weights = rng.dirichlet(np.full(MODELS, 0.4), size=USERS)
# An opinion that everybody shares makes some prompts nearly unanimous, so that every threshold is met exactly somewhere.
prompts = []
for number in range(PROMPTS):
    responses = rng.randint(2, 9)
    shared = rng.standard_normal((responses, 1)) * rng.choice([0, 1, 3])
    rewards = (rng.standard_normal((responses, MODELS)) + shared).astype(np.float32)
    prompts.append({
        "text": f"{OPENINGS[number % len(OPENINGS)]} number {number}",
        "subset": SUBSETS[number % len(SUBSETS)],
        "responseModels": list(rng.permutation(WRITERS)[:responses]),
        "rewards": [[float(reward) for reward in row] for row in rewards],
    })

scores = [weights @ np.array(prompt["rewards"]).T for prompt in prompts]
narrowest = min(np.diff(np.sort(score, axis=1)).min() for score in scores)
assert narrowest > 1e-5, f"two utilities are too close for float32: {narrowest}"
firsts = np.stack([score.argmax(axis=1) for score in scores])
votes = [np.bincount(first, minlength=len(prompt["rewards"])) for first, prompt in zip(firsts, prompts)]

majorities = np.array([vote.max() / USERS for vote in votes])
winners = np.array([(vote > 0).sum() for vote in votes])
entropies = np.array([stats.entropy(vote) for vote in votes])
wins = {writer: 0 for writer in WRITERS}
for vote, prompt in zip(votes, prompts):
    for count, writer in zip(vote, prompt["responseModels"]):
        wins[writer] += int(count)


def mean_where(keep):
    chosen = [entropy for entropy, prompt in zip(entropies, prompts) if keep(prompt)]
    return float(np.mean(chosen)) if chosen else None


def first_word(text):
    return text.split()[0].lower()


pairs = list(itertools.combinations(range(USERS), 2))
taus = [np.mean([stats.kendalltau(score[one], score[other]).statistic for score in scores]) for one, other in pairs]
overlaps = [np.mean(firsts[:, one] == firsts[:, other]) for one, other in pairs]

expected = {
    "share": [float(np.mean(majorities <= q)) for q in THRESHOLDS],
    "percentileOfScore": [stats.percentileofscore(100 * majorities, 100 * q, kind="rank") / 100 for q in THRESHOLDS],
    "atThreshold": [int(np.sum(majorities == q)) for q in THRESHOLDS],
    "distinctWinners": [float(np.mean(winners == count)) for count in range(1, winners.max() + 1)],
    "distinctWinnersPaperBinning": [float(np.mean(np.isin(winners, bin))) for bin in ([2, 3], [4], [5], [6], [7, 8])],
    "winShares": {writer: wins[writer] / (USERS * PROMPTS) for writer in WRITERS},
    "meanEntropy": float(entropies.mean()),
    "entropyBySubset": {name: mean_where(lambda prompt: prompt["subset"] == name) for name in ["chat", "code"]},
    "entropyByKeyword": {
        **{f"contains {word}": mean_where(lambda prompt: word in prompt["text"].lower()) for word in ["imagine", "opinion", "poem", "taste"]},
        **{f"begins with {word}": mean_where(lambda prompt: first_word(prompt["text"]) == word) for word in ["who", "what", "when", "where"]},
    },
    "effectiveResponses": float(np.exp(entropies).mean()),
    "giniOfVotes": float(np.mean([gini(vote) for vote in votes])),
    "giniOfWeights": float(np.mean([gini(weight) for weight in weights])),
    "effectiveRewardModels": float(np.mean([np.exp(stats.entropy(weight)) for weight in weights])),
    "overlap": float(np.mean(overlaps)),
    "kendallTau": float(np.mean(taus)),
    "kendallTauOfFirstPairs": [float(tau) for tau in taus[:5]],
}

# Over two reward models w is a Beta variable, and every response wins on an interval of it. Where further models repeat the
# second one, their concentrations add up.
two_models = []
for alphas in [[1.0, 1.0], [0.05, 0.05], [0.5, 2.0], [3.0, 3.0], [0.3, 0.5, 0.2]]:
    # Rewards on the two sides of an ellipse, so that most responses win somewhere.
    angles = np.sort(rng.uniform(-0.3, np.pi / 2 + 0.3, 7))
    line = np.round(np.stack([np.cos(angles), np.sin(angles)], axis=1) * rng.uniform(0.9, 1.1, (7, 1)), 3)[rng.permutation(7)]
    cuts = {0.0, 1.0}
    for (a, b), (c, d) in itertools.combinations(line, 2):
        if (a - b) != (c - d):
            cut = (d - b) / ((a - b) - (c - d))
            if 0 < cut < 1:
                cuts.add(float(cut))
    cuts = sorted(cuts)
    cdf = stats.beta(alphas[0], sum(alphas[1:])).cdf
    shares = np.zeros(len(line))
    for low, high in zip(cuts, cuts[1:]):
        middle = (low + high) / 2
        shares[np.argmax(line @ [middle, 1 - middle])] += cdf(high) - cdf(low)
    crossings = []
    for (a, b), (c, d) in itertools.combinations(line, 2):
        # Share of users who put the first of the two above the second.
        first, second = a - c, b - d
        cut = -second / (first - second) if first != second else np.nan
        below = float(cdf(cut)) if 0 < cut < 1 else None
        crossings.append((1.0 if first + second > 0 else 0.0) if below is None else (below if second > 0 else 1 - below))
    two_models.append({
        "alphas": alphas,
        "rewards": [[float(a)] + [float(b)] * (len(alphas) - 1) for a, b in line],
        "shares": [float(share) for share in shares],
        "overlap": float(np.sum(shares ** 2)),
        "kendallTau": float(np.mean([(2 * p - 1) ** 2 for p in crossings])),
    })

# OpinionQA: scores, nearest option, Wasserstein distances.
choices = rng.uniform(size=(30, MODELS))
questions, r_range, r_paper = [], {"all": [], "some": []}, {"all": [], "some": []}
for number, choice in enumerate(choices):
    options = rng.randint(2, 7)
    ordinals = np.sort(rng.choice(np.arange(1, 6, 0.5), options, replace=False))
    ordinals = ordinals if number % 3 else rng.permutation(ordinals)
    place = (ordinals - ordinals.min()) / (ordinals.max() - ordinals.min())
    vote = np.bincount(np.abs((weights @ choice)[:, None] - place[None, :]).argmin(axis=1), minlength=options)
    people = {}
    for group in ["all", "some"] if number % 4 else ["all"]:
        people[group] = rng.randint(0, 50, options).tolist()
        people[group][0] += 1
        work = stats.wasserstein_distance(ordinals, ordinals, vote, people[group])
        r_range[group].append(1 - work / (ordinals.max() - ordinals.min()))
        r_paper[group].append(1 - work / (options - 1))
    questions.append({"ordinals": ordinals.tolist(), "choices": choice.tolist(), "people": people, "votes": vote.tolist()})
opinions = {
    "questions": questions,
    "range": {group: float(np.mean(values)) for group, values in r_range.items()},
    "paper": {group: float(np.mean(values)) for group, values in r_paper.items()},
}

# Characteristics: annotators who label some pairs, from the table of labels (+1, -1, 0: none) alone.
table = rng.choice([1, -1, 0], p=[0.45, 0.25, 0.3], size=(120, 9))
table[:, 7] = rng.choice([-1, 0], size=120)
labelled = np.abs(table).sum(axis=1)
shared = labelled >= 2
minority = np.minimum((table == 1).sum(axis=1), (table == -1).sum(axis=1))[shared] / labelled[shared]


def accuracy(annotator, without):
    own = table[:, annotator]
    rows = shared & (own != 0)
    balance = table[rows].sum(axis=1) - (own[rows] if without else 0)
    return float(np.mean(np.where(balance == 0, 0.5, np.sign(balance) == own[rows])))


characteristics = {
    "labels": table.tolist(),
    "divergence": float(np.mean(minority > 0)),
    "highDivergence": float(np.mean(minority >= 0.3)),
    "withSelf": [accuracy(annotator, False) for annotator in range(table.shape[1])],
    "withoutSelf": [accuracy(annotator, True) for annotator in range(table.shape[1])],
}

json.dump({
    "command": "python3 diversity_numpy.py > diversity_numpy.json",
    "versions": f"numpy {np.__version__}, scipy {scipy.__version__}",
    "weights": weights.tolist(),
    "prompts": prompts,
    "expected": expected,
    "twoModels": two_models,
    "opinions": opinions,
    "characteristics": characteristics,
}, sys.stdout, indent=1)
print()
