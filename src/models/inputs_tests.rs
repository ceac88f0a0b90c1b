//! Inputs of the kinds that exporters write, against columns that fit and columns that do not.

use super::*;

fn column(name: &str, kind: ColumnKind) -> ColumnInfo {
    let dtype = match kind {
        ColumnKind::Text => "string",
        ColumnKind::Integer => "int64",
        ColumnKind::Float => "float64",
        ColumnKind::Boolean => "bool",
        ColumnKind::Other => "list of int64",
    };
    ColumnInfo { name: name.into(), kind, dtype: dtype.into() }
}

fn floats(names: &[&str]) -> Vec<ColumnInfo> {
    names.iter().map(|name| column(name, ColumnKind::Float)).collect()
}

fn port(name: &str, element: Element, dims: &[Option<u64>]) -> Port {
    Port { name: name.into(), shape: Shape::Tensor(element, dims.to_vec()) }
}

fn model(inputs: Vec<Port>) -> Signature {
    Signature { inputs, outputs: vec![] }
}

fn spec(inputs: &[(&str, InputColumns)]) -> OnnxSpec {
    let inputs = inputs
        .iter()
        .map(|(name, columns)| (name.to_string(), InputSpec { columns: columns.clone(), round: false, tokens: None }));
    OnnxSpec { path: "model.onnx".into(), inputs: inputs.collect(), ..OnnxSpec::default() }
}

fn features(width: u64) -> Signature {
    model(vec![port("features", Element::Float32, &[None, Some(width)])])
}

fn problem(spec: &OnnxSpec, signature: &Signature, columns: &[ColumnInfo]) -> String {
    Feed::plan(spec, signature, columns, Path::new("")).unwrap_err().join("\n")
}

#[test]
fn the_one_prefix_that_fits_is_taken() {
    let plan =
        Feed::plan(&spec(&[]), &features(3), &floats(&["income", "x_b", "x_a", "x_c_1", "y_1", "y_2"]), Path::new(""))
            .unwrap();
    assert_eq!(plan.inferred, ["input features takes the 3 columns whose names start with x_"]);
    let names: Vec<String> = plan.feed.columns().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["x_b", "x_a", "x_c_1"], "in file order");
    assert_eq!(plan.feed.batch(), None);
}

#[test]
fn no_prefix_or_several_are_problems() {
    let found = problem(&spec(&[]), &features(4), &floats(&["x_1", "x_2", "x_3"]));
    assert!(
        found.contains("float32 [N, 4]") && found.contains("no prefix has exactly 4 columns (the largest, x_, has 3)"),
        "{found}"
    );
    let found = problem(&spec(&[]), &features(2), &floats(&["x_1", "x_2", "y_1", "y_2"]));
    assert!(found.contains("several prefixes have 2 columns: x_, y_"), "{found}");
    assert!(problem(&spec(&[]), &features(1), &floats(&["feature"])).contains("did you mean feature?"));
    assert!(
        problem(&spec(&[]), &model(vec![port("input_ids", Element::Int64, &[None, None])]), &[])
            .contains("tokens of a text")
    );
}

#[test]
fn one_column_for_each_input_as_exporters_of_pipelines_write() {
    let inputs = vec![
        port("age", Element::Float32, &[None, Some(1)]),
        port("credit_amount", Element::Int64, &[None, Some(1)]),
        port("sex", Element::Text, &[None]),
    ];
    let columns = [
        column("age", ColumnKind::Integer),
        column("credit-amount", ColumnKind::Float),
        column("sex", ColumnKind::Text),
    ];
    let plan = Feed::plan(&spec(&[]), &model(inputs.clone()), &columns, Path::new("")).unwrap();
    assert_eq!(
        plan.inferred,
        [
            "inputs age, sex take the columns of their names",
            "inputs of nearly the same name: credit_amount takes column credit-amount"
        ]
    );
    assert_eq!(plan.feed.columns()[2], ("sex".to_owned(), Want::Text));
    let mut twice = columns.to_vec();
    twice.push(column("credit.amount", ColumnKind::Float));
    assert!(
        problem(&spec(&[]), &model(inputs), &twice).contains("there is no column credit_amount"),
        "ambiguous after renaming"
    );
}

#[test]
fn what_the_audit_file_says_is_checked() {
    let columns = [column("x_1", ColumnKind::Float), column("x_2", ColumnKind::Text), column("x_3", ColumnKind::Other)];
    let with = |columns: InputColumns| spec(&[("features", columns)]);
    let found = problem(&with(InputColumns::Prefix("x_".into())), &features(2), &columns);
    assert_eq!(
        found,
        "input features is float32 [N, 2], and column x_2 holds string\ninput features is float32 [N, 2], and column x_3 holds list of int64\ninput features is float32 [N, 2] and takes 2 columns, not 3"
    );
    let found =
        problem(&with(InputColumns::Columns(vec!["x_1".into(), "x_11".into(), "y".into()])), &features(3), &columns);
    assert_eq!(
        found,
        "input features: there is no column x_11 (did you mean x_1?)\ninput features: there is no column y"
    );
    let found = problem(&spec(&[("feature", InputColumns::Prefix("x_".into()))]), &features(1), &floats(&["features"]));
    assert_eq!(found, "the model has no input feature (did you mean features?); its inputs are features");
    assert!(
        Feed::plan(&with(InputColumns::Column("x_1".into())), &features(1), &columns, Path::new(""))
            .unwrap()
            .inferred
            .is_empty()
    );
}

#[test]
fn numbers_fill_strings_and_texts_fill_no_numbers() {
    let text = model(vec![port("code", Element::Text, &[None, Some(1)])]);
    assert!(Feed::plan(&spec(&[]), &text, &[column("code", ColumnKind::Integer)], Path::new("")).is_ok());
    let number = model(vec![port("code", Element::Int64, &[None, Some(1)])]);
    assert!(problem(&spec(&[]), &number, &[column("code", ColumnKind::Text)]).contains("column code holds string"));
}

#[test]
fn shapes_that_no_column_fills_are_refused() {
    let image = model(vec![port("image", Element::Float32, &[None, Some(3), None, None])]);
    assert!(
        problem(&spec(&[]), &image, &[]).contains("float32 [N, 3, ?, ?], and only inputs of one or two dimensions")
    );
    let bytes = model(vec![port("a", Element::UInt8, &[None, Some(1)])]);
    assert!(problem(&spec(&[]), &bytes, &floats(&["a"])).contains("uint8"));
}

#[test]
fn a_fixed_batch_is_told() {
    let fixed = |rows| {
        vec![port("a", Element::Float32, &[Some(32), Some(1)]), port("b", Element::Float32, &[Some(rows), Some(1)])]
    };
    assert_eq!(
        Feed::plan(&spec(&[]), &model(fixed(32)), &floats(&["a", "b"]), Path::new("")).unwrap().feed.batch(),
        Some(32)
    );
    assert!(problem(&spec(&[]), &model(fixed(8)), &floats(&["a", "b"])).contains("32 rows at a time and input b 8"));
}

#[test]
fn prefixes_with_the_same_columns_are_one() {
    assert_eq!(prefixes(&["x_a_1", "x_a_2", "y"]), BTreeMap::from([("x_".to_owned(), 2)]));
    let groups = prefixes(&["x_a_1", "x_a_2", "x_b"]);
    assert_eq!((groups["x_"], groups["x_a_"]), (3, 2));
}

#[test]
fn keys_are_quoted_where_toml_asks_for_it() {
    assert_eq!((key("age"), key("a.b")), ("age".to_owned(), "\"a.b\"".to_owned()));
}
