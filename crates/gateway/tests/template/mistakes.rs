//! Mistakes in sections, values and functions: each is told with its line and column, and all at once.

use std::collections::BTreeMap;

use gateway::template::Settings;

use crate::support::{FUNCTION, application, check, each, function, mistakes, mistakes_of, read_files, try_read};

#[test]
fn files_that_are_no_templates() {
    check(&[
        ("", &["1:1: the template is empty"]),
        ("Description: none\n", &["1:1: the template has no `Resources`"]),
        ("Resources: {}\n", &["1:1: the template has no `Resources`"]),
        ("- a\n", &["1:1: the template has no `Resources`"]),
        ("a: [1\nb: 2\n", &["2:2: invalid YAML: illegal placement of ':' indicator"]),
    ]);
    let missing = gateway::template::read(std::path::Path::new("/nowhere/template.yaml"), &Settings::default());
    let errors = missing.unwrap_err().to_string();
    assert!(errors.starts_with("/nowhere/template.yaml:1:1: cannot read the template: "), "{errors}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latin.yaml");
    std::fs::write(&path, b"Description: caf\xe9\n").unwrap();
    let errors = mistakes_of(gateway::template::read(&path, &Settings::default()));
    assert_eq!(errors, ["latin.yaml:1:1: the template is not UTF-8 text"]);
}

#[test]
fn the_layout() {
    check(&[
        (
            "Parameter: {}\nResources:\n  T: { Type: AWS::DynamoDB::Table }\n",
            &["1:1: unknown section `Parameter` (did you mean `Parameters`?)"],
        ),
        (
            "Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Property: {}\n",
            &["4:5: T: unknown attribute `Property` (did you mean `Properties`?)"],
        ),
        ("Resources:\n  T: { Properties: {} }\n", &["2:3: T: `Type` is missing"]),
        (
            "Resources:\n  my-table: { Type: AWS::DynamoDB::Table }\n",
            &["2:3: `my-table` is no logical id: only letters and digits are allowed"],
        ),
        (
            "Resources:\n  T: { Type: AWS::DynamoDB::Table, Properties: [1] }\n",
            &["2:48: T: `Properties` must be a mapping, not a list"],
        ),
        (
            "Resources:\n  T: { Type: AWS::DynamoDB::Table, DependsOn: [B, U] }\n  B: { Type: AWS::S3::Bucket }\n",
            &["2:51: T: DependsOn names an unknown resource `U` (known: B, T)"],
        ),
    ]);
}

#[test]
fn unknown_names() {
    let properties =
        |value: &str| function(&format!("      Environment:\n        Variables:\n          VALUE: {value}\n"));
    let cases = [
        ("!Ref Tabel", "8:18: unknown reference `Tabel` (known: F)"),
        ("!GetAtt Tabel.Arn", "8:18: unknown reference `Tabel` (known: F)"),
        ("!Sub 'a-${Tabel}-b'", "8:18: unknown reference `Tabel` (known: F)"),
        ("!Sub '${Tabel.Arn}'", "8:18: unknown reference `Tabel` (known: F)"),
        ("!Sub ['${A}${Tabel}', { A: 1 }]", "8:24: unknown reference `Tabel` (known: F)"),
        ("!Sub '${'", "8:18: Fn::Sub: `${` without `}`"),
        ("!If [Missing, 1, 2]", "8:23: unknown condition `Missing` (there are none)"),
        ("!FindInMap [M, a, b]", "8:30: Fn::FindInMap: unknown mapping `M` (there are none)"),
        ("!Select [3, [a, b]]", "8:18: Fn::Select: there is no element 3 in a list of 2"),
        ("!Select [x, [a, b]]", "8:18: Fn::Select: there is no element x in a list of 2"),
        ("!Join [',', text]", "8:30: Fn::Join needs a list, not a single value"),
        ("!GetAtt F", "8:18: Fn::GetAtt takes `Resource.Attribute` or a list of the two"),
        ("!Cidr [a, b]", "8:18: Fn::Cidr takes a list of an address block, a count and a number of bits"),
        ("!Cidr [10.0.0.0/24, 3, 7]", "8:18: Fn::Cidr: `10.0.0.0/24` has no 3 blocks of 7 bits"),
        ("{ 'Fn::Getatt': F.Arn }", "8:18: there is no function Fn::Getatt"),
        ("!Getatt F.Arn", "8:18: unknown function `!Getatt`"),
        ("{ 'Fn::Sub': a, Other: b }", "8:20: `Fn::Sub` must stand alone in its mapping"),
        ("[1, 2]", "8:18: F: `VALUE` must be text, not a list"),
    ];
    for (value, expected) in cases {
        let found = mistakes(&properties(value));
        assert!(found.contains(&expected.to_owned()), "{value}: {found:?}");
        assert!(found.len() == 1 || value.starts_with('{'), "{value}: {found:?}");
    }
}

