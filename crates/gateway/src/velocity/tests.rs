//! What templates make, and what they may not.

use serde_json::json;

use super::*;

const BODY: &str = r#"{"a":{"b":[1,"two",{"c":null}]},"t":"x","list":["p","q"],"it's":"\"5/3\"\né"}"#;

fn rendered(template: &str) -> Result<String, Unrendered> {
    let event = json!({
        "requestContext": { "connectionId": "c=", "identity": { "sourceIp": "::1" }, "authorizer": { "principalId": "me" } },
        "queryStringParameters": { "q": "1" },
        "headers": { "X-Head": "2" },
    });
    let stage_variables = [("greeting".to_owned(), "hello".to_owned())].into();
    let scope = Scope { body: BODY, event: &event, stage_variables: &stage_variables };
    Template::read(template).unwrap_or_else(|error| panic!("{template}: {error}")).render(scope)
}

fn each(table: &[(&str, &str)]) {
    for (template, expected) in table {
        assert_eq!(rendered(template).as_deref(), Ok(*expected), "{template}");
    }
}

#[test]
fn w_37_what_templates_can_refer_to() {
    each(&[
        ("plain, $5, $ and # 1 #fff", "plain, $5, $ and # 1 #fff"),
        ("$input.body", BODY),
        ("$input.path('$.t')|$input.json('$.t')", "x|\"x\""),
        ("$input.path(\"$.a.b[1]\")|$input.json('$.a.b')", "two|[1,\"two\",{\"c\":null}]"),
        ("$input.path('$.none')|$input.json('$.none')|$input.path('$.a.b[2].c')", "|\"\"|"),
        ("$input.path('$').a.b[1] $input.path('$.list')[0]", "two p"),
        ("$input.path('$')[\"it's\"].length()", "7"),
        ("$input.params('q')$input.params('x-head')$input.params('none')$input.params().querystring.q", "121"),
        ("${context.connectionId}, $context.identity.sourceIp.", "c=, ::1."),
        ("$context.authorizer.principalId/$context.none", "me/"),
        ("${stageVariables.greeting}$stageVariables.none!", "hello!"),
        ("$unknown|$!unknown|${unknown}|$!{unknown}", "$unknown||${unknown}|"),
        ("\\$input.body \\#set \\n", "$input.body #set \\n"),
    ]);
}

#[test]
fn w_54_util() {
    each(&[
        ("$util.escapeJavaScript($input.path('$')[\"it's\"])", "\\\"5\\/3\\\"\\n\\u00E9"),
        ("$util.base64Encode('a b')|$util.base64Decode('YSBi')", "YSBi|a b"),
        ("$util.urlEncode('a b&c/é')|$util.urlDecode('a+b%26c')", "a+b%26c%2F%C3%A9|a b&c"),
        ("$util.parseJson('{\"k\":[1,2]}').k[1]", "2"),
        ("#set($e = $util.escapeJavaScript(\"it's\").replaceAll(\"\\\\'\", \"'\"))$e", "it's"),
    ]);
    assert!(rendered("$util.parseJson('{')").is_err());
    assert!(rendered("$util.base64Decode('*')").is_err());
}

#[test]
fn w_54_directives() {
    each(&[
        ("#set($a = 1)\n#set ( $b = $a + 2 * 3 )\n$a,$b", "1,7"),
        ("#if($input.path('$.t') == 'x')yes#{else}no#end", "yes"),
        ("#if(false)1#elseif($none)2#elseif('a' == \"a\" && !$none)3#else4#end", "3"),
        ("#foreach($i in [1..3])$i#if($foreach.hasNext),#end#end", "1,2,3"),
        ("#foreach($i in $input.path('$.list'))$velocityCount$i$foreach.index #end$!i", "1p0 2q1 "),
        ("#foreach($i in [3..1])#if($i == 1)#break#end$i#end|$!i", "32|"),
        ("#foreach($e in $input.path('$.a').entrySet())$e.key=$e.value.size()#end", "b=3"),
        ("#foreach($k in $input.path('$').keySet())$k.length()#end", "1144"),
        ("a#stop b", "a"),
        ("a ## comment\nb #* more\n *#c #[[ #set($x) $y ]]#", "a b c  #set($x) $y "),
        (
            "#set($m = {'k': 1, \"l\": [true, null]})#set($m.k = 2)#set($x = $m.put('n', 3))$m",
            r#"{"k":2,"l":[true,null],"n":3}"#,
        ),
        (
            "#set($l = [])#set($x = $l.add('a'))#set($x = $l.add(\"b$x\"))$l.size() $l.get(1) $l",
            r#"2 btrue ["a","btrue"]"#,
        ),
        ("#set($q = \"$input.path('$.t')-\"\"${stageVariables.greeting}\"\"\")$q", "x-\"hello\""),
        ("#set($n = 7)$n.equals(7) #if($n > 6 and $n <= 7 or false)in#end #if(not ($n lt 3))out#end", "true in out"),
        ("#set($f = 1.5)#set($g = $f * 2 - 7 / 2 % 2)$g", "2.0"),
        (
            "#set($s = 'Abc')$s.toUpperCase()$s.substring(1)$s.substring(0,1)$s.contains('b')$s.indexOf('c')",
            "ABCbcAtrue2",
        ),
        ("#set($s = 'a,b')#foreach($p in $s.split(','))[$p]#end$s.replace(',', ';')", "[a][b]a;b"),
    ]);
}

