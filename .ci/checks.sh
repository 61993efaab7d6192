# The checks that are more than one command. Sourced by .ci/run, after .ci/tools.sh.

templates=(template.yaml infra/*.yaml tools/probe/template.yaml)

# Two at a time: most of it is starting Python.
check_templates() {
  printf '%s\0' "${templates[@]}" | xargs -0 -P 2 -n 1 sam validate --lint --template
}

# `sam validate --lint` reads a template but does not run the SAM transform, which refuses more: this runs it.
check_expanded_templates() {
  "$python" .ci/expand.py "${templates[@]}"
}

check_openapi() {
  openapi-spec-validator --schema 3.1 --validation-errors all docs/api/openapi.json
}

check_asyncapi() {
  NODE_PATH=$asyncapi_modules/node_modules node .ci/asyncapi/validate.cjs docs/api/asyncapi.json
}

cargo_deny() {
  cargo deny --locked --all-features check "$@"
}

# The advisories are a Git repository of their own; some build machines cannot reach it.
check_advisories() {
  local database=https://github.com/rustsec/advisory-db
  if timeout 30 git ls-remote --quiet "$database" HEAD >/dev/null 2>&1; then
    cargo_deny advisories
  else
    echo "SKIPPED: $database cannot be reached from here, so known vulnerabilities were not looked up"
  fi
}

# The README's command. Here the tests may not do without the real translation engine and the clients by which functions
# for Python and Node.js run.
check_tests() {
  PARLANCE_REQUIRE_APERTIUM=1 PARLANCE_REQUIRE_RUNTIME_CLIENTS=1 cargo test --workspace --no-fail-fast
}

# By programs that the tests have built.
check_websockets() {
  timeout 120 "$python" .ci/websockets_peer.py "$CARGO_TARGET_DIR/debug"
}

# Likewise.
check_autobahn() {
  if [ ! -e "$autobahn/complete" ]; then
    echo "SKIPPED: the Python 2.7 that the Autobahn test suite needs cannot be reached from here"
    return
  fi
  local wstest='import txaio; txaio.use_twisted(); from autobahntestsuite.wstest import run; run()'
  timeout 600 "$python" .ci/autobahn.py "$CARGO_TARGET_DIR/debug" "$autobahn/python2" -c "$wstest"
}

# What tools/probe asks AWS, asked of the gateway.
check_probe() {
  timeout 300 "$python" .ci/open_questions.py "$CARGO_TARGET_DIR/debug"
}

# All of the workspace is named, so that nothing is built with other features than for the tests before.
check_costs() {
  cargo build --workspace --locked --bin cost
  "$CARGO_TARGET_DIR/debug/cost" --check
}

# With keys as infra/signing-key makes them, in the middle of a rotation.
check_binaries_start() {
  local deployment
  deployment=$(mktemp -d)
  cp infra/signing-key "$deployment"
  "$deployment/signing-key" ci
  "$deployment/signing-key" ci
  "$python" .ci/start.py template.yaml "$deployment/keys/ci.yaml" "$CARGO_TARGET_DIR/release"
  rm -r "$deployment"
}

# As above.
check_end_to_end() {
  PARLANCE_REQUIRE_APERTIUM=1 PARLANCE_BINARIES=$CARGO_TARGET_DIR/release \
    cargo test --workspace --no-fail-fast --test end_to_end
}

# The program that the tests have built, and the release binaries.
check_cargo_lambda() {
  "$python" .ci/cargo_lambda.py "$CARGO_TARGET_DIR/debug/parlance"
}

# The same stories with Amazon's own DynamoDB and LocalStack's S3 behind them. Those of the command line start stacks of
# their own, which know nothing of it.
check_localstack() {
  export LOCALSTACK_ROOT=$PARLANCE_CI_CACHE/localstack-$(cat localstack/up localstack/requirements.txt | sha256sum | cut -c 1-12)
  INSTALL_ONLY=1 retry localstack/up "$LOCALSTACK_ROOT"
  PARLANCE_REQUIRE_APERTIUM=1 localstack/with \
    cargo test --workspace --offline --test end_to_end -- --skip command::
}

# What docs/deployment.md has people run, and that every CodeUri of the template gets a binary by it.
check_deployment_build() {
  local lambda=$PARLANCE_CI_CACHE/lambda code
  rm -rf "$lambda"
  cargo lambda build --release --arm64 --locked -p function-binaries --lambda-dir "$lambda"
  for code in $(sed -n 's|^ *CodeUri: target/lambda/||p' template.yaml); do
    test -x "$lambda/${code%/}/bootstrap" || { echo "no binary for CodeUri target/lambda/$code" >&2; return 1; }
  done
}