#[test]
fn unknown_names_are_found_where_nothing_is_resolved() {
    check(&[
        (
            "Conditions:\n  No: !Equals [a, b]\nResources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Condition: No\n    \
             Properties: { TableName: !Sub '${Nmae}' }\n",
            &["7:30: unknown reference `Nmae` (known: T)"],
        ),
        (
            "Conditions:\n  No: !Equals [a, b]\nResources:\n  T:\n    Type: AWS::DynamoDB::Table\n    \
             Properties: { TableName: !If [No, !Ref Nmae, t] }\n",
            &["6:39: unknown reference `Nmae` (known: T)"],
        ),
    ]);
}

#[test]
fn attributes() {
    check(&[
        (
            "Resources:\n  T: { Type: AWS::DynamoDB::Table }\nOutputs:\n  A: { Value: !GetAtt T.Arm }\n",
            &["4:15: `T` (AWS::DynamoDB::Table) has no attribute `Arm` (did you mean `Arn`?)"],
        ),
        (
            "Conditions:\n  No: !Equals [a, b]\nResources:\n  T: { Type: AWS::DynamoDB::Table, Condition: No }\n  \
             B: { Type: AWS::S3::Bucket }\nOutputs:\n  A: { Value: !Ref T }\n",
            &["7:15: `T` is not created: its condition `No` is false"],
        ),
        (
            "Resources:\n  T: { Type: AWS::DynamoDB::Table }\nOutputs:\n  A: { Export: { Name: a } }\n",
            &["4:3: output `A` has no `Value`"],
        ),
    ]);
}

#[test]
fn conditions() {
    let with = |condition: &str| {
        format!(
            "Conditions:\n  C: {condition}\n  D: !Equals [a, a]\nResources:\n  T: {{ Type: AWS::DynamoDB::Table }}\n"
        )
    };
    let cases = [
        ("!Equals [a]", "2:6: Fn::Equals compares exactly two values"),
        ("!Equals [a, !Ref T]", "2:18: a condition cannot refer to the resource `T`, only to parameters and mappings"),
        ("!Not [!Condition E]", "2:12: unknown condition `E` (known: C, D)"),
        ("!And [!Condition D]", "2:6: Fn::And takes a list of 2 to 10 conditions"),
        ("!Or [!Condition D, !Condition C]", "2:25: condition `C` depends on itself"),
        ("!Not [a, b]", "2:6: Fn::Not takes a list of one condition"),
        ("true", "2:6: a condition is one of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition"),
    ];
    each(cases.map(|(condition, expected)| (with(condition), vec![expected])));
    check(&[(
        "Conditions:\n  IsProduction: !Equals [a, b]\nResources:\n  T:\n    Type: AWS::DynamoDB::Table\n    \
         Condition: IsProd\n",
        &["6:16: unknown condition `IsProd` (known: IsProduction)"],
    )]);
}

#[test]
fn mappings() {
    let with = |keys: &str| {
        format!(
            "Mappings:\n  M:\n    one: {{ two: 2 }}\nResources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Properties: {{ TableName: !FindInMap [{keys}] }}\n"
        )
    };
    assert_eq!(mistakes(&with("M, ona, two")), ["7:45: Fn::FindInMap: unknown key `ona` (did you mean `one`?)"]);
    assert_eq!(mistakes(&with("M, one, tow")), ["7:50: Fn::FindInMap: unknown key `tow` (did you mean `two`?)"]);
    assert_eq!(mistakes(&with("M, one")), ["7:30: Fn::FindInMap takes a list of a mapping's name and two keys"]);
}

#[test]
fn parameters() {
    let text = "Parameters:\n  Size: { Type: Number, Default: 5, MinValue: 1, MaxValue: 9 }\n  Secret: { Type: String, NoEcho: true }\n  \
        Stage: { Type: String, Default: dev, AllowedValues: [dev, live] }\n  Kind: { Type: Text, Default: a }\n  \
        Key: { Type: String, Default: abc, AllowedPattern: '[a-z]+', ConstraintDescription: lower case }\n  \
        Word: { Type: String, Default: word, MinLength: 2, MaxLength: 4 }\n\
        Resources:\n  T: { Type: AWS::DynamoDB::Table }\n";
    let told = |given: &[(&str, &str)]| {
        let parameters = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let settings = Settings { parameters, ..Settings::default() };
        mistakes_of(try_read(text, &settings))
    };
    let kind = "template.yaml:5:3: parameter `Kind` has an unknown type `Text`";
    let missing =
        "template.yaml:3:3: parameter `Secret` has no value; give one with --parameter-overrides Secret=Value";
    assert_eq!(told(&[]), [missing, kind]);
    let cases = [
        (
            ("Sise", "3"),
            "2:3: unknown parameter `Sise`; the template's parameters: Key, Kind, Secret, Size, Stage, Word",
        ),
        (("Size", "many"), "2:3: parameter `Size` must be a number"),
        (("Size", "0"), "2:3: parameter `Size` is below its MinValue"),
        (("Size", "10"), "2:3: parameter `Size` is above its MaxValue"),
        (("Stage", "test"), "4:3: parameter `Stage` must be one of dev, live"),
        (("Key", "A1"), "6:3: parameter `Key` is not of its AllowedPattern: lower case"),
        (("Word", "w"), "7:3: parameter `Word` is shorter than its MinLength"),
        (("Word", "words"), "7:3: parameter `Word` is longer than its MaxLength"),
    ];
    for (given, expected) in cases {
        let mut expected = vec![format!("template.yaml:{expected}"), kind.to_owned()];
        expected.sort();
        assert_eq!(told(&[given, ("Secret", "x")]), expected);
    }
}

