"""Holds heirloom's bootstrap of aggregates against fairlearn's, on the same Parquet file in the same run.

    python scripts/bench_fairlearn.py HEIRLOOM [--rows N ...] [--replicates R] [--write README]

The rates of every group have to be equal before anything is timed. Then each prints its processor time for a
replicate of the bootstrap:

* fairlearn: a MetricFrame of four rates by sex and race with `n_boot=R`, less one without, over R; base and tuned
  one after the other, with one `random_state`, since it knows one model at a time.
* heirloom: the whole process, reading, verdicts and writing among it, over its 1,000 replicates. They cover both
  models and their change, three families of groups, and every metric of decisions.

With --write the table takes the place of the one in README that stands between two comments.
"""

import argparse
import json
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import fairlearn
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate, true_positive_rate
from sklearn.metrics import accuracy_score

FIXTURE = Path(__file__).resolve().parent.parent / "fixtures" / "income" / "eval.parquet"
METRICS = {
    "selection_rate": selection_rate,
    "true_positive_rate": true_positive_rate,
    "false_positive_rate": false_positive_rate,
    "accuracy": accuracy_score,
}
OURS = 1000
START, END = "<!-- fairlearn: begin -->", "<!-- fairlearn: end -->"

AUDIT = """\
models.base.decisions = "base"
models.tuned.decisions = "tuned"
data.path = "rows.parquet"
data.label = "label"
data.positive = 1
groups = ["sex", "race"]
slices.cross = ["sex & race"]
slices.min_support = 1
privacy.min_cell = 0
"""


def rows(count, seed=20261123):
    """Sex, race and label of the fixture's rows, drawn anew, and two models that are wrong here and there."""
    rng = np.random.default_rng(seed)
    table = pq.read_table(FIXTURE, columns=["sex", "race", "income"]).to_pandas()
    table = table.iloc[rng.integers(0, len(table), count)].reset_index(drop=True)
    label = (table["income"].astype(str).str.startswith(">")).astype(int)
    wrong = rng.random(count) < 0.15 + 0.10 * (table["sex"] == "Female")
    again = rng.random(count) < 0.05
    base = np.where(wrong, 1 - label, label)
    columns = {"sex": table["sex"].astype(str), "race": table["race"].astype(str), "label": label}
    return pd.DataFrame({**columns, "base": base, "tuned": np.where(again, 1 - base, base)})


def audited(heirloom, folder):
    """The result, and the processor time of the whole process in seconds."""
    (folder / "audit.toml").write_text(AUDIT)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([heirloom, "audit", "audit.toml", "--quiet", "--out", "out"], cwd=folder, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads((folder / "out" / "result.json").read_text()), spent


def frame(data, model, **more):
    features = data[["sex", "race"]]
    return MetricFrame(metrics=METRICS, y_true=data["label"], y_pred=data[model], sensitive_features=features, **more)


def hold(data, result):
    """Every rate of every group, and the gaps of those that fairlearn does not invent; how many were equal."""
    ours = {(v["metric"], v["slice"], v["model"]): v.get("value") for v in result["values"]}
    compared = 0
    for model in ["base", "tuned"]:
        by_group = frame(data, model).by_group
        for (sex, race), row in by_group.iterrows():
            if row.isna().all():
                continue
            for metric, value in row.items():
                found = ours[metric, f"sex={sex} & race={race}", model]
                # fairlearn counts a rate over nobody as 0.
                assert (found is None and value == 0) or abs(found - value) <= 1e-12, (metric, sex, race, found, value)
                compared += 1
        gaps = frame(data, model).difference()
        for metric in ["selection_rate", "accuracy"]:
            wanted = {"metric": metric, "attribute": "sex & race", "aggregate": "difference", "model": model}
            [gap] = [a for a in result["aggregates"] if wanted.items() <= a.items()]
            assert abs(gap["value"] - gaps[metric]) <= 1e-12, (metric, gap, gaps[metric])
            compared += 1
    return compared


def peer(data, replicates):
    """fairlearn's processor time for a replicate, both models together, in seconds."""
    spent = 0.0
    for model in ["base", "tuned"]:
        start = time.process_time()
        frame(data, model)
        plain = time.process_time()
        frame(data, model, n_boot=replicates, ci_quantiles=[0.025, 0.975], random_state=1)
        spent += (time.process_time() - plain) - (plain - start)
    return spent / replicates


def measured(heirloom, count, replicates):
    data = rows(count)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        data.to_parquet(folder / "rows.parquet")
        result, spent = audited(heirloom, folder)
    compared = hold(data, result)
    theirs, ours = peer(data, replicates), spent / OURS
    cells = [f"{count:,}", str(compared), f"{1000 * theirs:.1f} ms", f"{1000 * ours:.2f} ms", f"{theirs / ours:,.0f}"]
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heirloom")
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--replicates", type=int, default=20)
    parser.add_argument("--write", type=Path)
    args = parser.parse_args()
    head = ["rows", "equal numbers", f"fairlearn {fairlearn.__version__}", "heirloom", "times"]
    table = ["| " + " | ".join(head) + " |", "| ---: | ---: | ---: | ---: | ---: |"]
    table += [measured(str(Path(args.heirloom).resolve()), count, args.replicates) for count in args.rows]
    print("\n".join(table))
    if args.write:
        text = args.write.read_text()
        before, after = text.split(START)[0], text.split(END)[1]
        args.write.write_text(before + START + "\n" + "\n".join(table) + "\n" + END + after)


if __name__ == "__main__":
    main()