#[test]
fn w_54_what_is_not_velocity_or_not_supported_is_refused() {
    for (template, expected) in [
        ("#macro(a)x#end", "`#macro(a)x#end` of this template is not supported here"),
        ("#include('a')", "`#include('a')` of this template is not supported here"),
        ("$input.path('$..a')", "the path `$..a` of this template is not supported here"),
        ("$util.qr('a')", "the method `qr` of this template is not supported here"),
        ("$a.getClass()", "the method `getClass` of this template is not supported here"),
        ("$input", "`$input` is nothing without"),
        ("$input.bodies", "`$input.bodies` of this template is not supported here"),
        ("#if(true)a", "`#if` has no `#end`"),
        ("#foreach($a in $b)", "`#foreach` has no `#end`"),
        ("a#end", "`#end` ends nothing"),
        ("#else", "`#else` without `#if`"),
        ("#set($a 1)", "`=` is missing before `1)`"),
        ("#set($context.a = 1)", "`#set` cannot change `$context`"),
        ("${context.a", "has no `}`"),
        ("#set($a = 'b)", "has no end"),
        ("#set($a = *)", "is no expression"),
        ("#* a", "has no end"),
    ] {
        let error = Template::read(template).unwrap_err();
        assert!(error.contains(expected), "{template}: {error}");
    }
}

#[test]
fn w_54_depth_work_and_size_are_bounded() {
    for deep in [
        format!("#set($a = {}1{})", "(".repeat(10_000), ")".repeat(10_000)),
        format!("#set($a = {}1)", "!".repeat(10_000)),
        format!("#set($a = 1{})", "+1".repeat(10_000)),
        format!("#set($a = {}", "[".repeat(10_000)),
        "#if(true)".repeat(10_000),
        "$a[".repeat(10_000),
    ] {
        assert!(Template::read(&deep).is_err() || rendered(&deep).is_ok(), "{}", &deep[..20]);
    }
    for costly in [
        "$input.body".repeat(10_000),
        "#foreach($i in [1..1001])#end".to_owned(),
        "#set($a = [1..999999999])".to_owned(),
        "#foreach($i in [1..999])#foreach($j in [1..999])#set($x = $i)#end#end".to_owned(),
        "#set($a = 'xxxxxxxx')#foreach($i in [1..99])#set($a = \"$a$a\")#end".to_owned(),
        "#set($a = 'xxxxxxxx')#foreach($i in [1..99])#set($a = $a + $a)#end".to_owned(),
        "#set($a = [1])#foreach($i in [1..99])#set($a = [$a, $a])#end".to_owned(),
        "#set($a = [1])#foreach($i in [1..999])#set($a = [$a])#end".to_owned(),
        "#set($a = [1])#foreach($i in [1..999])#set($x = $a.add($a))#end".to_owned(),
        "#set($m = {})#foreach($i in [1..999])#set($x = $m.put('m', $m))#end".to_owned(),
        "#set($a = 'aaaaaaaaaaaaaaaa')#foreach($i in [1..99])#set($a = $a.replaceAll('a', '$0$0'))#end".to_owned(),
        "#set($a = 'aaaaaaaaaaaaaaaa')#foreach($i in [1..99])#set($a = $a.replace('a', $a))#end".to_owned(),
    ] {
        assert!(rendered(&costly).is_err(), "{}", &costly[..costly.len().min(80)]);
    }
}
