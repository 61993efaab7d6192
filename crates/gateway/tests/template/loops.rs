//! `Fn::ForEach` (T-06).

use gateway::template::Settings;

use crate::support::{application, each, mistakes, try_read};

const LOOPS: &str = r#"Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters:
  Names: { Type: CommaDelimitedList, Default: "pets,sea-lions" }
Conditions:
  'Fn::ForEach::Wanted':
    - Name
    - [Cats, Dogs]
    - 'With${Name}': !Equals [!Ref Name, Cats]
Resources:
  'Fn::ForEach::Functions':
    - Name
    - !Ref Names
    - 'Get&{Name}':
        Type: AWS::Serverless::Function
        Properties:
          FunctionName: !Sub '${AWS::StackName}-${Name}'
          CodeUri: 'target/lambda/${Name}/'
          Handler: bootstrap
          Runtime: provided.al2023
          Environment:
            Variables:
              NAME: !Ref Name
              'Fn::ForEach::Variables':
                - Letter
                - [A, B]
                - 'OF_${Letter}': !Join ['-', [!Ref Letter, !Ref Name]]
          Events:
            'Fn::ForEach::Routes':
              - Method
              - [GET, PUT]
              - 'On${Method}': { Type: HttpApi, Properties: { Path: '/${Name}', Method: !Ref Method } }
  'Fn::ForEach::Tables':
    - Name
    - [Cats, Dogs]
    - '${Name}Table': { Type: AWS::DynamoDB::Table, Condition: 'With${Name}', Properties: { TableName: !Ref Name } }
Outputs:
  'Fn::ForEach::Outer':
    - Attribute
    - [Arn]
    - 'Fn::ForEach::Inner':
        - Name
        - [pets, sealions]
        - '${Name}${Attribute}': { Value: !GetAtt ['Get${Name}', !Ref Attribute] }
"#;

#[test]
fn t_06_loops_are_written_out() {
    let application = application(LOOPS);
    let functions: Vec<_> = application.functions.values().map(|f| (f.logical_id.as_str(), f.name.as_str())).collect();
    assert_eq!(functions, [("Getpets", "parlance-pets"), ("Getsealions", "parlance-sea-lions")]);
    let second = &application.functions["Getsealions"];
    assert!(second.code.ends_with("target/lambda/sea-lions"), "{:?}", second.code);
    let variables: Vec<_> = second.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(variables, [("NAME", "sea-lions"), ("OF_A", "A-sea-lions"), ("OF_B", "B-sea-lions")]);
    let mut routes: Vec<_> = application.http_apis["ServerlessHttpApi"]
        .routes
        .iter()
        .map(|route| (route.method.as_str(), route.path.as_str(), route.function.as_str()))
        .collect();
    routes.sort_unstable();
    let [first, other] = [("/pets", "Getpets"), ("/sea-lions", "Getsealions")];
    let expected =
        [("GET", first.0, first.1), ("GET", other.0, other.1), ("PUT", first.0, first.1), ("PUT", other.0, other.1)];
    assert_eq!(routes, expected);
    let tables: Vec<_> = application.resources.iter().filter(|(_, resource)| resource.kind.contains("Table")).collect();
    assert_eq!(tables.len(), 1);
    assert_eq!(tables[0].1.properties["TableName"], "Cats");
    assert_eq!(application.outputs["sealionsArn"], "arn:aws:lambda:us-east-1:000000000000:function:parlance-sea-lions");
}

#[test]
fn t_06_the_collection_may_be_given_from_outside() {
    let settings =
        Settings { parameters: [("Names".to_owned(), "pets,sealions,newts".to_owned())].into(), ..Settings::default() };
    let ids: Vec<_> = try_read(LOOPS, &settings).unwrap().functions.into_keys().collect();
    assert_eq!(ids, ["Getnewts", "Getpets", "Getsealions"]);
}

#[test]
fn t_06_mistakes_in_loops_are_told_where_they_stand() {
    let table = "{ Type: AWS::DynamoDB::Table }";
    let of = |value: &str| {
        format!(
            "Transform: AWS::LanguageExtensions\nParameters:\n  P: {{ Type: String, Default: p }}\nResources:\n  T: {table}\n  'Fn::ForEach::L': {value}\n"
        )
    };
    each([
        (
            of(&format!("[N, [A], {{ '${{N}}': {table} }}]"))
                .replace("Transform: AWS::LanguageExtensions", "Transform: AWS::Serverless-2016-10-31"),
            vec!["6:3: Fn::ForEach::L: Fn::ForEach needs `Transform: AWS::LanguageExtensions`"],
        ),
        (of("[N, [A]]"), vec!["6:21: Fn::ForEach::L: a loop is a list of an identifier, a collection and a mapping"]),
        (of("{}"), vec!["6:21: Fn::ForEach::L: a loop is a list of an identifier, a collection and a mapping"]),
        (
            of(&format!("[N, [A], {{ Fixed: {table} }}]")),
            vec!["6:32: Fn::ForEach::L: the key `Fixed` needs `${N}` or `&{N}`"],
        ),
        (
            of(&format!("[N, P, {{ 'X${{N}}': {table} }}]")),
            vec!["6:25: the collection of a loop is a list, not a single value"],
        ),
        (
            of(&format!("[N, [{{ a: b }}], {{ 'X${{N}}': {table} }}]")),
            vec!["6:26: a value of a loop is text, not a mapping"],
        ),
        (of(&format!("[P, [A], {{ 'X${{P}}': {table} }}]")), vec!["6:22: Fn::ForEach::L: `P` is taken already"]),
        (of(&format!("[N, [T], {{ '${{N}}': {table} }}]")), vec!["6:3: Fn::ForEach::L: `T` is there already"]),
        (
            of(&format!("[N, [a-b], {{ '${{N}}': {table} }}]")),
            vec!["6:34: `a-b` is no logical id: only letters and digits are allowed"],
        ),
        (
            of(&format!("[N, [A], {{ 'Fn::ForEach::M': [N, [B], {{ '${{N}}': {table} }}] }}]")),
            // The outer loop has replaced the inner one's identifier in the keys; the name itself stays.
            vec!["6:51: Fn::ForEach::M: `N` is taken already"],
        ),
    ]);
}

#[test]
fn t_06_loops_do_not_fill_the_memory() {
    let values = ["abcdefghij"; 100].join(",");
    let mut text = format!(
        "'${{V0}}${{V1}}${{V2}}${{V3}}': {{ Type: AWS::DynamoDB::Table, Properties: {{ TableName: '{}' }} }}",
        "${V3}".repeat(1000)
    );
    for loop_ in (0..4).rev() {
        text = format!("'Fn::ForEach::L{loop_}': [V{loop_}, [{values}], {{ {text} }}]");
    }
    let told = mistakes(&format!("Transform: AWS::LanguageExtensions\nResources: {{ {text} }}\n"));
    assert!(
        told.iter().any(|line| line.ends_with("the loops of this template make more than 2097152 bytes")),
        "{told:?}"
    );
}
