//! Which route serves a request (gateway facts H-01 to H-09).

use std::cmp::Reverse;

use percent_encoding::percent_decode_str;

use crate::Behaviour;
use crate::model::{HttpApi, HttpRoute, Stage};

/// A route that serves a request.
#[derive(Debug, Clone)]
pub struct Match<'a> {
    /// The route.
    pub route: &'a HttpRoute,
    /// Values of its path variables, decoded (H-25), in the order of the template.
    pub parameters: Vec<(String, String)>,
}

/// The stage a path selects, and what is left of the path below it (H-01): a stage's name in the first segment, else
/// `$default`, else none.
pub fn stage<'a, 'p>(stages: &'a [Stage], path: &'p str) -> Option<(&'a Stage, &'p str)> {
    let rest = path.strip_prefix('/').unwrap_or(path);
    let (first, below) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, "/"),
    };
    let first = decode(first);
    let named = stages.iter().find(|stage| stage.name == first && stage.name != "$default");
    let default = || stages.iter().find(|stage| stage.name == "$default").map(|stage| (stage, path));
    named.map(|stage| (stage, below)).or_else(default)
}

/// What serves a request.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// The API.
    pub api: &'a HttpApi,
    /// Its stage.
    pub stage: &'a Stage,
    /// The route, if there is one: without, the answer is 404 (or a preflight's).
    pub route: Option<Match<'a>>,
}

/// The API, stage and route that serve a path. Among several APIs on one port the first with a matching route wins;
/// without any, the first whose stage matches.
pub fn find<'a>(
    apis: impl IntoIterator<Item = &'a HttpApi>,
    method: &str,
    path: &str,
    behaviour: &Behaviour,
) -> Option<Found<'a>> {
    let mut first = None;
    for api in apis {
        let Some((stage, below)) = stage(&api.stages, path) else { continue };
        let route = choose(&api.routes, method, below, behaviour);
        let found = Found { api, stage, route };
        if found.route.is_some() {
            return Some(found);
        }
        first = first.or(Some(found));
    }
    first
}

/// The route of highest priority (H-02, H-07): full matches, then greedy ones, then `$default`; among those more
/// literal segments, more segments before the greedy one, fewer variables; of one path the explicit method (H-04).
///
/// `path` is below the stage, still percent-encoded.
pub fn choose<'a>(routes: &'a [HttpRoute], method: &str, path: &str, behaviour: &Behaviour) -> Option<Match<'a>> {
    let matching = routes.iter().filter_map(|route| {
        let (rank, parameters) = matches(route, method, path, behaviour)?;
        Some((rank, Match { route, parameters }))
    });
    // The first of equal rank: a template cannot have two alike.
    matching.min_by_key(|(rank, _)| *rank).map(|(_, found)| found)
}

/// Lower is better.
type Rank = (u8, Reverse<usize>, Reverse<usize>, usize, bool);