#[test]
fn a_secret_value_is_never_repeated() {
    let text = "Parameters:\n  Key: { Type: String, NoEcho: true, AllowedValues: [a] }\nResources:\n  T: { Type: AWS::DynamoDB::Table }\n";
    let parameters = BTreeMap::from([("Key".to_owned(), "hunter2".to_owned())]);
    let errors = try_read(text, &Settings { parameters, ..Settings::default() }).unwrap_err().to_string();
    assert!(!errors.contains("hunter2"), "{errors}");
}

#[test]
fn functions() {
    let cases = [
        ("      Timeout: 901\n", "6:16: F: `Timeout` must be a whole number from 1 to 900 (seconds), not `901`"),
        ("      Timeout: 0\n", "6:16: F: `Timeout` must be a whole number from 1 to 900 (seconds), not `0`"),
        ("      Timeout: 2.5\n", "6:16: F: `Timeout` must be a whole number from 1 to 900 (seconds), not `2.5`"),
        ("      MemorySize: 64\n", "6:19: F: `MemorySize` must be a whole number from 128 to 10240 (MB), not `64`"),
        ("      Timout: 5\n", "6:7: F: unknown property `Timout` (did you mean `Timeout`?)"),
        ("      MemorySize: [1]\n", "6:19: F: `MemorySize` must be text, not a list"),
        (
            "      Environment:\n        Variables:\n          AWS_REGION: x\n",
            "8:11: F: the environment variable `AWS_REGION` is reserved by Lambda",
        ),
        (
            "      Environment:\n        Variables:\n          2ND: x\n",
            "8:11: F: `2ND` is no name for an environment variable (letters, digits and `_`, at least two characters, a letter first)",
        ),
        (
            "      InlineCode: 'exports.handler = 1'\n",
            "6:19: F: `InlineCode` is for Node.js and Python, not for `provided.al2023`",
        ),
        ("      FunctionName: { a: b }\n", "6:21: F: `FunctionName` must be text, not a mapping"),
        (
            "      Policies:\n        - DynamoCrudPolicy: { TableName: t }\n",
            "7:11: F: unknown policy template `DynamoCrudPolicy` (did you mean `DynamoDBCrudPolicy`?)",
        ),
        (
            "      Policies:\n        - DynamoDBCrudPolicy: { Table: t }\n",
            "7:31: F: policy template `DynamoDBCrudPolicy` needs `TableName`",
        ),
        (
            "      Policies:\n        - Statement:\n            - { Effect: Allow, Resource: '*' }\n",
            "8:15: F: malformed policy: a statement needs either `Action` or `NotAction`",
        ),
    ];
    each(cases.map(|(properties, expected)| (function(properties), vec![expected])));
    let big = function(&format!("      Environment:\n        Variables:\n          BIG: {}\n", "x".repeat(4094)));
    assert_eq!(mistakes(&big), ["8:11: F: the environment has 4097 bytes; Lambda allows 4096"]);
    application(&big.replacen("BIG: x", "BIG: ", 1));
    let twice = format!(
        "{FUNCTION}      FunctionName: same\n  G:\n    Type: AWS::Serverless::Function\n    Properties: {{ CodeUri: g/, FunctionName: same }}\n"
    );
    assert_eq!(mistakes(&twice), ["7:3: G: F has the name `same` already"]);
}

#[test]
fn globals() {
    let with = |globals: &str| format!("Globals:\n{globals}{FUNCTION}");
    check(&[
        (&with("  Function: { FunctionName: f }\n"), &["2:15: `FunctionName` cannot be set in Globals.Function"]),
        (
            &with("  Functions: { Timeout: 5 }\n"),
            &["2:3: unknown section `Functions` of Globals (did you mean `Function`?)"],
        ),
        (
            &with("  Function: { Timeout: 5000 }\n"),
            &["2:24: F: `Timeout` must be a whole number from 1 to 900 (seconds), not `5000`"],
        ),
    ]);
}

