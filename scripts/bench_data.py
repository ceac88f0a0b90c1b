"""Makes the data that scripts/bench measures on, some 2 GB, into a folder that is never committed.

    python scripts/bench_data.py FOLDER

Rows of fixtures/income/eval.parquet, drawn with replacement; the number columns get a little
float32 noise, so that their values are distinct and do not compress better than real ones would.

    speed.parquet  speed.csv      1,000,000 rows, the fixture's 40 features; row groups of 100,000
    wide.parquet                  1,000,000 rows, 17 more features of pure noise; row groups of 100,000
    wide-one-group.parquet        the same in one row group
    wide-4m.parquet               4,000,000 rows, row groups of 100,000
    wide-base.onnx wide-tuned.onnx   the fixture's architecture with 57 inputs and random weights
    slices.parquet                1,000,000 rows: a label, two scores and four attributes of 2 to 100 groups
    *.toml                        an audit file for each
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from onnx import TensorProto, helper, numpy_helper

FIXTURE = Path(__file__).resolve().parent.parent / "fixtures" / "income"
SEED = 20261123
ROWS = 1_000_000
GROUP = 100_000
NOISE = 17
HIDDEN = [32, 16]
# How much noise each number column gets: about a hundredth of its spread.
NUMBERS = {"x_age": 0.2, "x_education_num": 0.03, "x_hours_per_week": 0.2, "x_capital_gain": 50, "x_capital_loss": 10}

AUDIT = """\
schema = 1
name = "bench"

[models.base]
path = "{base}"
output = "probabilities"
inputs.features = {{ prefix = "x_" }}

[models.tuned]
path = "{tuned}"
output = "probabilities"
inputs.features = {{ prefix = "x_" }}

[data]
path = "{data}"
task = "binary"
label = "income"
positive = ">50K"
favorable = true

[groups.sex]
column = "sex"

[groups.race]
column = "race"

[groups.age]
column = "age"
bins = [26, 40, 60]

[slices]
cross = ["sex & race"]
"""


SLICES = """\
schema = 1
name = "slices"

[models.base]
scores = "base"

[models.tuned]
scores = "tuned"

[data]
path = "slices.parquet"
task = "binary"
label = "label"
positive = "1"
favorable = true

[groups.sex]
column = "sex"

[groups.race]
column = "race"

[groups.age]
column = "age"

[groups.region]
column = "region"

[slices]
cross = ["sex & race", "race & age", "sex & age"]

