//! What a person reads when the backend has started.

use std::path::Path;

use local::Stack;

use super::arguments::StackArguments;

/// Addresses, and a first conversation to paste. `variables` is the file with the functions' variables.
pub(crate) fn text(stack: &Stack, data: &Path, variables: &Path, arguments: &StackArguments) -> String {
    let (http, socket, stage) = (stack.http_url(), stack.socket_url(), stack.stage());
    let (translator, functions) = (stack.translator(), stack.application().functions.len());
    let data = match &arguments.endpoint {
        Some(elsewhere) => format!("DynamoDB and S3 at {elsewhere}; the signing key in {}", data.display()),
        None => data.display().to_string(),
    };
    let elsewhere = arguments.invoke.as_ref().map_or_else(String::new, |url| {
        format!("\n  Functions    at {url}, which starts them with {}", variables.display())
    });
    let conversation = conversation(&http, &socket);
    format!(
        "Parlance is running, with {functions} functions. Ctrl-C stops it.

  HTTP         {http}
  WebSocket    {socket}/?token=…   (as on AWS: {socket}/{stage}?token=…)
  Translator   {translator}
  Data         {data}{elsewhere}

A first conversation. Paste this into another terminal of this machine:

{conversation}
cargo run -- demo  plays the same and shows both sides.
"
    )
}

/// Lines for a shell. Names are new each time, so that they can be pasted again.
fn conversation(http: &str, socket: &str) -> String {
    format!(
        r#"  # Two people: Ana reads Spanish, Ben reads English.
  now=$(date +%s)
  register() {{
    curl -s {http}/api/auth/register -H 'content-type: application/json' \
      -d '{{"email":"'$1$now'@example.com","username":"'$1$now'","password":"four random words","preferredLanguage":"'$2'"}}'
  }}
  ana=$(register ana es); ben=$(register ben en)
  ana_id=$(echo "$ana" | grep -o 'user_[^"]*' | head -1)
  ana_token=$(echo "$ana" | sed 's/.*"accessToken":"\([^"]*\).*/\1/')
  ben_token=$(echo "$ben" | sed 's/.*"accessToken":"\([^"]*\).*/\1/')

  # Ben opens a conversation with Ana.
  conversation=$(curl -s {http}/api/conversations -H "authorization: Bearer $ben_token" \
    -H 'content-type: application/json' -d '{{"type":"direct","participantIds":["'$ana_id'"]}}' |
    grep -o 'conv_[^"]*' | head -1)

  # Ana listens for a while, and Ben writes to her (with Node's wscat, which the first line fetches once; any WebSocket
  # client will do).
  npx -y wscat --version
  sleep 15 | npx -y wscat -c "{socket}/?token=$ana_token" &
  sleep 5; sleep 5 | npx -y wscat -c "{socket}/?token=$ben_token" -w 3 -x \
    '{{"action":"message:send","data":{{"conversationId":"'$conversation'","content":"I would like to book a table for two people tonight.","tempId":"1"}}}}'

  # What Ana reads.
  curl -s "{http}/api/conversations/$conversation/messages" -H "authorization: Bearer $ana_token"; echo
"#
    )
}