#[test]
fn circles() {
    check(&[
        (
            "Resources:\n  A: { Type: AWS::S3::Bucket, Properties: { BucketName: !Ref B } }\n  B: { Type: AWS::S3::Bucket, Properties: { BucketName: !Sub 'x-${A}' } }\n",
            &["3:57: circular reference: A → B → A"],
        ),
        (
            "Resources:\n  A: { Type: AWS::S3::Bucket, Properties: { BucketName: !Ref A } }\n",
            &["2:57: circular reference: A → A"],
        ),
        (
            "Resources:\n  A: { Type: AWS::S3::Bucket, DependsOn: B }\n  B: { Type: AWS::S3::Bucket, Properties: { Tags: [{ Key: a, Value: !Ref A }] } }\n",
            &["3:69: circular reference: A → B → A"],
        ),
    ]);
    // The API's definition names the function, so the function cannot name the API: AWS refuses the stack.
    let event = "      Events:\n        E: { Type: HttpApi, Properties: { Path: /, Method: get } }\n";
    let circle = function(&format!(
        "      Environment: {{ Variables: {{ URL: !GetAtt ServerlessHttpApi.ApiEndpoint }} }}\n{event}"
    ));
    assert_eq!(mistakes(&circle), ["8:9: circular reference: F → ServerlessHttpApi → F"]);
}

#[test]
fn nested() {
    let parent = |properties: &str, output: &str| {
        format!(
            "Resources:\n  N:\n    Type: AWS::Serverless::Application\n    Properties: {{ {properties} }}\nOutputs:\n  O: {{ Value: !GetAtt {output} }}\n"
        )
    };
    let child = "Parameters:\n  P: { Type: String }\nResources:\n  T: { Type: AWS::DynamoDB::Table, Properties: { TableName: !Ref P } }\nOutputs:\n  Name: { Value: !Ref T }\n";
    let told = |properties: &str, output: &str, child: &str| {
        let text = parent(properties, output);
        mistakes_of(read_files(&[("template.yaml", &text), ("child.yaml", child)], &Settings::default()))
    };
    let good = "Location: child.yaml, Parameters: { P: p }";
    assert_eq!(
        told(good, "N.Outputs.Nmae", child),
        ["template.yaml:6:15: `N` has no output `Nmae` (did you mean `Name`?)"]
    );
    assert_eq!(
        told(good, "N.Arn", child),
        ["template.yaml:6:15: `N` is a nested stack: its attributes are `Outputs.<Name>`, not `Arn`"]
    );
    assert_eq!(
        told("Location: child.yaml", "N.Outputs.Name", child),
        ["child.yaml:2:3: parameter `P` has no default, and the parent template passes no value"]
    );
    assert_eq!(
        told("Location: child.yaml, Parameters: { P: p, Q: q }", "N.Outputs.Name", child),
        ["template.yaml:4:64: unknown parameter `Q`; the template's parameters: P"]
    );
    let found = told("Location: other.yaml", "N.Outputs.Name", child);
    assert!(found.len() == 1 && found[0].starts_with("template.yaml:4:29: N: there is no template "), "{found:?}");
    assert_eq!(
        told("Location: template.yaml", "N.Outputs.Name", child),
        ["template.yaml:4:29: N: the template includes itself"]
    );
    assert_eq!(
        told(good, "N.Outputs.Name", &child.replace("!Ref P", "!Ref Q")),
        ["child.yaml:4:61: unknown reference `Q` (known: P, T)"]
    );
    assert_eq!(
        told(good, "N.Outputs.Name", "Resources: [\n"),
        ["child.yaml:2:1: invalid YAML: while parsing a node, did not find expected node content"]
    );
    let back =
        "Resources:\n  M:\n    Type: AWS::CloudFormation::Stack\n    Properties: { TemplateURL: template.yaml }\n";
    assert_eq!(
        told("Location: child.yaml", "N.Outputs.Name", back),
        [
            "child.yaml:4:32: M: the template includes itself",
            "template.yaml:6:15: `N` has no output `Name` (there are none)"
        ]
    );
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_file() {
    let text = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: f/\n      Timeout: 0\n      MemorySize: 1\n      \
        Environment: { Variables: { A1: !Ref X, A2: !Ref Y, AWS_REGION: z } }\n      Policies: [{ NoPolicy: {} }]\n";
    assert_eq!(mistakes(text).len(), 6);
    let lines: Vec<String> = mistakes(text).iter().map(|line| line.split(':').next().unwrap().to_owned()).collect();
    assert_eq!(lines, ["6", "7", "8", "8", "8", "9"]);
}