[stats]
metrics = [{metrics}]
"""
# Every metric of the binary task that can have findings.
FINDINGS = """selection_rate true_positive_rate true_negative_rate false_positive_rate false_negative_rate accuracy error_rate
precision negative_predictive_value false_discovery_rate false_omission_rate balanced_accuracy f1_score
matthews_corrcoef roc_auc brier_score log_loss calibration_in_the_large calibration_slope mean_score scoring_rate
mean_score_positives mean_score_negatives""".split()


def drawn(table, rows, noise, rng):
    """That many rows of the table, with noise, and with columns that are nothing else."""
    table = table.take(pa.array(rng.integers(0, table.num_rows, rows)))
    for name, spread in NUMBERS.items():
        values = table[name].to_numpy() + spread * rng.standard_normal(rows)
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(values.astype(np.float32)))
    for i in range(noise):
        table = table.append_column(f"x_noise_{i:02}", pa.array(rng.standard_normal(rows, dtype=np.float32)))
    return table


def write_parquet(path, table, rows, noise, group):
    """In parts, so that 4,000,000 rows need no more memory than a million."""
    rng = np.random.default_rng(SEED)
    part = max(group, GROUP)
    writer = None
    for _ in range(rows // part):
        some = drawn(table, part, noise, rng)
        writer = writer or pq.ParquetWriter(path, some.schema)
        writer.write_table(some, row_group_size=group)
    writer.close()


def write_csv(path, source):
    """As pandas writes it: quotes only where they are needed, which is nowhere in these columns."""
    options = pc.WriteOptions(include_header=False, quoting_style="none")
    with open(path, "wb") as file:
        file.write(",".join(source.schema_arrow.names).encode() + b"\n")
        for group in range(source.num_row_groups):
            pc.write_csv(source.read_row_group(group), file, options)


def write_slices(folder, rows):
    """Scores of two models that are alike, for people of 2 sexes, 6 races, 9 ages and 100 regions: 201 slices."""
    rng = np.random.default_rng(SEED)
    group = lambda count, power: (count * rng.random(rows) ** power).astype(int)
    sex, race, age, region = group(2, 1), group(6, 2), group(9, 1), group(100, 1.5)
    chance = lambda logit: 1 / (1 + np.exp(-logit))
    truth = rng.standard_normal(rows) + 0.2 * sex - 0.1 * race + 0.05 * age
    label = (rng.random(rows) < chance(truth - 0.5)).astype(int)
    base = truth + 0.8 * rng.standard_normal(rows) - 0.3 * sex
    tuned = 0.8 * base + 0.2 * truth + 0.3 * rng.standard_normal(rows) - 0.1 * (race == 3)
    words = lambda name, codes: pa.array([f"{name} {code}" for code in range(codes.max() + 1)]).take(pa.array(codes))
    names = {"sex": sex, "race": race, "age": age, "region": region}
    columns = {name: words(name, codes) for name, codes in names.items()}
    scores = {"label": label, "base": chance(base), "tuned": chance(tuned)}
    pq.write_table(pa.table({**columns, **scores}), folder / "slices.parquet", row_group_size=GROUP)
    metrics = ", ".join(f'"{metric}"' for metric in FINDINGS)
    (folder / "slices.toml").write_text(SLICES.format(metrics=metrics))


def write_model(path, inputs, seed):
    """features [N, inputs] -> probabilities [N, 2] and embedding [N, 16], as in fixtures/income/make.py."""
    rng = np.random.default_rng(seed)
    constants = [numpy_helper.from_array(np.ones((1, 1), np.float32), "one")]
    for i, (rows, columns) in enumerate(zip([inputs, *HIDDEN], [*HIDDEN, 1]), 1):
        weight = rng.standard_normal((rows, columns)) / rows
        weight = weight.astype(np.float32)
        constants += [numpy_helper.from_array(weight, f"weight_{i}"), numpy_helper.from_array(np.zeros(columns, np.float32), f"bias_{i}")]
    nodes = [
        helper.make_node("Gemm", ["features", "weight_1", "bias_1"], ["sum_1"]),
        helper.make_node("Relu", ["sum_1"], ["hidden"]),
        helper.make_node("Gemm", ["hidden", "weight_2", "bias_2"], ["sum_2"]),
        helper.make_node("Relu", ["sum_2"], ["embedding"]),
        helper.make_node("Gemm", ["embedding", "weight_3", "bias_3"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["yes"]),
        helper.make_node("Sub", ["one", "yes"], ["no"]),
        helper.make_node("Concat", ["no", "yes"], ["probabilities"], axis=1),
    ]
    tensor = lambda name, width: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", width])
    outputs = [tensor("probabilities", 2), tensor("embedding", HIDDEN[-1])]
    graph = helper.make_graph(nodes, "wide", [tensor("features", inputs)], outputs, constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def write_audit(folder, data, base, tuned):
    text = AUDIT.format(data=data, base=base, tuned=tuned)
    (folder / f"{data.replace('.', '-')}.toml").write_text(text)


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    table = pq.read_table(FIXTURE / "eval.parquet")

    write_parquet(folder / "speed.parquet", table, ROWS, 0, GROUP)
    write_csv(folder / "speed.csv", pq.ParquetFile(folder / "speed.parquet"))
    for side in ["base", "tuned"]:
        (folder / f"{side}.onnx").write_bytes((FIXTURE / f"{side}.onnx").read_bytes())
    for data in ["speed.parquet", "speed.csv"]:
        write_audit(folder, data, "base.onnx", "tuned.onnx")

    inputs = sum(name.startswith("x_") for name in table.column_names) + NOISE
    write_model(folder / "wide-base.onnx", inputs, 1)
    write_model(folder / "wide-tuned.onnx", inputs, 2)
    wide = {"wide.parquet": (ROWS, GROUP), "wide-one-group.parquet": (ROWS, ROWS), "wide-4m.parquet": (4 * ROWS, GROUP)}
    for data, (rows, group) in wide.items():
        write_parquet(folder / data, table, rows, NOISE, group)
        write_audit(folder, data, "wide-base.onnx", "wide-tuned.onnx")
    write_slices(folder, ROWS)
    (folder / "made").touch()


if __name__ == "__main__":
    main()
