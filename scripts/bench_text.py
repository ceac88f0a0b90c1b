"""A transformer on raw texts: the whole audit beside a plain Python loop, in turns, on the same threads.

    scripts/bench_text.py HEIRLOOM [ROUNDS] [THREADS]

Data: ../shared/data/text_pair, HateCheck's 3,728 rows, base and tuned (six layers each). The loop is what one writes by
hand: tokenizers and onnxruntime, batches of 32 rows in file order, padded to the longest of each. Its clock starts
after imports, when the rows are read and the sessions are open; heirloom's is that of the whole process. Packages:
numpy, pyarrow, tokenizers, onnxruntime; heirloom takes the same onnxruntime (HEIRLOOM_ONNXRUNTIME).
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime
import pyarrow.parquet as pq
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parent.parent
PAIR = ROOT.parent / "shared" / "data" / "text_pair"
AUDIT = ROOT / "tests" / "reference" / "hatecheck.toml"
BATCH = 32


def sessions(threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    opened = lambda name: onnxruntime.InferenceSession(PAIR / f"{name}.onnx", options, providers=["CPUExecutionProvider"])
    return [opened("base"), opened("tuned")]


def loop(texts, tokenizer, models):
    scores = []
    for start in range(0, len(texts), BATCH):
        encoded = tokenizer.encode_batch(texts[start : start + BATCH])
        inputs = {
            "input_ids": np.array([row.ids for row in encoded], dtype=np.int64),
            "attention_mask": np.array([row.attention_mask for row in encoded], dtype=np.int64),
        }
        scores.append([model.run(["probabilities"], inputs)[0][:, 1] for model in models])
    return np.concatenate(scores, axis=1)


def main():
    heirloom = str(Path(sys.argv[1]).resolve())
    rounds, threads = (int(sys.argv[at]) if len(sys.argv) > at else usual for at, usual in [(2, 5), (3, os.cpu_count())])
    texts = pq.read_table(PAIR / "hatecheck_eval.parquet", columns=["text"])["text"].to_pylist()
    tokenizer = Tokenizer.from_file(str(PAIR / "tokenizer.json"))
    tokenizer.enable_truncation(48)
    tokenizer.enable_padding()
    models = sessions(threads)
    times = {"Python loop": [], "heirloom": []}
    with tempfile.TemporaryDirectory() as out:
        command = [heirloom, "audit", str(AUDIT), "--engine", "onnxruntime", "--threads", str(threads), "--quiet", "--out", out]
        for _ in range(rounds):
            start = time.perf_counter()
            loop(texts, tokenizer, models)
            times["Python loop"].append(time.perf_counter() - start)
            start = time.perf_counter()
            done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            times["heirloom"].append(time.perf_counter() - start)
            if done.returncode not in (0, 1, 4):
                sys.exit(done.stderr)
    print(f"| {len(texts):,} texts × 2 models, {threads} threads | best | rows/s |")
    print("| --- | ---: | ---: |")
    for name, taken in times.items():
        print(f"| {name} | {min(taken):.2f} s | {len(texts) / min(taken):.0f} |")
    ratio = min(times["Python loop"]) / min(times["heirloom"])
    print(f"\nheirloom / Python: {ratio:.2f}, where 1.3 is asked: {'met' if ratio >= 1.3 else 'missed'}")


if __name__ == "__main__":
    main()
