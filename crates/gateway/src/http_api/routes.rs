//! Which route serves a request (gateway facts H-01 to H-09).

use std::cmp::Reverse;

use percent_encoding::percent_decode_str;

use crate::Behaviour;
use crate::model::{HttpApi, HttpRoute};

/// A route that serves a request.
#[derive(Debug, Clone)]
pub struct Match<'a> {
    /// The route.
    pub route: &'a HttpRoute,
    /// Values of its path variables, decoded (H-25), in the order of the template.
    pub parameters: Vec<(String, String)>,
}

/// What is left of a request's path once the stage is taken off (H-01); `None` when it names no stage of this API.
pub fn below_stage<'p>(stage: &str, path: &'p str) -> Option<&'p str> {
    if stage == "$default" {
        return Some(path);
    }
    let rest = path.strip_prefix('/')?;
    let (first, below) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, "/"),
    };
    (decode(first) == stage).then_some(below)
}

/// The API that serves a path and the route in it. Among several APIs on one port the first with a matching route
/// wins; without any, the first whose stage matches answers 404 (and preflights).
pub fn find<'a>(
    apis: impl IntoIterator<Item = &'a HttpApi>,
    method: &str,
    path: &str,
    behaviour: &Behaviour,
) -> Option<(&'a HttpApi, Option<Match<'a>>)> {
    let mut first = None;
    for api in apis {
        let Some(below) = below_stage(&api.stage, path) else { continue };
        if let Some(found) = choose(&api.routes, method, below, behaviour) {
            return Some((api, Some(found)));
        }
        first = first.or(Some((api, None)));
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
    use crate::model::Location;

    fn routes(keys: &[&str]) -> Vec<HttpRoute> {
        let route = |key: &&str| {
            let (method, path) = key.split_once(' ').unwrap_or(("$default", ""));
            HttpRoute {
                method: method.to_owned(),
                path: path.to_owned(),
                function: "F".to_owned(),
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
        assert_eq!(below_stage("$default", "/dev/x"), Some("/dev/x"));
        assert_eq!(below_stage("dev", "/dev/x"), Some("/x"));
        assert_eq!(below_stage("dev", "/dev"), Some("/"));
        assert_eq!(below_stage("dev", "/development/x"), None);
        assert_eq!(below_stage("dev", "/x"), None);
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
            stage: stage.to_owned(),
            stage_variables: std::collections::BTreeMap::new(),
            routes: routes(keys),
            cors: None,
            location: Location { file: PathBuf::new(), line: 1, column: 1 },
        };
        let apis = [api("dev", &["GET /x"]), api("$default", &["GET /y"])];
        let behaviour = Behaviour::default();
        let (found, route) = find(&apis, "GET", "/y", &behaviour).unwrap();
        assert_eq!((found.stage.as_str(), route.is_some()), ("$default", true));
        let (found, route) = find(&apis, "GET", "/dev/x", &behaviour).unwrap();
        assert_eq!((found.stage.as_str(), route.is_some()), ("dev", true));
        let (found, route) = find(&apis, "GET", "/dev/z", &behaviour).unwrap();
        assert_eq!((found.stage.as_str(), route.is_some()), ("dev", false));
        assert!(find(&apis[..1], "GET", "/y", &behaviour).is_none());
    }
}