fn matches(
    route: &HttpRoute,
    method: &str,
    path: &str,
    behaviour: &Behaviour,
) -> Option<(Rank, Vec<(String, String)>)> {
    if route.method == "$default" {
        return Some(((2, Reverse(0), Reverse(0), 0, true), Vec::new()));
    }
    let any = route.method == "ANY";
    if !any && route.method != method {
        return None;
    }
    let wanted: Vec<&str> = segments(&route.path).collect();
    let mut given: Vec<&str> = segments(path).collect();
    if behaviour.trailing_slash_matches && given.len() > 1 && given.last() == Some(&"") {
        given.pop();
    }
    let (mut literals, mut variables, mut parameters) = (0, 0, Vec::new());
    for (at, segment) in wanted.iter().enumerate() {
        match variable(segment) {
            Some((name, true)) => {
                let value = given.get(at..)?.join("/");
                if value.is_empty() && !(at == 0 && behaviour.greedy_matches_root) {
                    return None;
                }
                parameters.push((name.to_owned(), decode(&value)));
                return Some(((1, Reverse(literals), Reverse(at), variables, any), parameters));
            }
            Some((name, false)) => {
                let value = given.get(at).filter(|value| !value.is_empty())?;
                parameters.push((name.to_owned(), decode(value)));
                variables += 1;
            }
            None => {
                given.get(at).filter(|given| decode(given) == **segment)?;
                literals += 1;
            }
        }
    }
    (wanted.len() == given.len()).then_some(((0, Reverse(literals), Reverse(wanted.len()), variables, any), parameters))
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

/// Name of a `{variable}` segment, and whether it is greedy (`{variable+}`).
fn variable(segment: &str) -> Option<(&str, bool)> {
    let name = segment.strip_prefix('{')?.strip_suffix('}')?;
    Some(name.strip_suffix('+').map_or((name, false), |name| (name, true)))
}

/// Percent-decodes a part of a path; bytes that are not UTF-8 become U+FFFD.
pub(crate) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::model::{Authorization, Location, Mapping, PayloadFormat, Throttling};

    fn stages(names: &[&str]) -> Vec<Stage> {
        let stage = |name: &&str| Stage {
            name: (*name).to_owned(),
            variables: std::collections::BTreeMap::new(),
            throttling: Throttling::default(),
            location: Location { file: PathBuf::new(), line: 1, column: 1 },
        };
        names.iter().map(stage).collect()
    }

    fn routes(keys: &[&str]) -> Vec<HttpRoute> {
        let route = |key: &&str| {
            let (method, path) = key.split_once(' ').unwrap_or(("$default", ""));
            HttpRoute {
                method: method.to_owned(),
                path: path.to_owned(),
                function: "F".to_owned(),
                backend: None,
                mapping: Mapping::default(),
                payload_format: PayloadFormat::V2,
                authorization: Authorization::Open,
                timeout: Duration::from_secs(30),
                location: Location { file: PathBuf::new(), line: 1, column: 1 },
            }
        };
        keys.iter().map(route).collect()
    }

    fn chosen(keys: &[&str], request: &str) -> Option<(String, Vec<(String, String)>)> {
        chosen_by(keys, request, &Behaviour::default())
    }

    fn chosen_by(keys: &[&str], request: &str, behaviour: &Behaviour) -> Option<(String, Vec<(String, String)>)> {
        let (method, path) = request.split_once(' ').unwrap();
        let routes = routes(keys);
        choose(&routes, method, path, behaviour).map(|found| (found.route.key(), found.parameters))
    }

    fn key(keys: &[&str], request: &str) -> Option<String> {
        chosen(keys, request).map(|(key, _)| key)
    }

    #[test]
    fn h01_the_stage_is_the_first_segment() {
        let selected = |names: &[&str], path: &str| {
            let stages = stages(names);
            stage(&stages, path).map(|(stage, below)| format!("{} {below}", stage.name))
        };
        let table = [
            (&["$default"][..], "/dev/x", Some("$default /dev/x")),
            (&["dev"], "/dev/x", Some("dev /x")),
            (&["dev"], "/dev", Some("dev /")),
            (&["dev"], "/development/x", None),
            (&["dev"], "/x", None),
            (&["$default", "dev"], "/dev/x", Some("dev /x")),
            (&["$default", "dev"], "/x", Some("$default /x")),
            (&["$default"], "/$default/x", Some("$default /$default/x")),
        ];
        for (names, path, expected) in table {
            assert_eq!(selected(names, path).as_deref(), expected, "{names:?} {path}");
        }
    }

    #[test]
    fn h03_documented_route_table() {
        let keys = ["GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default"];
        let table = [
            ("GET /pets/dog/1", "GET /pets/dog/1"),
            ("GET /pets/dog/2", "GET /pets/dog/{id}"),
            ("GET /pets/cat/1", "GET /pets/{proxy+}"),
            ("POST /test/5", "ANY /{proxy+}"),
        ];
        for (request, route) in table {
            assert_eq!(key(&keys, request).as_deref(), Some(route), "{request}");
            let reversed: Vec<_> = keys.iter().rev().copied().collect();
            assert_eq!(key(&reversed, request).as_deref(), Some(route), "{request}, template reversed");
        }
    }

    #[test]
    fn h02_without_a_match_there_is_no_route() {
        assert_eq!(key(&["GET /pets"], "GET /cats"), None);
        assert_eq!(key(&["GET /pets"], "POST /pets"), None);
        assert_eq!(key(&["GET /pets/{id}"], "GET /pets"), None);
        assert_eq!(key(&["GET /pets", "$default"], "POST /cats").as_deref(), Some("$default"));
    }

    #[test]
    fn h04_any_serves_the_methods_without_a_route_of_their_own() {
        let keys = ["ANY /x", "GET /x"];
        assert_eq!(key(&keys, "GET /x").as_deref(), Some("GET /x"));
        assert_eq!(key(&keys, "PUT /x").as_deref(), Some("ANY /x"));
    }

    #[test]
    fn h05_a_greedy_value_is_the_rest_without_its_first_slash() {
        let (_, parameters) = chosen(&["ANY /{proxy+}"], "GET /trpc/health").unwrap();
        assert_eq!(parameters, [("proxy".to_owned(), "trpc/health".to_owned())]);
    }

    #[test]
    fn h06_a_greedy_variable_is_empty_only_at_the_root() {
        assert_eq!(key(&["ANY /{proxy+}"], "GET /").as_deref(), Some("ANY /{proxy+}"));
        let strict = Behaviour { greedy_matches_root: false, ..Behaviour::default() };
        assert_eq!(chosen_by(&["ANY /{proxy+}"], "GET /", &strict), None);
        assert_eq!(key(&["ANY /resource/{id}/{proxy+}"], "GET /resource/123"), None);
        assert_eq!(key(&["ANY /resource/{id}/{proxy+}"], "GET /resource/123/"), None);
    }

    #[test]
    fn h06_literals_are_case_sensitive() {
        assert_eq!(key(&["GET /Pets"], "GET /pets"), None);
    }

    #[test]
    fn h07_more_literals_win_then_more_segments_before_the_greedy_one() {
        assert_eq!(key(&["GET /{a}/dog", "GET /{a}/{b}"], "GET /pets/dog").as_deref(), Some("GET /{a}/dog"));
        let greedy = ["ANY /{proxy+}", "ANY /{a}/{proxy+}", "ANY /pets/{proxy+}"];
        assert_eq!(key(&greedy, "GET /pets/x").as_deref(), Some("ANY /pets/{proxy+}"));
        assert_eq!(key(&greedy, "GET /cats/x").as_deref(), Some("ANY /{a}/{proxy+}"));
    }

    #[test]
    fn h09_a_trailing_slash_matches_only_by_the_switch() {
        assert_eq!(key(&["GET /x"], "GET /x/"), None);
        assert_eq!(key(&["GET /x/{id}"], "GET /x/"), None);
        let lenient = Behaviour { trailing_slash_matches: true, ..Behaviour::default() };
        assert!(chosen_by(&["GET /x"], "GET /x/", &lenient).is_some());
        assert_eq!(key(&["GET /x", "$default"], "GET /x/").as_deref(), Some("$default"));
    }

    #[test]
    fn h25_path_parameters_are_decoded_and_an_encoded_slash_separates_nothing() {
        let (_, parameters) = chosen(&["GET /users/{name}/x"], "GET /users/Jos%C3%A9%2FDoe/x").unwrap();
        assert_eq!(parameters, [("name".to_owned(), "José/Doe".to_owned())]);
        assert_eq!(key(&["GET /a b"], "GET /a%20b").as_deref(), Some("GET /a b"));
    }

    #[test]
    fn several_apis_share_a_port() {
        let api = |stage: &str, keys: &[&str]| HttpApi {
            logical_id: stage.to_owned(),
            api_id: "a".to_owned(),
            stages: stages(&[stage]),
            routes: routes(keys),
            cors: None,
            authorizers: std::collections::BTreeMap::new(),
            location: Location { file: PathBuf::new(), line: 1, column: 1 },
        };
        let apis = [api("dev", &["GET /x"]), api("$default", &["GET /y"])];
        let behaviour = Behaviour::default();
        let found = |path: &str| {
            let found = find(&apis, "GET", path, &behaviour).unwrap();
            (found.stage.name.clone(), found.route.is_some())
        };
        assert_eq!(found("/y"), ("$default".to_owned(), true));
        assert_eq!(found("/dev/x"), ("dev".to_owned(), true));
        assert_eq!(found("/dev/z"), ("dev".to_owned(), false));
        assert!(find(&apis[..1], "GET", "/y", &behaviour).is_none());
    }
}
